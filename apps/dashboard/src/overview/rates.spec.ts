import { statistics } from '../../testing/show';
import { ratesOf } from './rates';

const at = (time: string): Date => new Date(`2026-11-25T${time}Z`);

describe('ratesOf', () => {
  it('is the rate of the last minute and the one under way, not of the whole quarter of an hour', () => {
    expect(ratesOf(statistics('a'), 'current', at('10:14:30'))?.requestsPerSecond).toBe(10);
    expect(ratesOf(statistics('a'), 'current', at('10:15:00'))?.requestsPerSecond).toBe(7.5);
  });

  it('counts errors over all the time that is known', () => {
    expect(ratesOf(statistics('a', { errors: 9 }), 'current', at('10:15:00'))).toMatchObject({
      requests: 900,
      errorShare: 0.01,
      p99Ms: 9,
    });
  });

  it('knows nothing of a slot that did nothing', () => {
    expect(ratesOf(statistics('a'), 'next')).toBeNull();
    expect(ratesOf(undefined, 'current')).toBeNull();
  });
});
