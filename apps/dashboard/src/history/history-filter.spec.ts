import {
  asEventFilter,
  filterIn,
  filterOf,
  type HistoryFilter,
  sameFilter,
  whyEmpty,
  withFilter,
} from './history-filter';

const midnight = (year: number, month: number, day: number): string => new Date(year, month - 1, day).toISOString();

describe('the filter of a history', () => {
  it.each<[string, Record<string, unknown>, HistoryFilter]>([
    ['nothing', { tab: 'history', deployment: 'fraud' }, {}],
    [
      'everything',
      { actor: 'ci', action: 'promote', outcome: 'failed', since: '2026-11-01', until: '2026-11-26' },
      { actor: 'ci', action: 'promote', outcome: 'failed', since: '2026-11-01', until: '2026-11-26' },
    ],
    ['a person whose name is a number', { actor: 7 }, { actor: '7' }],
    ['what is no day and no outcome', { since: 'yesterday', until: '2026-13-45', outcome: 'fine', action: 5 }, {}],
  ])('is read from an address with %s', (_what, search, filter) => {
    expect(filterIn(search)).toEqual(filter);
  });

  it('takes what is empty for not chosen', () => {
    expect(filterOf({ actor: '', since: '', outcome: undefined, action: 'promote' })).toEqual({ action: 'promote' });
  });

  it('replaces the one in an address, and nothing else there', () => {
    const search = withFilter({ deployment: 'fraud', actor: 'ci' }, { since: '2026-11-01' });
    expect(search).toEqual({ deployment: 'fraud', actor: undefined, since: '2026-11-01' });
  });

  it('asks for whole days of the reader, the last one included', () => {
    expect(asEventFilter({ actor: 'ci', since: '2026-11-26', until: '2026-12-31' })).toEqual({
      actor: 'ci',
      from: midnight(2026, 11, 26),
      to: midnight(2027, 1, 1),
    });
  });

  it('is the same in whatever order it was chosen', () => {
    expect(sameFilter({ actor: 'ci', since: '2026-11-01' }, { since: '2026-11-01', actor: 'ci' })).toBe(true);
    expect(sameFilter({ actor: 'ci' }, {})).toBe(false);
  });

  it.each<[HistoryFilter, string]>([
    [{}, 'Nothing has happened yet. Every change and every refused attempt is kept here.'],
    [{ actor: 'ci' }, 'Nothing fits this filter.'],
    [{ since: '2026-11-01' }, 'Nothing happened since 1 Nov 2026.'],
    [{ until: '2026-11-01' }, 'Nothing happened until 1 Nov 2026.'],
    [{ since: '2026-11-01', until: '2026-11-01' }, 'Nothing happened on 1 Nov 2026.'],
    [
      { since: '2026-11-01', until: '2026-11-26', actor: 'ci' },
      'Nothing that fits this filter happened from 1 Nov 2026 to 26 Nov 2026.',
    ],
    [
      { since: '2026-11-26', until: '2026-11-01' },
      'The last day is before the first one, so there is nothing between them.',
    ],
  ])('of %j says why nothing is listed: %s', (filter, words) => {
    expect(whyEmpty(filter)).toBe(words);
  });
});
