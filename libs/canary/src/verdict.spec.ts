import { judge, LEAST_REQUESTS } from './verdict';

const of = (requests: number, bad: number) => ({ requests, bad });
const QUIET = of(1000, 0);

/** A sequence of numbers from 0 to 1 that is the same in every run. */
function draws(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

describe('the verdict on next', () => {
  it('fails a version that answers nothing right, after a few requests', () => {
    expect(judge(of(LEAST_REQUESTS - 1, LEAST_REQUESTS - 1), QUIET, { maxErrorShare: 0.05 })).toBe('inconclusive');
    expect(judge(of(LEAST_REQUESTS, LEAST_REQUESTS), QUIET, { maxErrorShare: 0.05 })).toBe('fail');
  });

  it.each([
    ['one bad request of ten, which may be chance', of(10, 1), 'inconclusive'],
    ['no bad one of ten, which is too few for 1 %', of(10, 0), 'inconclusive'],
    ['no bad one of ten thousand', of(10_000, 0), 'pass'],
    ['a little above the limit, beyond doubt', of(100_000, 1_300), 'fail'],
    ['a little below the limit, beyond doubt', of(100_000, 700), 'pass'],
    ['at the limit', of(100_000, 1_000), 'inconclusive'],
  ])('with a limit of 1 %%: %s', (_, next, verdict) => {
    expect(judge(next, QUIET, { maxErrorShare: 0.01 })).toBe(verdict);
  });

  it('does not blame next for what goes wrong on both sides', () => {
    expect(judge(of(1000, 300), of(1000, 310), { maxErrorShare: 0.05 })).toBe('inconclusive');
    expect(judge(of(1000, 600), of(1000, 310), { maxErrorShare: 0.05 })).toBe('fail');
  });

  it('needs no current: next may answer everything', () => {
    expect(judge(of(100, 90), of(0, 0), { maxErrorShare: 0.05 })).toBe('fail');
    expect(judge(of(100, 90), of(3, 3), { maxErrorShare: 0.05 })).toBe('fail');
  });

  it('is hardly ever wrong about a version right at the limit, however often it is asked', () => {
    const draw = draws(7);
    let failed = 0;
    for (let rollout = 0; rollout < 200; rollout++) {
      let bad = 0;
      let isFailed = false;
      for (let requests = 1; requests <= 2_000; requests++) {
        if (draw() < 0.05) bad++;
        isFailed ||= judge(of(requests, bad), QUIET, { maxErrorShare: 0.05 }) === 'fail';
      }
      if (isFailed) failed++;
    }
    expect(failed).toBeLessThanOrEqual(2);
  });

  it('finds a version that is four times above the limit within some hundred requests', () => {
    const draw = draws(11);
    for (let rollout = 0; rollout < 50; rollout++) {
      let bad = 0;
      let requests = 0;
      while (judge(of(requests, bad), QUIET, { maxErrorShare: 0.05 }) !== 'fail') {
        requests++;
        if (draw() < 0.2) bad++;
        expect(requests).toBeLessThan(600);
      }
    }
  });
});
