import { setImmediate as nextTurn } from 'node:timers/promises';
import { isDomainError } from '@understudy/platform';

/**
 * Lets one piece of work run at a time, in the order of asking. Between two that wait, the event loop gets its turn: the embedded
 * database answers without leaving the thread, and a thousand changes in a row would hold up every prediction. When the database turns out to be unavailable, everybody who was
 * waiting by then is told so at once: ten requests behind a hanging one would otherwise each wait out their own timeout in turn.
 */
export class Turns {
  private last: Promise<unknown> = Promise.resolve();
  private turn = 0;
  private waiting = 0;
  private failure: { readonly error: unknown; readonly lastWaiting: number } | null = null;

  /** Throws what the work throws, or DomainError `database-unavailable` of somebody before. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const mine = ++this.turn;
    const isFree = this.waiting++ === 0;
    const result = this.last.then(async () => {
      try {
        if (!isFree) await nextTurn();
        if (this.failure !== null && mine <= this.failure.lastWaiting) throw this.failure.error;
        return await work();
      } catch (error) {
        if (isDomainError(error, 'database-unavailable')) this.failure = { error, lastWaiting: this.turn };
        throw error;
      } finally {
        this.waiting--;
      }
    });
    this.last = result.catch(() => undefined);
    return result;
  }

  /** Runs it once everything has ended that was asked for before, however it ended. */
  end(work: () => Promise<void>): Promise<void> {
    const result = this.last.then(work);
    this.last = result.catch(() => undefined);
    return result;
  }
}
