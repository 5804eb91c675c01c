import { setTimeout as sleep } from 'node:timers/promises';

/** Time as the product sees it: a port, so that a test can move it. */
export abstract class Clock {
  /** Wall-clock time; for records and people, never for measuring a duration. */
  abstract now(): Date;
  /** Milliseconds on a clock that never goes back; for timeouts and durations. */
  abstract monotonicMs(): number;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when it is aborted first. */
  abstract sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export class SystemClock extends Clock {
  override now(): Date {
    return new Date();
  }

  override monotonicMs(): number {
    return performance.now();
  }

  override async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    await sleep(ms, undefined, signal ? { signal } : {});
  }
}
