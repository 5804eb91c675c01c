import { texts } from './texts/en';

/** From wire to view: numbers as people read them. What is unknown is null and shown as such, never as 0. */

const significant = new Intl.NumberFormat('en', { maximumSignificantDigits: 2, useGrouping: true });
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** Requests a second, two significant digits above 10: `0`, `0.35`, `8.2`, `820`, `12,000`. */
export function formatRate(perSecond: number): string {
  if (perSecond === 0) return '0/s';
  return `${significant.format(perSecond)}/s`;
}

/** A share between 0 and 1 in percent: as exact as it needs to be, so that 0.05 % is not shown as 0 %. */
export function formatShare(share: number): string {
  const percent = share * 100;
  if (percent === 0 || percent === 100) return `${percent} %`;
  if (percent > 99.9) return '> 99.9 %';
  if (percent < 0.1) return '< 0.1 %';
  return `${trimmed(percent, percent < 10 || percent > 90 ? 1 : 0)} %`;
}

/** The split's share of a slot, exact to a tenth: what a person set must be what they read. */
export function formatSplit(share: number): string {
  return `${trimmed(share * 100, 1)} %`;
}

/** Milliseconds: `0.4 ms`, `9 ms`, `1.2 s`, `2 min 5 s`. */
export function formatDuration(ms: number): string {
  if (ms < 1) return `${trimmed(ms, 1)} ms`;
  if (ms < 10) return `${trimmed(ms, 1)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${trimmed(ms / 1000, ms < 10_000 ? 1 : 0)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return withRest(seconds, 60, 'min', 's');
  const minutes = Math.round(seconds / 60);
  if (minutes < 48 * 60) return withRest(minutes, 60, 'h', 'min');
  return `${Math.floor(minutes / 60 / 24)} d`;
}

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** Bytes in steps of 1,000: `996 B`, `1.2 kB`, `34 MB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${trimmed(value, value < 10 && unit > 0 ? 1 : 0)} ${BYTE_UNITS[unit] ?? 'TB'}`;
}

export function formatCount(count: number): string {
  return whole.format(count);
}

/** How long ago, in one unit: `just now`, `12 s ago`, `3 min ago`, `2 h ago`, `5 d ago`. */
export function formatAgo(at: Date, now: Date): string {
  const seconds = Math.round((now.getTime() - at.getTime()) / 1000);
  if (seconds < 5) return texts.ago.now;
  if (seconds < 60) return texts.ago.seconds(seconds);
  if (seconds < 3600) return texts.ago.minutes(Math.floor(seconds / 60));
  if (seconds < 48 * 3600) return texts.ago.hours(Math.floor(seconds / 3600));
  return texts.ago.days(Math.floor(seconds / 86_400));
}

/** The exact time, in the reader's zone, with seconds. */
export function formatExact(at: Date): string {
  return at.toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
}

/** A day of the reader's calendar: `26 Nov 2026`. */
export function formatDay(at: Date): string {
  return at.toLocaleDateString('en-GB', { dateStyle: 'medium' });
}

/** A metric of a model such as an accuracy: up to four digits behind the point. */
export function formatMetric(value: number): string {
  if (Number.isInteger(value)) return whole.format(value);
  return Math.abs(value) >= 1000 ? significant.format(value) : trimmed(value, 4);
}

/** With its sign, for differences: `+0.007`, `-0.2`, `0`. */
export function formatDifference(value: number): string {
  const text = formatMetric(value);
  return value > 0 && text !== '0' ? `+${text}` : text;
}

function trimmed(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)));
}

function withRest(total: number, size: number, unit: string, smaller: string): string {
  const rest = total % size;
  return rest === 0 ? `${Math.floor(total / size)} ${unit}` : `${Math.floor(total / size)} ${unit} ${rest} ${smaller}`;
}

/** The time of day, in the reader's zone. */
export function formatClock(at: Date): string {
  return at.toLocaleTimeString('en-GB');
}
