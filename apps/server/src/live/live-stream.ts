import type { ServerResponse } from 'node:http';
import { cutSlowReader } from '../http/cut-slow-reader';
import type { Asked, Board } from './board';

/** Somebody who takes nothing for so long is cut; what they miss until then costs nothing. */
const BLOCKED_MS = 30_000;

/** Why a stream ends, beside its reader going away. */
export interface StreamEnd {
  readonly code: string;
  readonly detail: string;
}

/** Who reads an event stream, and how far. It never queues: while the reader is slow nothing is written, and then the latest. */
export class LiveStream {
  private readonly key: string;
  private blockedSinceMs: number | null = null;
  private hasEnded = false;

  constructor(
    private readonly response: ServerResponse,
    private readonly board: Board,
    private readonly asked: Asked,
    private sequence: number,
    private readonly nowMs: () => number,
  ) {
    const names = asked.deployments === null ? '*' : [...asked.deployments].sort().join(',');
    this.key = `${names} ${asked.statistics}`;
  }

  get wantsStatistics(): boolean {
    return this.asked.statistics;
  }

  isAbout(deployment: string): boolean {
    return this.asked.deployments?.has(deployment) ?? true;
  }

  begin(): void {
    this.response.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      // A proxy that gathers answers would hold up every event.
      'X-Accel-Buffering': 'no',
    });
    this.response.socket?.setNoDelay(true);
    // Tells at once that it is open, whatever there is to tell; and how long to wait after a break.
    this.write('retry: 1000\n\n');
  }

  /** Writes what its reader does not know yet. */
  flush(): void {
    if (this.hasEnded || this.blockedSinceMs !== null || this.sequence === this.board.sequence) return;
    const bytes = this.board.since(this.sequence, this.asked, this.key);
    this.sequence = this.board.sequence;
    if (bytes.length > 0) this.write(bytes);
  }

  /** The first was told: there is nothing else than these. */
  ready(deployments: readonly string[]): void {
    this.write(`event: ready\ndata: ${JSON.stringify({ deployments })}\n\n`);
  }

  /** Writes what is no news, only that the connection is alive. */
  beat(event: string): void {
    if (this.blockedSinceMs === null) this.write(event);
    else if (this.nowMs() - this.blockedSinceMs > BLOCKED_MS) this.response.destroy();
  }

  end(end: StreamEnd): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.response.end(`event: end\ndata: ${JSON.stringify(end)}\n\n`);
    cutSlowReader(this.response);
  }

  private write(bytes: Buffer | string): void {
    if (this.hasEnded || this.response.write(bytes)) return;
    this.blockedSinceMs = this.nowMs();
    this.response.once('drain', () => {
      this.blockedSinceMs = null;
      this.flush();
    });
  }
}
