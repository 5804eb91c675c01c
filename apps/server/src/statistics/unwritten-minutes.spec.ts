import type { ArmMinute } from '@understudy/store';
import { UnwrittenMinutes } from './unwritten-minutes';

const row = (minute: number, requests = 1, version = 'models:/iris/1'): ArmMinute => ({
  minute,
  replicaId: 'r1',
  deployment: 'default',
  slot: 'current',
  version,
  requests,
  errors: 0,
  latency: { 5: requests },
  predictions: { 0: requests },
});

it('adds to the minute of an arm, and hands out the oldest first', () => {
  const minutes = new UnwrittenMinutes();
  for (const one of [row(1), row(1, 2), row(1, 4, 'models:/iris/2'), row(2, 8)]) minutes.add(one);
  expect(minutes.before(2)).toEqual([row(1, 3), row(1, 4, 'models:/iris/2')]);
  expect(minutes.before(3, 1)).toEqual([row(1, 3)]);
});

it('forgets what is written, but not what was added meanwhile: the whole minute is written again', () => {
  const minutes = new UnwrittenMinutes();
  minutes.add(row(1));
  minutes.add(row(2));
  const rows = minutes.before(3);
  minutes.add(row(2, 5));
  minutes.written(rows);
  expect(minutes.before(3)).toEqual([row(2, 6)]);
});

it('is bounded: the oldest go first and are counted', () => {
  const minutes = new UnwrittenMinutes(3);
  for (let minute = 1; minute <= 10; minute++) minutes.add(row(minute));
  expect(minutes.before(99).map(({ minute }) => minute)).toEqual([8, 9, 10]);
  expect([minutes.size, minutes.lost]).toEqual([3, 7]);
});
