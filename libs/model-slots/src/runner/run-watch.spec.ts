import { LOOK_PERIOD_MS, RunWatch, type WatchedRun } from './run-watch';

/** One row takes 1 ms, 64 take 10. */
const TIMINGS = [
  { rows: 1, elements: 4, ms: 1 },
  { rows: 64, elements: 256, ms: 10 },
];

const aRun = (rows = 1): WatchedRun => ({
  rows,
  elements: 4 * rows,
  begun: true,
  behindMs: 0,
  watchedMs: 0,
});

function begin(options: Partial<ConstructorParameters<typeof RunWatch>[0]> = {}): RunWatch {
  const watch = new RunWatch({ runTimeoutMs: undefined, requestTimeoutMs: 30_000, ...options });
  watch.begin(TIMINGS);
  return watch;
}

/** Looks at one run for so long; says what was found and when. */
function lookFor(watch: RunWatch, run: WatchedRun, ms: number, fromMs = 0): string | undefined {
  for (let nowMs = fromMs; nowMs <= fromMs + ms; nowMs += LOOK_PERIOD_MS) {
    const found = watch.look(nowMs, run);
    if (found !== undefined) return found;
  }
  return undefined;
}

describe('[case 78] a run', () => {
  it('that does not end is found out', () => {
    expect(lookFor(begin(), aRun(), 4_900)).toBeUndefined();
    expect(lookFor(begin(), aRun(), 5_100)).toBe(
      'a run of one row did not end within 5000 ms (UNDERSTUDY_RUN_TIMEOUT_MS)',
    );
    expect(lookFor(begin({ runTimeoutMs: 200 }), aRun(3), 300)).toBe(
      'a run of 3 rows did not end within 200 ms (UNDERSTUDY_RUN_TIMEOUT_MS)',
    );
  });

  it('of very many rows is given longer', () => {
    expect(lookFor(begin(), aRun(4_000), 12_000)).toBeUndefined();
  });

  it('of a model that has become slow is given longer', () => {
    const watch = begin();
    for (let run = 0; run < 50; run++) watch.finished({ ...aRun(), watchedMs: 1_000 }, 1_000, true);
    expect(lookFor(watch, aRun(), 15_000)).toBeUndefined();
  });

  it('counts for itself: a runner that answers run after run never hangs', () => {
    const watch = begin();
    for (let nowMs = 0; nowMs < 60_000; nowMs += 1_000) expect(lookFor(watch, aRun(), 975, nowMs)).toBeUndefined();
  });
});

describe('a run that waits behind those of another process', () => {
  it('does not hang, however long they take; its own time begins with it', () => {
    const watch = begin();
    const run = { ...aRun(), begun: false };
    expect(lookFor(watch, run, 60_000)).toBeUndefined();
    run.begun = true;
    expect(lookFor(watch, run, 4_900, 60_000)).toBeUndefined();
    expect(lookFor(watch, run, 200, 64_900)).toMatch(/^a run of one row did not end/);
  });

  it('tells how fast the queue drains for this process: the wait counts', () => {
    const watch = begin();
    for (let run = 0; run < 50; run++)
      watch.finished({ ...aRun(), begun: true, behindMs: 900, watchedMs: 100 }, 1_000, true);
    expect(watch.msPerRow).toBeGreaterThan(900);
  });
});

describe('[case 112] a server that was stopped for a minute', () => {
  it('does not take the run under way for one that hangs', () => {
    const watch = begin();
    const run = aRun();
    expect(lookFor(watch, run, 1_000)).toBeUndefined();
    expect(watch.look(61_000, run)).toBeUndefined();
    expect(run.watchedMs).toBeLessThan(1_200);
  });

  it('does not take the model for slow', () => {
    const watch = begin();
    watch.finished({ ...aRun(64), watchedMs: 25 }, 60_000, true);
    expect(watch.msPerRow).toBeLessThan(2);
  });
});

it('learns how fast a queue drains only from runs that others waited for', () => {
  const watch = begin();
  for (let run = 0; run < 50; run++) watch.finished({ ...aRun(), watchedMs: 50 }, 50, false);
  expect(watch.msPerRow).toBeCloseTo(10 / 64);
  for (let run = 0; run < 50; run++) watch.finished({ ...aRun(), watchedMs: 50 }, 50, true);
  expect(watch.msPerRow).toBeGreaterThan(10);
});
