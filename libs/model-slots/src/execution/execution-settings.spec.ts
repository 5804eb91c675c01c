import { resolveExecution, sensibleThreads } from './execution-settings';

const PLACE = { cores: 8, otherRunners: 0 };

describe('how a model is run', () => {
  it('is on the processor, rewritten as far as possible, on half of the cores, where nobody wants anything', () => {
    expect(resolveExecution([{}, {}], PLACE)).toEqual({ threads: 4, provider: 'cpu', optimization: 'all' });
  });

  it('is what the first says who says something', () => {
    const load = { provider: 'cuda' } as const;
    const server = { provider: 'dml', threads: 2 } as const;
    const version = { threads: 3, optimization: 'basic' } as const;
    expect(resolveExecution([load, server, version], PLACE)).toEqual({
      threads: 2,
      provider: 'cuda',
      optimization: 'basic',
    });
  });

  it('never has more threads than there are cores', () => {
    expect(resolveExecution([{ threads: 64 }], PLACE).threads).toBe(8);
  });
});

describe('threads that nobody asked for', () => {
  it.each([
    [1, 0, 1],
    [2, 0, 1],
    [8, 0, 4],
    [8, 1, 4],
    [8, 3, 2],
    [64, 5, 10],
    [4, 20, 1],
  ])('on %d cores beside %d runners are %d', (cores, otherRunners, threads) => {
    expect(sensibleThreads({ cores, otherRunners })).toBe(threads);
  });
});
