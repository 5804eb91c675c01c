import { createServer, type Server, type Socket } from 'node:net';
import { encodeFailure, encodeFrame, type Frame, FrameMemory, FrameSplitter } from '@understudy/inference';
import type { ModelSession } from './model-session';

/**
 * Answers run frames on a Unix socket, one run at a time in the order they came: the runtime occupies the only thread anyway.
 * Serving processes connect as they like; results go back on the connection that asked.
 */
export class TensorServer {
  private readonly server: Server;
  private readonly memory = new FrameMemory();
  private readonly waiting: { readonly frame: Frame; readonly bytes: Buffer; readonly socket: Socket }[] = [];
  private busy = false;

  constructor(
    private readonly session: ModelSession,
    private readonly maxOutputBytes: number,
  ) {
    this.server = createServer({ noDelay: true }, (socket) => {
      const splitter = new FrameSplitter((frame, bytes) => {
        this.waiting.push({ frame, bytes, socket });
        void this.work();
      }, this.memory);
      socket.on('data', (chunk) => {
        splitter.push(chunk);
      });
      // A serving process that went away takes its own requests with it; there is nobody left to tell.
      socket.on('error', () => {
        socket.destroy();
      });
    });
  }

  async listen(path: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(path, resolve);
    });
  }

  private async work(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) {
      if (!next.socket.destroyed) write(next.socket, await this.answer(next.frame));
      // The runtime's outputs have memory of their own.
      this.memory.giveBack(next.bytes);
    }
    this.busy = false;
  }

  private async answer({ id, tensors }: Frame): Promise<Uint8Array[]> {
    try {
      const frame = encodeFrame('result', id, await this.session.run(tensors));
      const bytes = frame.reduce((sum, { length }) => sum + length, 0);
      return bytes > this.maxOutputBytes ? encodeFailure(id, tooLarge(bytes, this.maxOutputBytes)) : frame;
    } catch (error) {
      return encodeFailure(id, error instanceof Error ? error.message : String(error));
    }
  }
}

function tooLarge(bytes: number, limitBytes: number): string {
  return (
    `the model gives out ${bytes} bytes for this input, and at most ${limitBytes} are taken. ` +
    'Ask for fewer rows at a time, or raise UNDERSTUDY_MAX_OUTPUT_BYTES'
  );
}

function write(socket: Socket, buffers: readonly Uint8Array[]): void {
  if (buffers.length > 1) socket.cork();
  for (const buffer of buffers) socket.write(buffer);
  if (buffers.length > 1) socket.uncork();
}
