import { Injectable } from '@nestjs/common';
import { Clock, type ErrorCode, isDomainError, Logger, messageOf } from '@understudy/platform';
import { type AuditEntry, AuditTrail, type JsonValue, type Origin } from '@understudy/store';
import { askedBy } from './asked-by';
import { RecordQueue } from './record-queue';

/** What was attempted, by whom. */
export interface Attempt {
  readonly origin: Origin;
  readonly action: string;
  /** `deployment:default`, `token:7f3a...` */
  readonly subject: string;
}

/** Attempts that broke on the way, rather than being refused. */
const BROKEN: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'registry-unavailable',
  'registry-refused',
  'registry-bad-answer',
  'model-load-failed',
  'model-load-timeout',
  'storage-failed',
  'database-unavailable',
  'change-outcome-unknown',
  'change-cancelled',
]);

/** Refusals that the store has recorded itself, in the transaction that refused. */
const RECORDED_BY_STORE: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['generation-mismatch', 'idempotency-key-reused']);

/** Records attempts that changed nothing. What was done is recorded with what it did, by the store. */
@Injectable()
export class Attempts {
  private readonly recorded = new WeakSet();

  constructor(
    private readonly audit: AuditTrail,
    private readonly queue: RecordQueue,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** Records why an attempt came to nothing, once for each error, however often it is told. Waits while the database answers. */
  async refused(attempt: Attempt, error: unknown, state: JsonValue = null): Promise<void> {
    if (typeof error === 'object' && error !== null) {
      if (this.recorded.has(error)) return;
      this.recorded.add(error);
    }
    const entry: AuditEntry = {
      ...attempt,
      before: state,
      after: state,
      ...verdictOn(error),
    };
    await this.write(entry, isDomainError(error, 'change-outcome-unknown'));
  }

  /** Records an attempt that asked for what was so already. */
  async nothingToDo(attempt: Attempt, state: JsonValue): Promise<void> {
    await this.write({ ...attempt, before: state, after: state, outcome: 'done', problem: null }, false);
  }

  /** Keeps an error that the store threw from being recorded a second time. */
  noteStoreRefusal(error: unknown): void {
    if (isDomainError(error) && RECORDED_BY_STORE.has(error.code)) this.recorded.add(error);
  }

  noteRecorded(error: object): void {
    this.recorded.add(error);
  }

  private async write(entry: AuditEntry, mayHaveBeenMade: boolean): Promise<void> {
    const since = this.clock.now();
    try {
      await this.queue.submit(async () => {
        // Recorded as failed only where the database, once it is back, does not know it as done.
        if (mayHaveBeenMade && (await this.wasDone(entry, new Date(since.getTime() - UNKNOWN_FOR_MS)))) return;
        await this.audit.record({ ...entry, origin: lateNoted(entry.origin, since, this.clock.now()) });
      }, true);
    } catch (error) {
      this.logger.error('An attempt could not be recorded', {
        action: entry.action,
        subject: entry.subject,
        outcome: entry.outcome,
        ...askedBy(entry.origin),
        problem: messageOf(error),
      });
    }
  }

  /** Whether an entry of the trail says that this very request was done. */
  async wasDone({ action, subject, origin }: Attempt, from?: Date): Promise<boolean> {
    const filter = { action, subject, requestId: origin.requestId, outcome: 'done' as const };
    const { events } = await this.audit.page(from === undefined ? filter : { ...filter, from }, 1);
    return events.length > 0;
  }
}

/** Refused, or broken on the way; HTTP's own refusals (a method, a path) count among the former. */
function verdictOn(error: unknown): Pick<AuditEntry, 'outcome' | 'problem'> {
  if (isDomainError(error)) {
    const outcome = BROKEN.has(error.code) ? 'failed' : 'refused';
    return { outcome, problem: { code: error.code, detail: error.message } };
  }
  const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined;
  if (typeof status === 'number' && status < 500)
    return { outcome: 'refused', problem: { code: `http-${status}`, detail: messageOf(error) } };
  const detail = 'The server could not make the change; its log says more';
  return { outcome: 'failed', problem: { code: 'internal-error', detail } };
}

/** An entry that is written late says when it came about. */
export function lateNoted(origin: Origin, since: Date, now: Date): Origin {
  if (now.getTime() - since.getTime() < LATE_MS) return origin;
  const note = `(came about at ${since.toISOString()}, recorded when the database was back)`;
  return { ...origin, reason: origin.reason === null ? note : `${origin.reason} ${note}` };
}

const LATE_MS = 2_000;

/** Longer than anybody waits for the outcome of a commit. */
const UNKNOWN_FOR_MS = 60_000;
