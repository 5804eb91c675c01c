import type { LoadedVersion, ServedDeployments } from '@understudy/model-slots';
import { Clock, DomainError, Logger, ReplicaId } from '@understudy/platform';
import { type ArmMinute, ArmStatisticsStore } from '@understudy/store';
import { Arms } from '../observation/arms';
import { ArmStatisticsRecorder } from './arm-statistics-recorder';

/** Time that stands still until somebody moves it; who sleeps wakes then. */
class FakeClock extends Clock {
  ms = Date.parse('2026-03-01T12:00:30Z');
  private readonly sleepers = new Set<{ readonly untilMs: number; readonly wake: () => void }>();

  override now(): Date {
    return new Date(this.ms);
  }

  override monotonicMs(): number {
    return this.ms;
  }

  override async sleep(ms: number): Promise<void> {
    return new Promise((wake) => this.sleepers.add({ untilMs: this.ms + ms, wake }));
  }

  async advance(ms: number): Promise<void> {
    this.ms += ms;
    for (const sleeper of this.sleepers)
      if (sleeper.untilMs <= this.ms) {
        this.sleepers.delete(sleeper);
        sleeper.wake();
      }
    await new Promise(setImmediate);
  }
}

class FakeStore extends ArmStatisticsStore {
  readonly rows = new Map<string, ArmMinute>();
  isAway = false;

  override async write(minutes: readonly ArmMinute[]): Promise<void> {
    if (this.isAway) throw new DomainError('database-unavailable', 'away');
    for (const row of minutes) this.rows.set(`${row.minute} ${row.version}`, row);
  }

  override async sum() {
    return [];
  }

  override async series() {
    return [];
  }
}

const VERSION = { identity: { uri: 'models:/iris/1' } } as unknown as LoadedVersion;

function setUp() {
  const clock = new FakeClock();
  const store = new FakeStore();
  const held = { current: VERSION, next: null, previous: null };
  const deployments = { all: [{ name: 'default', held }] } as unknown as ServedDeployments;
  const arms = new Arms(deployments, clock);
  const recorder = new ArmStatisticsRecorder(arms, store, new ReplicaId(), clock, Logger.silent());
  recorder.onApplicationBootstrap();
  const predict = (times: number, outcome: 'ok' | 'failed' = 'ok', ms = 3): void => {
    for (let time = 0; time < times; time++) arms.of('default', 'current', VERSION).ended('predict', outcome, ms);
  };
  const written = () =>
    [...store.rows.values()].map(({ requests, errors, latency }) => ({ requests, errors, latency }));
  return { clock, store, recorder, predict, written };
}

it('writes each minute when it is over, and nothing for a minute without predictions', async () => {
  const { clock, recorder, predict, written } = setUp();
  predict(2);
  predict(1, 'failed', 1e9);
  await clock.advance(29_000);
  expect(written()).toEqual([]);
  await clock.advance(1_000);
  expect(written()).toEqual([{ requests: 3, errors: 1, latency: { 3: 2, inf: 1 } }]);
  await clock.advance(60_000);
  predict(5);
  await clock.advance(60_000);
  expect(written()).toEqual([
    { requests: 3, errors: 1, latency: { 3: 2, inf: 1 } },
    { requests: 5, errors: 0, latency: { 3: 5 } },
  ]);
  expect(recorder.unwrittenRows).toBe(0);
});

it('tells what is not written yet, and writes the whole minute all the same', async () => {
  const { clock, recorder, predict, written } = setUp();
  const requests = (): number[] => recorder.unwrittenIn('default', 0, Infinity).map((row) => row.requests);
  predict(2);
  expect(requests()).toEqual([2]);
  predict(1);
  expect(requests()).toEqual([3]);
  expect(recorder.unwrittenIn('other', 0, Infinity)).toEqual([]);
  await clock.advance(30_000);
  expect(written()).toEqual([expect.objectContaining({ requests: 3 })]);
  expect(requests()).toEqual([]);
});

it('keeps the minutes while the database is away', async () => {
  const { clock, store, recorder, predict, written } = setUp();
  store.isAway = true;
  for (let minute = 1; minute <= 3; minute++) {
    predict(minute);
    await clock.advance(60_000);
  }
  expect([written(), recorder.unwrittenRows, recorder.lostRows]).toEqual([[], 3, 0]);
  store.isAway = false;
  await clock.advance(60_000);
  expect(written().map(({ requests }) => requests)).toEqual([1, 2, 3]);
});

it('[case 111] writes the minute that is not over when the server stops', async () => {
  const { store, recorder, predict, written } = setUp();
  predict(7);
  expect(await recorder.flush()).toBe(true);
  expect(written()).toEqual([{ requests: 7, errors: 0, latency: { 3: 7 } }]);
  predict(1);
  store.isAway = true;
  expect(await recorder.flush()).toBe(false);
});
