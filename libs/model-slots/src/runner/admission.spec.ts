import { type Arrival, type Backlog, type QueueLimits, whyNotAdmitted } from './admission';

const LIMITS: QueueLimits = { requests: 100, rows: 1000, bytes: 10_000 };

/** A row takes 1 ms, and a quarter is added to whatever is expected. */
const backlog = (waiting: Partial<QueueLimits> = {}, more: Partial<Backlog> = {}): Backlog => ({
  waiting: { requests: 10, rows: 100, bytes: 1000, ...waiting },
  rowsUnderWay: 10,
  msPerRow: 1,
  ...more,
});
const arrival = (more: Partial<Arrival> = {}): Arrival => ({ rows: 1, bytes: 10, timeLeftMs: 1000, ...more });

describe('a request', () => {
  it.each([
    ['that fits', backlog(), arrival()],
    ['of any size when nothing waits', backlog({ requests: 0, rows: 0, bytes: 0 }), arrival({ rows: 1e6, bytes: 1e9 })],
    ['when nothing waits, however slow the model seems', backlog({ requests: 0 }, { msPerRow: 1e6 }), arrival()],
    [
      'that fills the queue to the brim',
      backlog({ requests: 99, rows: 999, bytes: 9990 }),
      arrival({ timeLeftMs: 1e9 }),
    ],
    ['that will be just in time', backlog(), arrival({ timeLeftMs: 139 })],
    [
      'while the runner is being started again',
      backlog({ rows: 900 }, { msPerRow: undefined }),
      arrival({ timeLeftMs: 1 }),
    ],
  ])('%s is taken', (_, before, request) => {
    expect(whyNotAdmitted(before, request, LIMITS)).toBeUndefined();
  });

  it.each([
    [
      '[case 122] too many by count',
      backlog({ requests: 100 }),
      arrival(),
      '100 requests with 100 rows are waiting, and no more than 100 may (UNDERSTUDY_MAX_WAITING_REQUESTS). Try again in a second',
    ],
    [
      '[case 122] too many by rows',
      backlog({ rows: 1000 }),
      arrival(),
      '10 requests with 1000 rows are waiting, and no more than 1000 rows may (UNDERSTUDY_MAX_WAITING_ROWS). Try again in 2 seconds',
    ],
    [
      '[case 122] too many by bytes',
      backlog({ bytes: 9_995 }),
      arrival(),
      '10 requests with 100 rows are waiting, and no more than 10000 bytes may (UNDERSTUDY_MAX_WAITING_BYTES). Try again in a second',
    ],
    [
      '[case 121] that would be late',
      backlog({}, { msPerRow: 20 }),
      arrival({ timeLeftMs: 220.7 }),
      '10 requests with 100 rows are waiting: this one would be answered in about 2775 ms and may take 220 ms. Try again in 3 seconds',
    ],
    [
      '[case 123] with a deadline of 1 ms behind others',
      backlog(),
      arrival({ timeLeftMs: 1 }),
      '10 requests with 100 rows are waiting: this one would be answered in about 139 ms and may take 1 ms. Try again in a second',
    ],
    [
      'that is late already',
      backlog(),
      arrival({ timeLeftMs: -5 }),
      '10 requests with 100 rows are waiting: this one would be answered in about 139 ms and may take 0 ms. Try again in a second',
    ],
  ])('%s is turned away at once', (_, before, request, problem) => {
    expect(whyNotAdmitted(before, request, LIMITS)?.problem).toBe(problem);
  });

  it('is never asked to come back later than in half a minute', () => {
    const refusal = whyNotAdmitted(backlog({}, { msPerRow: 1e6 }), arrival(), LIMITS);
    expect(refusal?.retryAfterSeconds).toBe(30);
  });
});
