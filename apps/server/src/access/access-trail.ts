import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Clock, Logger, messageOf } from '@understudy/platform';
import { type AuditEntry, AuditTrail } from '@understudy/store';
import { sourceNetwork } from './source-address';

/** Of one source, and of all together, so many of a kind are written each minute; the others are counted. */
const WINDOW_MS = 60_000;
const MOST_OF_ONE_SOURCE = 10;
const MOST_OF_ALL = 100;
/** While the database does not take them, so many of a kind wait. */
const MOST_WAITING = 100;

/**
 * Writes attempts that were refused for who made them, and sign-ins, to the audit trail: bounded, for anybody who reaches the port can
 * make any number of them, and beside the answer, which does not wait for the database. What was done has a bound of its own, so that no
 * flood of refused attempts hides who came in.
 */
@Injectable()
export class AccessTrail implements OnModuleDestroy {
  private readonly refused: Allowance;
  private readonly done: Allowance;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly audit: AuditTrail,
    clock: Clock,
    private readonly logger: Logger,
  ) {
    this.refused = new Allowance(clock);
    this.done = new Allowance(clock);
  }

  record(entry: AuditEntry): void {
    const isDone = entry.outcome === 'done';
    const allowance = isDone ? this.done : this.refused;
    if (!allowance.take(sourceNetwork(entry.origin.address ?? 'unknown'))) return;
    const left = allowance.takeLeft();
    const note = isDone ? { signInsNotRecorded: left } : { refusedAttemptsNotRecorded: left };
    const noted = left === 0 ? entry : { ...entry, after: note };
    this.writing = this.writing
      .then(() => this.audit.record(noted))
      .catch((error: unknown) => {
        const { action, subject, origin } = entry;
        this.logger.warn('An attempt could not be recorded in the audit trail', {
          action,
          subject,
          requestId: origin.requestId,
          problem: messageOf(error),
        });
      })
      .finally(() => {
        allowance.release();
      });
  }

  /** Before the database closes, what was taken is written. */
  async onModuleDestroy(): Promise<void> {
    await this.writing;
  }
}

/** What may be written of one kind, and how much was left out. */
class Allowance {
  private windowEndsMs = 0;
  private written = 0;
  private waiting = 0;
  private left = 0;
  private readonly writtenOf = new Map<string, number>();

  constructor(private readonly clock: Clock) {}

  /** Whether an entry of a source may be written, which {@link release} is told of then; otherwise it is counted. */
  take(source: string): boolean {
    const nowMs = this.clock.monotonicMs();
    if (nowMs >= this.windowEndsMs) {
      this.windowEndsMs = nowMs + WINDOW_MS;
      this.written = 0;
      this.writtenOf.clear();
    }
    const ofSource = this.writtenOf.get(source) ?? 0;
    if (this.waiting >= MOST_WAITING || this.written >= MOST_OF_ALL || ofSource >= MOST_OF_ONE_SOURCE) {
      this.left++;
      return false;
    }
    this.waiting++;
    this.written++;
    this.writtenOf.set(source, ofSource + 1);
    return true;
  }

  /** How many were left out since it was last asked. */
  takeLeft(): number {
    const { left } = this;
    this.left = 0;
    return left;
  }

  release(): void {
    this.waiting--;
  }
}
