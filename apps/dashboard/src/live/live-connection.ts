import { heard, listensBy, lost } from './connection';
import { EventParser, type StreamEvent } from './event-parser';
import type { OpenStream } from './live-source';

/** A break that the next attempt mends is none that anybody must hear of. */
const FIRST_PAUSE_MS = 300;
const LONGEST_PAUSE_MS = 15_000;
/** The server says something every five seconds. */
const SILENCE_MS = 12_000;

/** How a stream came to its end. */
type Ending = 'changed' | 'broken' | 'refused' | 'signed-out';

export interface LiveListener {
  /** A stream begins: what it tells is whole once it says `ready`. */
  began(): void;
  took(event: StreamEvent): void;
  /** Who watches is not signed in, or no longer. */
  signedOut(): void;
}

/** Keeps one stream open while the page is visible: goes on where it broke off, after growing pauses, and pauses with the page. */
export class LiveConnection {
  private query: string | null = null;
  private lastEventId: string | null = null;
  /** Aborted when another stream is wanted than the one that is open: another query, or none while the page is hidden. */
  private wanted = new AbortController();
  private isStopped = false;

  constructor(
    private readonly open: OpenStream,
    private readonly listener: LiveListener,
  ) {}

  /** What is on screen from now on, as the query of the stream's address. */
  show(query: string): void {
    if (query === this.query) return;
    const isFirst = this.query === null;
    this.query = query;
    this.lastEventId = null;
    if (isFirst) {
      document.addEventListener('visibilitychange', this.onVisibility);
      void this.run();
    } else this.wanted.abort();
  }

  stop(): void {
    this.isStopped = true;
    document.removeEventListener('visibilitychange', this.onVisibility);
    this.wanted.abort();
  }

  private readonly onVisibility = (): void => {
    this.wanted.abort();
  };

  private async run(): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    let brokeAt: Date | undefined;
    while (!this.isStopped) {
      this.wanted = new AbortController();
      const { signal } = this.wanted;
      if (document.hidden) {
        await until(signal);
        continue;
      }
      const { ending, worked } = await this.listen(signal);
      if (worked) [pauseMs, brokeAt] = [FIRST_PAUSE_MS, undefined];
      if (ending === 'changed') continue;
      if (ending === 'signed-out') this.listener.signedOut();
      if (!worked) this.fail(ending, brokeAt);
      brokeAt ??= new Date();
      await until(signal, pauseMs);
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    }
  }

  /** Data is old where nobody answers; where somebody refuses it is asked for in the other way. */
  private fail(ending: Ending, since: Date | undefined): void {
    if (ending === 'broken') lost(since);
    if (!this.isStopped) listensBy('polling');
  }

  private async listen(wanted: AbortSignal): Promise<{ readonly ending: Ending; readonly worked: boolean }> {
    const silence = new AbortController();
    let watchdog = window.setTimeout(() => undefined, 0);
    const alive = (): void => {
      window.clearTimeout(watchdog);
      watchdog = window.setTimeout(() => {
        silence.abort();
      }, SILENCE_MS);
    };
    let worked = false;
    try {
      alive();
      const stream = await this.open(this.query ?? '', this.lastEventId, AbortSignal.any([wanted, silence.signal]));
      if (stream.status !== 200) return { ending: stream.status === 401 ? 'signed-out' : 'refused', worked };
      this.listener.began();
      const parser = new EventParser();
      for await (const piece of stream.pieces) {
        alive();
        heard();
        for (const event of parser.take(piece)) {
          if (wanted.aborted) break;
          worked ||= event.event === 'ready';
          this.take(event);
        }
      }
    } catch {
      // Broken off; whether somebody wanted that is known below.
    } finally {
      window.clearTimeout(watchdog);
    }
    return { ending: wanted.aborted ? 'changed' : 'broken', worked };
  }

  private take(event: StreamEvent): void {
    if (event.id !== null) this.lastEventId = event.id;
    this.listener.took(event);
    if (event.event === 'ready') listensBy('live');
  }
}

/** Resolves when it is aborted, or after a while that is not the same for all who wait. */
function until(signal: AbortSignal, ms?: number): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      window.clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = ms === undefined ? undefined : window.setTimeout(done, ms * (0.8 + 0.4 * Math.random()));
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}
