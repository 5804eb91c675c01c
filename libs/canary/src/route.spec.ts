import fc from 'fast-check';
import { placeOfKey } from './place-of-key';
import { type ReadySlots, route, type RoutingHints } from './route';

const BOTH_READY: ReadySlots = { current: true, next: true };
const NO_HINTS: RoutingHints = { forcedSlot: undefined, canaryKey: undefined };

describe('route', () => {
  test.each([
    { name: 'all current', canaryProbability: 1, draw: 0, slot: 'current' },
    { name: 'all next', canaryProbability: 0, draw: 0.999_999, slot: 'next' },
    { name: 'below the share of next', canaryProbability: 0.9, draw: 0.05, slot: 'next' },
    { name: 'above the share of next', canaryProbability: 0.9, draw: 0.15, slot: 'current' },
  ])('sends a request to $slot: $name', ({ canaryProbability, draw, slot }) => {
    expect(route(NO_HINTS, { canaryProbability }, BOTH_READY, draw)).toEqual({ slot, because: 'split' });
  });

  it('says when a key decided', () => {
    const hints = { ...NO_HINTS, canaryKey: 'user-1' };
    expect(route(hints, { canaryProbability: 0.5 }, BOTH_READY, 0.2)).toEqual({ slot: 'next', because: 'sticky' });
  });

  it('obeys a forced slot whatever the split, and whether or not it is ready', () => {
    const ready = { current: true, next: false };
    expect(route({ ...NO_HINTS, forcedSlot: 'next' }, { canaryProbability: 1 }, ready, 0.5)).toEqual({
      slot: 'next',
      because: 'forced',
    });
    expect(route({ ...NO_HINTS, forcedSlot: 'current' }, { canaryProbability: 0 }, ready, 0.5)).toEqual({
      slot: 'current',
      because: 'forced',
    });
  });

  it('keeps requests from a next that cannot answer', () => {
    const ready = { current: true, next: false };
    expect(route(NO_HINTS, { canaryProbability: 0 }, ready, 0.5)).toEqual({
      slot: 'current',
      because: 'next-not-ready',
    });
  });

  it('[case 99] sends not one request to next at 1, and not one to current at 0', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (draw) => {
        expect(route(NO_HINTS, { canaryProbability: 1 }, BOTH_READY, draw).slot).toBe('current');
        expect(route(NO_HINTS, { canaryProbability: 0 }, BOTH_READY, draw).slot).toBe('next');
      }),
    );
  });
});

/** Five standard deviations of the share of 100,000 draws around one half: a fair rule fails once in a million runs. */
const TOLERANCE = (5 * 0.5) / Math.sqrt(100_000);

/** A small generator (mulberry32), so that a failure can be run again. */
function seededDraws(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const slotOfKey = (key: string, canaryProbability: number): string =>
  route({ forcedSlot: undefined, canaryKey: key }, { canaryProbability }, BOTH_READY, placeOfKey(key, 'default')).slot;

describe('the realised share of next', () => {
  it('[case 100] over 100,000 draws is the share that was asked for', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer(), (canaryProbability, seed) => {
        const draw = seededDraws(seed);
        let next = 0;
        for (let request = 0; request < 100_000; request++) {
          if (route(NO_HINTS, { canaryProbability }, BOTH_READY, draw()).slot === 'next') next++;
        }
        expect(Math.abs(next / 100_000 - (1 - canaryProbability))).toBeLessThan(TOLERANCE);
      }),
      { numRuns: 20 },
    );
  });

  it.each([0.99, 0.9, 0.5, 0.25, 0.05])(
    '[case 100] over 100,000 keys is right at a probability of %d',
    (canaryProbability) => {
      let next = 0;
      for (let user = 0; user < 100_000; user++) if (slotOfKey(`user-${user}`, canaryProbability) === 'next') next++;
      expect(Math.abs(next / 100_000 - (1 - canaryProbability))).toBeLessThan(TOLERANCE);
    },
  );
});

describe('a canary key', () => {
  it('[case 100] never goes back to current while the share of next grows', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (key, one, other) => {
          const [moreNext, lessNext] = [Math.min(one, other), Math.max(one, other)];
          if (slotOfKey(key, lessNext) === 'next') expect(slotOfKey(key, moreNext)).toBe('next');
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('has the same place always, and another in another deployment', () => {
    expect(placeOfKey('user-1', 'default')).toBe(placeOfKey('user-1', 'default'));
    expect(placeOfKey('user-1', 'default')).not.toBe(placeOfKey('user-1', 'fraud'));
  });

  it('has a place that no release may change: users would jump between slots', () => {
    expect(placeOfKey('user-1', 'default')).toBeCloseTo(0.572747, 6);
  });
});
