import { Arm } from '../observation/arm';
import { RecentOutcomes } from './recent-outcomes';

const WINDOW_MS = 60_000;

let arm: Arm;

beforeEach(() => {
  arm = new Arm({ deployment: 'default', slot: 'next', version: 'models:/m/2' });
});

const answer = (times: number, ms = 1): void => {
  for (let time = 0; time < times; time++) arm.ended('predict', 'ok', ms);
};

it('tell what came since they were begun', () => {
  answer(5);
  const recent = new RecentOutcomes(WINDOW_MS, undefined, arm, 0);
  expect(recent.look(arm, 1_000)).toEqual({ requests: 0, bad: 0 });
  answer(3);
  arm.ended('infer', 'failed', 1);
  expect(recent.look(arm, 2_000)).toEqual({ requests: 4, bad: 1 });
});

it('leave out what the client sent wrong, and clients that went away', () => {
  const recent = new RecentOutcomes(WINDOW_MS, undefined, arm, 0);
  arm.ended('predict', 'refused', 1);
  arm.ended('predict', 'gone', 1);
  expect(recent.look(arm, 1_000)).toEqual({ requests: 0, bad: 0 });
});

it('count an arm from its first answer on, where there was none at the beginning', () => {
  const recent = new RecentOutcomes(WINDOW_MS, undefined, undefined, 0);
  expect(recent.look(undefined, 1_000)).toEqual({ requests: 0, bad: 0 });
  answer(2);
  expect(recent.look(arm, 2_000)).toEqual({ requests: 2, bad: 0 });
});

it('forget what is older than the window', () => {
  const recent = new RecentOutcomes(WINDOW_MS, undefined, arm, 0);
  answer(10);
  expect(recent.look(arm, 1_000)).toEqual({ requests: 10, bad: 0 });
  answer(1);
  expect(recent.look(arm, 61_000)).toEqual({ requests: 1, bad: 0 });
  expect(recent.look(arm, 200_000)).toEqual({ requests: 0, bad: 0 });
});

it('count slow requests as bad, and those that failed once', () => {
  const recent = new RecentOutcomes(WINDOW_MS, 100, arm, 0);
  answer(6, 20);
  answer(1, 100);
  answer(2, 101);
  arm.ended('predict', 'failed', 500);
  expect(recent.look(arm, 1_000)).toEqual({ requests: 10, bad: 3 });
});
