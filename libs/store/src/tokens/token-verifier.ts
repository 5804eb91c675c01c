import { type Clock, type Logger, messageOf } from '@understudy/platform';
import type { ChangeFeed } from '../changes/change-feed';
import type { TokenVerdict } from './token';
import { TokenSnapshot } from './token-snapshot';
import type { TokenStore } from './token-store';

/** How often the times of last use are written down, and how exact they are, in milliseconds. */
const USES_INTERVAL_MS = 30_000;

/** Between two attempts to read the tokens again after a change, in milliseconds. */
const RELOAD_PAUSE_MS = 250;

/** Verifies tokens from memory, so that no request waits for the database; reads them again when something changed. */
export class TokenVerifier {
  private held = TokenSnapshot.empty;
  private uses = new Map<string, Date>();
  private readonly stopping = new AbortController();
  private readonly tasks: Promise<void>[] = [];
  private unsubscribe: () => void = () => undefined;
  private reading: Promise<void> = Promise.resolve();
  private changes = 0;
  private reloading = false;
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly store: TokenStore,
    private readonly feed: ChangeFeed,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** Reads the tokens; throws DomainError `database-unavailable` when that cannot be done at the start. */
  async start(): Promise<void> {
    this.unsubscribe = this.feed.subscribe(() => {
      this.changes++;
      if (!this.reloading) this.tasks[0] = this.reload();
    });
    await this.read();
    this.tasks[1] = this.writeUsesUntilStopped();
  }

  async stop(): Promise<void> {
    this.unsubscribe();
    this.stopping.abort(new Error('the server is stopping'));
    await Promise.all(this.tasks);
    await this.writeUses();
  }

  /** The tokens as they are known now: another object after every change. */
  get snapshot(): TokenSnapshot {
    return this.held;
  }

  verify(presented: string): TokenVerdict {
    const now = this.clock.now();
    const verdict = this.held.verify(presented, now);
    if (verdict.ok) this.recordUse(verdict.token.id);
    return verdict;
  }

  /** For who verifies by a snapshot. */
  recordUse(id: string): void {
    this.uses.set(id, this.clock.now());
  }

  /**
   * Reads the tokens now, for who just changed them and answers only when the change counts here. When the database fails, what
   * was announced is read a little later.
   */
  async refresh(): Promise<void> {
    await this.read().catch((error: unknown) => {
      this.logger.warn('The tokens could not be read again; trying on', { problem: messageOf(error) });
    });
  }

  /** Calls the listener each time that the tokens were read again. */
  onRead(listener: () => void): void {
    this.listeners.add(listener);
  }

  /** One read after the other, so that an older state never replaces a newer one. */
  private read(): Promise<void> {
    const read = this.reading.then(async () => {
      this.held = new TokenSnapshot(await this.store.readHashed());
      for (const listener of this.listeners) listener();
    });
    this.reading = read.catch(() => undefined);
    return read;
  }

  /** Until what is held is as new as the last change that was heard of: a revoked token must not stay for a failed read. */
  private async reload(): Promise<void> {
    this.reloading = true;
    const { signal } = this.stopping;
    for (let seen = -1; seen !== this.changes && !signal.aborted;) {
      const changes = this.changes;
      try {
        await this.read();
        seen = changes;
      } catch (error) {
        this.logger.warn('The tokens could not be read again; trying on', { problem: messageOf(error) });
        await this.clock.sleep(RELOAD_PAUSE_MS, signal).catch(() => undefined);
      }
    }
    this.reloading = false;
  }

  private async writeUsesUntilStopped(): Promise<void> {
    const { signal } = this.stopping;
    for (;;) {
      await this.clock.sleep(USES_INTERVAL_MS, signal).catch(() => undefined);
      if (signal.aborted) return;
      await this.writeUses();
    }
  }

  private async writeUses(): Promise<void> {
    const uses = this.uses;
    this.uses = new Map();
    try {
      await this.store.recordUses(uses);
    } catch (error) {
      // Kept for the next time; a newer use wins.
      this.uses = new Map([...uses, ...this.uses]);
      this.logger.warn('The last uses of tokens could not be written', { problem: messageOf(error) });
    }
  }
}
