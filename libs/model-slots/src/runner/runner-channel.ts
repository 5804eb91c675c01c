import { connect, type Socket } from 'node:net';
import {
  encodeFrame,
  failureSentence,
  type Frame,
  FrameSplitter,
  type FrameTensor,
  type ReceivedTensor,
} from '@understudy/inference';

export type RunResult =
  { readonly ok: true; readonly outputs: readonly ReceivedTensor[] } | { readonly ok: false; readonly problem: string };

export interface ChannelListener {
  /** Whether the runner shall say which run it begins: other connections' runs may be in front of those of this one. */
  readonly notices: boolean;
  /** The runner begins the first run of this connection that it has not answered. */
  onBegun(): void;
  onClose(): void;
}

/** A connection to a runner's socket: runs go out as frames, results come back under the run's number. */
export class RunnerChannel {
  private readonly waiting = new Map<number, (result: RunResult) => void>();
  private nextId = 1;

  private constructor(
    private readonly socket: Socket,
    listener: ChannelListener,
  ) {
    const splitter = new FrameSplitter((frame) => {
      if (frame.kind === 'begun') listener.onBegun();
      else this.deliver(frame);
    });
    socket.on('data', (chunk) => {
      splitter.push(chunk);
    });
    socket.on('error', () => {
      socket.destroy();
    });
    socket.on('close', () => {
      this.waiting.clear();
      listener.onClose();
    });
    if (listener.notices) for (const buffer of encodeFrame('notify', 0, [])) socket.write(buffer);
  }

  static async open(path: string, listener: ChannelListener): Promise<RunnerChannel> {
    const socket = connect({ path, noDelay: true });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return new RunnerChannel(socket, listener);
  }

  /** Sends one run. `done` is not called when the connection closes first; whoever sent it learns that from `onClose`. */
  run(tensors: readonly FrameTensor[], done: (result: RunResult) => void): void {
    const id = this.nextId;
    this.nextId = id === 0xffff_ffff ? 1 : id + 1;
    this.waiting.set(id, done);
    const buffers = encodeFrame('run', id, tensors);
    if (buffers.length > 1) this.socket.cork();
    for (const buffer of buffers) this.socket.write(buffer);
    if (buffers.length > 1) this.socket.uncork();
  }

  close(): void {
    this.socket.destroy();
  }

  private deliver(frame: Frame): void {
    const done = this.waiting.get(frame.id);
    this.waiting.delete(frame.id);
    done?.(
      frame.kind === 'failure' ? { ok: false, problem: failureSentence(frame) } : { ok: true, outputs: frame.tensors },
    );
  }
}
