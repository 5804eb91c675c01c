import { connect, type Socket } from 'node:net';
import {
  encodeFrame,
  failureSentence,
  type Frame,
  FrameSplitter,
  type FrameTensor,
  type ReceivedTensor,
} from '@understudy/inference';
import { onread } from '@understudy/sockets';

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

  private readonly socket: Socket;

  private constructor(
    path: string,
    private readonly listener: ChannelListener,
  ) {
    const splitter = new FrameSplitter((frame) => {
      this.take(frame);
    });
    this.socket = connect({ path, onread: onread(splitter) });
  }

  static async open(path: string, listener: ChannelListener): Promise<RunnerChannel> {
    const channel = new RunnerChannel(path, listener);
    await new Promise<void>((resolve, reject) => {
      channel.socket.once('connect', resolve);
      channel.socket.once('error', reject);
    });
    channel.begin();
    return channel;
  }

  private begin(): void {
    this.socket.on('error', () => {
      this.socket.destroy();
    });
    this.socket.on('close', () => {
      this.waiting.clear();
      this.listener.onClose();
    });
    if (this.listener.notices) for (const buffer of encodeFrame('notify', 0, [])) this.socket.write(buffer);
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

  private take(frame: Frame): void {
    if (frame.kind === 'begun') this.listener.onBegun();
    else this.deliver(frame);
  }

  private deliver(frame: Frame): void {
    const done = this.waiting.get(frame.id);
    this.waiting.delete(frame.id);
    done?.(
      frame.kind === 'failure' ? { ok: false, problem: failureSentence(frame) } : { ok: true, outputs: frame.tensors },
    );
  }
}
