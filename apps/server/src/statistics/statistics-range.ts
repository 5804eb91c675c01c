import { DomainError } from '@understudy/platform';

export const MINUTE_MS = 60_000;

/** How long statistics are kept; nothing further back can be asked for. */
const KEPT_MINUTES = 30 * 24 * 60;

const DEFAULT_MINUTES = 60;
const DEFAULT_POINTS = 60;
const MAX_POINTS = 2_000;

const UNIT_MINUTES = { m: 1, h: 60, d: 24 * 60 } as const;

export interface RangeAsked {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly step?: string | undefined;
}

/** Whole minutes since 1970. */
export interface MinuteRange {
  /** Inclusive. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  readonly step: number;
}

/**
 * The minutes that a request asks about: by default the last hour up to now, in at most 60 steps. Partial minutes count whole.
 * Throws DomainError `invalid-body`.
 */
export function minuteRange({ from, to, step }: RangeAsked, now: Date): MinuteRange {
  const until = Math.ceil((to === undefined ? now.getTime() + 1 : timeOf('to', to)) / MINUTE_MS);
  const since = from === undefined ? until - DEFAULT_MINUTES : Math.floor(timeOf('from', from) / MINUTE_MS);
  if (since >= until) throw new DomainError('invalid-body', 'from: expected a time before to');
  const oldest = Math.floor(now.getTime() / MINUTE_MS) - KEPT_MINUTES;
  const kept = Math.min(Math.max(since, oldest), until - 1);
  const minutes = step === undefined ? Math.ceil((until - kept) / DEFAULT_POINTS) : stepMinutes(step);
  if ((until - kept) / minutes > MAX_POINTS) {
    const atLeast = Math.ceil((until - kept) / MAX_POINTS);
    throw new DomainError('invalid-body', `step: expected at least ${atLeast}m for this range, got ${step ?? ''}`);
  }
  return { from: kept, to: until, step: minutes };
}

function timeOf(name: string, text: string): number {
  const ms = /^\d{4}-\d{2}-\d{2}T/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(ms)) return ms;
  throw new DomainError(
    'invalid-body',
    `${name}: expected a time such as 2026-01-31T12:00:00Z, got ${JSON.stringify(text.slice(0, 100))}`,
  );
}

function stepMinutes(text: string): number {
  const [, count, unit] = /^([1-9]\d{0,4})([mhd])$/.exec(text) ?? [];
  if (count !== undefined) return Number(count) * UNIT_MINUTES[unit as keyof typeof UNIT_MINUTES];
  throw new DomainError(
    'invalid-body',
    `step: expected minutes, hours or days such as 5m, 1h or 1d, got ${JSON.stringify(text.slice(0, 100))}`,
  );
}
