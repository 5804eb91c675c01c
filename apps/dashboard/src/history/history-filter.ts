import type { EventFilter } from '../api/queries';
import { formatDay } from '../format';
import { texts } from '../texts/en';

/** What the reader wants to see of a history, as it stands in the address: times are days of the reader's own calendar, both included. */
export interface HistoryFilter extends Omit<EventFilter, 'from' | 'to'> {
  /** As 2026-11-26. */
  readonly since?: string;
  readonly until?: string;
}

export const OUTCOMES = ['done', 'refused', 'failed'] as const;

/** The filter in an address; what is no filter is left out. */
export function filterIn(search: Readonly<Record<string, unknown>>): HistoryFilter {
  const { actor, action, outcome, since, until } = search;
  return filterOf({
    // An address holds numbers where a text looks like one.
    actor: typeof actor === 'string' || typeof actor === 'number' ? String(actor) : undefined,
    action: typeof action === 'string' ? action : undefined,
    outcome: OUTCOMES.find((one) => one === outcome),
    since: dayIn(since),
    until: dayIn(until),
  });
}

type Parts = { readonly [Key in keyof HistoryFilter]: HistoryFilter[Key] | undefined };

/** Of what was chosen; what is empty counts as not chosen. */
export function filterOf(parts: Parts): HistoryFilter {
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined && value !== ''));
}

/** The address's own members stay; those of the filter are replaced. */
export function withFilter<Search extends object>(search: Search, filter: HistoryFilter): Search {
  const none: Parts = { actor: undefined, action: undefined, outcome: undefined, since: undefined, until: undefined };
  return { ...search, ...none, ...filter };
}

/** As the server is asked: from a time on and before another. */
export function asEventFilter({ since, until, ...rest }: HistoryFilter): EventFilter {
  return {
    ...rest,
    ...(since === undefined ? {} : { from: startOf(since).toISOString() }),
    ...(until === undefined ? {} : { to: startOf(until, 1).toISOString() }),
  };
}

export const sameFilter = (one: HistoryFilter, other: HistoryFilter): boolean =>
  JSON.stringify(withFilter({}, one)) === JSON.stringify(withFilter({}, other));

/** Why nothing is listed. */
export function whyEmpty(filter: HistoryFilter): string {
  const { since, until, ...rest } = filter;
  if (since === undefined && until === undefined)
    return Object.keys(rest).length === 0 ? texts.history.noneYet : texts.history.none;
  if (since !== undefined && until !== undefined && until < since) return texts.history.backwards;
  const what = Object.keys(rest).length === 0 ? texts.history.nothingHappened : texts.history.nothingThatFits;
  return what(spanOf(since, until));
}

function spanOf(since: string | undefined, until: string | undefined): string {
  const { span } = texts.history;
  if (since === until) return span.on(shown(since));
  if (until === undefined) return span.since(shown(since));
  return since === undefined ? span.until(shown(until)) : span.between(shown(since), shown(until));
}

const shown = (day: string | undefined): string => (day === undefined ? '' : formatDay(startOf(day)));

/** Midnight at the beginning of a day in the reader's zone, or of one so many days later. */
function startOf(day: string, later = 0): Date {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  const start = new Date(2000, 0, 1);
  // Not by the constructor, which takes the year 26 for 1926.
  start.setFullYear(year, month - 1, date + later);
  return start;
}

const dayIn = (value: unknown): string | undefined =>
  typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value))
    ? value
    : undefined;
