import { Injectable } from '@nestjs/common';
import { Clock, isDomainError, Logger, messageOf } from '@understudy/platform';

/** Whether the database answers, as far as this replica has seen. */
@Injectable()
export class DatabaseWatch {
  private trouble: { readonly since: Date; readonly problem: string } | null = null;

  constructor(
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  get isUp(): boolean {
    return this.trouble === null;
  }

  /** What is wrong, and since when; null while nothing is. */
  get problem(): { readonly since: Date; readonly problem: string } | null {
    return this.trouble;
  }

  /** Runs the work and takes from its outcome whether the database answers. Throws what the work throws. */
  async watch<T>(work: () => Promise<T>): Promise<T> {
    try {
      const result = await work();
      this.sawAnswer();
      return result;
    } catch (error) {
      if (isUnavailable(error)) this.sawSilence(messageOf(error));
      else this.sawAnswer();
      throw error;
    }
  }

  private sawAnswer(): void {
    if (this.trouble !== null) this.logger.info('The database answers again', { since: this.trouble.since });
    this.trouble = null;
  }

  private sawSilence(problem: string): void {
    if (this.trouble === null)
      this.logger.warn('The database does not answer; predictions go on, changes are refused', { problem });
    this.trouble ??= { since: this.clock.now(), problem };
  }
}

/** Whether the same may succeed once the database is back. */
export function isUnavailable(error: unknown): boolean {
  return isDomainError(error, 'database-unavailable') || isDomainError(error, 'change-outcome-unknown');
}
