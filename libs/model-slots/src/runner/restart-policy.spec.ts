import { RestartPolicy, type RunnerStint } from './restart-policy';

/** The pauses when each start ends in this way; the last is undefined where it gives up. */
function pauses(policy: RestartPolicy, stint: RunnerStint | undefined, starts: number): (number | undefined)[] {
  return Array.from({ length: starts }, () => {
    if (stint !== undefined) policy.ended(stint);
    return policy.next();
  });
}

it('[case 79] gives up a runner that ends again and again without answering anything, after growing pauses', () => {
  expect(pauses(new RestartPolicy(), { upMs: 50, hasAnswered: false }, 7)).toEqual([
    0,
    100,
    500,
    2_000,
    5_000,
    10_000,
    undefined,
  ]);
});

it('gives up one that cannot be loaded any more just so', () => {
  expect(pauses(new RestartPolicy(), undefined, 7).at(-1)).toBeUndefined();
});

it('[case 80] never gives up one that answers between its ends', () => {
  expect(pauses(new RestartPolicy(), { upMs: 50, hasAnswered: true }, 20)).toEqual([0, ...Array<number>(19).fill(100)]);
});

it('forgets the past of one that was up for long', () => {
  const policy = new RestartPolicy();
  pauses(policy, { upMs: 50, hasAnswered: false }, 5);
  expect(pauses(policy, { upMs: 30_000, hasAnswered: false }, 1)).toEqual([0]);
});
