import { type Clock, messageOf } from '@understudy/platform';

export interface Found {
  readonly ok: boolean;
  /** What is wrong; null where nothing is. */
  readonly problem: string | null;
}

/** Nobody looked yet: that it does not answer is not known. */
const NOT_LOOKED: Found = { ok: true, problem: null };

/** Something that is looked at only when somebody asks, and not more often than every so often: whoever asks waits for nothing long. */
export class Watched {
  private found = NOT_LOOKED;
  private lookedMs = Number.NEGATIVE_INFINITY;
  private looking: Promise<void> | undefined;

  constructor(
    /** Rejects where it does not answer. Must come to an end. */
    private readonly look: () => Promise<void>,
    private readonly freshMs: number,
    private readonly clock: Clock,
  ) {}

  /** What was found last; looks again in the background where that is old. */
  peek(): Found {
    void this.refresh();
    return this.found;
  }

  /** What is found now; what was found last where that takes longer than `patienceMs`. */
  async ask(patienceMs: number): Promise<Found> {
    const patience = new AbortController();
    const enough = this.clock.sleep(patienceMs, patience.signal).catch(() => undefined);
    await Promise.race([this.refresh(), enough]);
    patience.abort();
    return this.found;
  }

  private async refresh(): Promise<void> {
    if (this.looking === undefined && this.clock.monotonicMs() - this.lookedMs < this.freshMs) return;
    this.looking ??= this.lookNow();
    await this.looking;
  }

  private async lookNow(): Promise<void> {
    try {
      await this.look();
      this.found = { ok: true, problem: null };
    } catch (error) {
      this.found = { ok: false, problem: messageOf(error) };
    }
    this.lookedMs = this.clock.monotonicMs();
    this.looking = undefined;
  }
}
