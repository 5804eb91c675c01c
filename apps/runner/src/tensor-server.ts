import { createServer, type Server, type Socket } from 'node:net';
import { encodeFailure, encodeFrame, type Frame, FrameMemory, FrameSplitter } from '@understudy/inference';
import { readingInPlace } from '@understudy/sockets';
import type { ModelSession } from './model-session';

/** A frame, and the memory that it lies in. */
interface ReceivedRun {
  readonly frame: Frame;
  readonly bytes: Buffer;
}

/** One serving process's connection: its runs that wait, and whether it wants to know when one begins. */
interface Connection {
  readonly socket: Socket;
  readonly waiting: ReceivedRun[];
  notices: boolean;
}

/**
 * Answers run frames on a Unix socket, one run at a time: the runtime occupies the only thread anyway. Serving processes connect as
 * they like; results go back on the connection that asked. The runs of a connection keep their order, and connections take turns.
 */
export class TensorServer {
  private readonly server: Server;
  private readonly memory = new FrameMemory();
  /** Connections with waiting runs, in the order of their turns. */
  private readonly turns: Connection[] = [];
  private busy = false;

  constructor(
    private readonly session: ModelSession,
    private readonly maxOutputBytes: number,
  ) {
    this.server = createServer({ pauseOnConnect: true }, (accepted) => {
      const splitter = new FrameSplitter((frame, bytes) => {
        this.take(connection, { frame, bytes });
      }, this.memory);
      const socket =
        readingInPlace(accepted, splitter, false) ??
        accepted
          .on('data', (chunk) => {
            splitter.push(chunk);
          })
          .resume();
      const connection: Connection = { socket, waiting: [], notices: false };
      // A serving process that went away takes its own requests with it; there is nobody left to tell.
      socket.on('error', () => {
        socket.destroy();
      });
      socket.on('close', () => {
        accepted.destroy();
      });
    });
  }

  async listen(path: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(path, resolve);
    });
  }

  /** Takes no more connections. */
  close(): void {
    this.server.close();
  }

  private take(connection: Connection, run: ReceivedRun): void {
    if (run.frame.kind === 'notify') {
      connection.notices = true;
      return;
    }
    connection.waiting.push(run);
    if (connection.waiting.length === 1) this.turns.push(connection);
    void this.work();
  }

  private async work(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    for (let next = this.turns.shift(); next !== undefined; next = this.turns.shift()) {
      const { socket, waiting, notices } = next;
      const run = waiting.shift();
      if (waiting.length > 0) this.turns.push(next);
      if (run === undefined) continue;
      const { frame, bytes } = run;
      if (!socket.destroyed) {
        // Written before the run: should it end this process, the connection knows that its run was the one.
        if (notices) write(socket, encodeFrame('begun', frame.id, []));
        write(socket, await this.answer(frame));
      }
      // The runtime's outputs have memory of their own.
      this.memory.giveBack(bytes);
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
