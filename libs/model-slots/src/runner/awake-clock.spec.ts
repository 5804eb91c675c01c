import { AwakeClock } from './awake-clock';

it('counts what passes between its steps', () => {
  const clock = new AwakeClock(100);
  expect([1000, 1025, 1080].map((nowMs) => clock.step(nowMs))).toEqual([0, 25, 55]);
});

it('[case 112] counts a minute in which the process was stopped as one step at most', () => {
  const clock = new AwakeClock(100);
  expect([0, 25, 60_025, 60_050].map((nowMs) => clock.step(nowMs))).toEqual([0, 25, 100, 25]);
});
