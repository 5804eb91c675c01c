/** How much may wait for one runner. A request that finds nothing waiting is always taken, whatever its size. */
export interface QueueLimits {
  readonly requests: number;
  readonly rows: number;
  readonly bytes: number;
}

/** What is in front of a request that comes now. */
export interface Backlog {
  readonly waiting: QueueLimits;
  /** Rows that the runner has been given and not answered. */
  readonly rowsUnderWay: number;
  /** Milliseconds a row takes just now; undefined while the runner is being started again, for then nobody knows. */
  readonly msPerRow: number | undefined;
}

/** What a request brings; nothing where it has not been read yet. */
export interface Arrival {
  readonly rows: number;
  readonly bytes: number;
  /** Milliseconds until it has to be answered. */
  readonly timeLeftMs: number;
}

export interface Overload {
  readonly problem: string;
  readonly retryAfterSeconds: number;
}

const LONGEST_RETRY_SECONDS = 30;

/**
 * A wait is taken to be longer than it looks: a machine that is busy is busy with other things too, and a request that is late by
 * a little has cost a run that nobody gets anything from. Without it a third of what was taken at 5 times capacity came too late.
 */
const MARGIN = 1.25;

/**
 * Why a request is turned away at once instead of being answered late: the queue is full, or it would be over its deadline before
 * its turn. Undefined where it may wait. `shareBytes` is what this queue may hold beside those of the other runners.
 */
export function whyNotAdmitted(
  backlog: Backlog,
  arrival: Arrival,
  limits: QueueLimits,
  shareBytes = Infinity,
): Overload | undefined {
  const { waiting, rowsUnderWay, msPerRow } = backlog;
  if (waiting.requests === 0) return undefined;
  const waitMs = (waiting.rows + rowsUnderWay + arrival.rows) * (msPerRow ?? 0) * MARGIN;
  const full = whatIsFull(waiting, arrival, limits, shareBytes);
  if (full !== undefined) {
    const problem = `${waiting.requests} requests with ${waiting.rows} rows are waiting, and no more ${full}`;
    return overload(problem, waitMs);
  }
  if (waitMs <= arrival.timeLeftMs) return undefined;
  const problem =
    `${waiting.requests} requests with ${waiting.rows} rows are waiting: this one would be answered in about ` +
    `${Math.ceil(waitMs)} ms and may take ${Math.max(0, Math.floor(arrival.timeLeftMs))} ms`;
  return overload(problem, waitMs - arrival.timeLeftMs);
}

function whatIsFull(
  waiting: QueueLimits,
  arrival: Arrival,
  limits: QueueLimits,
  shareBytes: number,
): string | undefined {
  if (waiting.requests + 1 > limits.requests) return `than ${limits.requests} may (UNDERSTUDY_MAX_WAITING_REQUESTS)`;
  if (waiting.rows + arrival.rows > limits.rows) return `than ${limits.rows} rows may (UNDERSTUDY_MAX_WAITING_ROWS)`;
  if (waiting.bytes + arrival.bytes > limits.bytes)
    return `than ${limits.bytes} bytes may (UNDERSTUDY_MAX_WAITING_BYTES)`;
  if (waiting.bytes + arrival.bytes > shareBytes)
    return `than ${shareBytes} bytes may beside what waits for the others (UNDERSTUDY_MAX_WAITING_BYTES_IN_ALL)`;
  return undefined;
}

function overload(problem: string, ms: number): Overload {
  const seconds = Math.min(Math.max(Math.ceil(ms / 1000), 1), LONGEST_RETRY_SECONDS);
  return {
    problem: `${problem}. Try again in ${seconds === 1 ? 'a second' : `${seconds} seconds`}`,
    retryAfterSeconds: seconds,
  };
}
