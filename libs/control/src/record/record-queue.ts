import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Clock, Logger, messageOf } from '@understudy/platform';
import { DatabaseWatch, isUnavailable } from './database-watch';

/** What is written while somebody may wait for it: in time, or some time later. */
export type Recorded<T> = { readonly inTime: true; readonly result: T } | { readonly inTime: false };

interface Job {
  readonly attempt: () => Promise<void>;
  /** Nobody waits any longer. */
  readonly postpone: () => void;
}

/** So many records are kept while the database is away; beyond, attempts that changed nothing are only logged. */
const MOST_WAITING = 10_000;

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1_000;

/**
 * Writes records to the database in the order in which they came about. One that the database does not take stays first in line and
 * is tried again until it is back.
 */
@Injectable()
export class RecordQueue implements OnModuleDestroy {
  private readonly jobs: Job[] = [];
  private readonly stopping = new AbortController();
  private working: Promise<void> | null = null;

  constructor(
    private readonly database: DatabaseWatch,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  get waiting(): number {
    return this.jobs.length;
  }

  /**
   * Puts the work in line. Resolves when it is done, or as soon as the database turns out not to take it now; it is then done later.
   * Rejects with what the work throws, other than that the database is away. `mayBeDropped`: when too many wait, this one does not.
   */
  submit<T>(work: () => Promise<T>, mayBeDropped = false): Promise<Recorded<T>> {
    if (mayBeDropped && this.jobs.length >= MOST_WAITING) {
      this.logger.warn('Too many records wait for the database; one is only in this log', {
        waiting: this.jobs.length,
      });
      return Promise.resolve({ inTime: false });
    }
    return new Promise((resolve, reject) => {
      const attempt = async (): Promise<void> => {
        try {
          resolve({ inTime: true, result: await this.database.watch(work) });
        } catch (error) {
          if (isUnavailable(error)) throw error;
          reject(error instanceof Error ? error : new Error(messageOf(error)));
        }
      };
      const postpone = (): void => {
        resolve({ inTime: false });
      };
      this.jobs.push({ attempt, postpone });
      if (!this.database.isUp) postpone();
      this.working ??= this.work();
    });
  }

  /** Tries until the server stops; what is left then is in the log. */
  async onModuleDestroy(): Promise<void> {
    this.stopping.abort(new Error('the server is stopping'));
    await this.working;
    if (this.jobs.length > 0)
      this.logger.error('Records could not be written before the end', { records: this.jobs.length });
  }

  private async work(): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    for (let job = this.jobs[0]; job !== undefined; job = this.jobs[0]) {
      try {
        await job.attempt();
        this.jobs.shift();
        pauseMs = FIRST_PAUSE_MS;
      } catch (error) {
        for (const { postpone } of this.jobs) postpone();
        this.logger.debug('A record waits for the database', { problem: messageOf(error), waiting: this.jobs.length });
        if (this.stopping.signal.aborted) break;
        await this.clock.sleep(pauseMs, this.stopping.signal).catch(() => undefined);
        pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      }
    }
    this.working = null;
  }
}
