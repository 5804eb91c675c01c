import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Clock, Logger, messageOf } from '@understudy/platform';
import { type AuditEntry, AuditTrail } from '@understudy/store';
import { sourceNetwork } from './source-address';

/** Of one source, and of all together, so many are written each minute; the others are counted. */
const WINDOW_MS = 60_000;
const MOST_OF_ONE_SOURCE = 10;
const MOST_OF_ALL = 100;
/** While the database does not take them, so many wait. */
const MOST_WAITING = 100;

/**
 * Writes attempts that were refused for who made them, and sign-ins, to the audit trail: bounded, for anybody who reaches the port can
 * make any number of them, and beside the answer, which does not wait for the database.
 */
@Injectable()
export class AccessTrail implements OnModuleDestroy {
  private windowEndsMs = 0;
  private written = 0;
  private waiting = 0;
  private left = 0;
  private readonly writtenOf = new Map<string, number>();
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  record(entry: AuditEntry): void {
    if (!this.mayWrite(sourceNetwork(entry.origin.address ?? 'unknown'))) {
      this.left++;
      return;
    }
    const left = this.left;
    this.left = 0;
    const noted = left === 0 ? entry : { ...entry, after: { refusedAttemptsNotRecorded: left } };
    this.waiting++;
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
        this.waiting--;
      });
  }

  /** Before the database closes, what was taken is written. */
  async onModuleDestroy(): Promise<void> {
    await this.writing;
  }

  private mayWrite(source: string): boolean {
    const nowMs = this.clock.monotonicMs();
    if (nowMs >= this.windowEndsMs) {
      this.windowEndsMs = nowMs + WINDOW_MS;
      this.written = 0;
      this.writtenOf.clear();
    }
    const ofSource = this.writtenOf.get(source) ?? 0;
    if (this.waiting >= MOST_WAITING || this.written >= MOST_OF_ALL || ofSource >= MOST_OF_ONE_SOURCE) return false;
    this.written++;
    this.writtenOf.set(source, ofSource + 1);
    return true;
  }
}
