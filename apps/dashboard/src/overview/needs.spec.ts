import { slot } from '../../testing/show';
import type { Deployment } from '../api/types';
import { type ArmRates, assess, byNeed } from './needs';

const rates = (more: Partial<ArmRates> = {}): ArmRates => ({
  requestsPerSecond: 10,
  errorShare: 0,
  requests: 1000,
  p99Ms: 9,
  ...more,
});

function deployment({
  actual = {},
  ...more
}: Partial<Omit<Deployment, 'actual'>> & { actual?: Partial<Deployment['actual']> } = {}): Deployment {
  return {
    name: 'fraud',
    generation: 3,
    wanted: { current: null, next: null, previous: null, canaryProbability: 1, settings: {} },
    actual: { generation: 3, current: slot(), next: slot(), previous: null, canaryProbability: 1, ...actual },
    converged: true,
    problems: [],
    change: null,
    lastChange: null,
    lastError: null,
    replicas: { live: 1, reached: 1 },
    ...more,
  };
}

describe('assess', () => {
  it('finds a deployment quiet that serves and does nothing else', () => {
    expect(assess(deployment(), rates(), null)).toEqual({ need: 'quiet', sentence: null });
  });

  it('finds one failing whose current is empty', () => {
    expect(assess(deployment({ actual: { current: null } }), null, null)).toEqual({
      need: 'failing',
      sentence: 'Nothing is served: current holds no version.',
    });
  });

  it('finds one failing whose runner is, and says why', () => {
    const runner = { ...slot().runner, state: 'failed' as const, lastProblem: 'killed by SIGKILL' };
    expect(assess(deployment({ actual: { next: slot({ runner }) } }), null, null)).toEqual({
      need: 'failing',
      sentence: 'next (fraud v12) is failed: killed by SIGKILL.',
    });
  });

  it.each([
    ['many errors of current', rates({ errorShare: 0.06 }), null, 'current answers 6 % with errors.'],
    [
      'errors of next where current has none',
      rates(),
      rates({ errorShare: 0.02 }),
      'next answers 2 % with errors, current none.',
    ],
    [
      'many more errors of next',
      rates({ errorShare: 0.001 }),
      rates({ errorShare: 0.024 }),
      'next answers 24x more errors than current.',
    ],
  ])('finds one failing with %s', (_what, current, next, sentence) => {
    expect(assess(deployment(), current, next)).toEqual({ need: 'failing', sentence });
  });

  it('finds one failing whose last load failed, and not one whose split could not be set', () => {
    const failed = (modelUri: string | null) => {
      const problem = { code: 'model-version-not-found', detail: 'there is no version 99' };
      return { ...deployment(), change: { state: 'failed', modelUri, problem } as Deployment['change'] };
    };
    expect(assess(failed('models:/fraud/99'), rates(), null)).toEqual({
      need: 'failing',
      sentence: 'Loading models:/fraud/99 failed: there is no version 99',
    });
    expect(assess(failed(null), rates(), null).need).toBe('quiet');
  });

  it('says nothing of errors that rest on too few requests', () => {
    expect(assess(deployment(), rates(), rates({ errorShare: 0.5, requests: 10 })).need).toBe('quiet');
  });

  it('finds one converging that is not where it is wanted', () => {
    expect(assess(deployment({ converged: false }), null, null).need).toBe('converging');
  });

  it('finds a canary whose next answers a share', () => {
    expect(assess(deployment({ actual: { canaryProbability: 0.9 } }), rates(), rates())).toEqual({
      need: 'canary',
      sentence: 'fraud v12 answers 10 %.',
    });
  });
});

describe('byNeed', () => {
  it('puts the neediest first, and equals by name', () => {
    const item = (name: string, need: 'failing' | 'converging' | 'canary' | 'quiet') => ({
      deployment: { name },
      assessment: { need, sentence: null },
    });
    const sorted = byNeed([item('c', 'quiet'), item('b', 'quiet'), item('a', 'canary'), item('z', 'failing')]);
    expect(sorted.map(({ deployment: { name } }) => name)).toEqual(['z', 'a', 'b', 'c']);
  });
});
