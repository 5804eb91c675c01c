import { texts } from './texts/en';

/** From wire to view: numbers as people read them. What is unknown is null and shown as such, never as 0. */

const { locales, units } = texts;

const significant = new Intl.NumberFormat(locales.numbers, { maximumSignificantDigits: 2, useGrouping: true });
const whole = new Intl.NumberFormat(locales.numbers, { maximumFractionDigits: 0 });

/** Requests a second, two significant digits above 10: `0`, `0.35`, `8.2`, `820`, `12,000`. */
export function formatRate(perSecond: number): string {
  return units.perSecond(perSecond === 0 ? '0' : significant.format(perSecond));
}

/** A share between 0 and 1 in percent: as exact as it needs to be, so that 0.05 % is not shown as 0 %. */
export function formatShare(share: number): string {
  return units.percent(percentOf(share * 100));
}

function percentOf(percent: number): string {
  if (percent === 0 || percent === 100) return String(percent);
  if (percent > 99.9) return '> 99.9';
  if (percent < 0.1) return '< 0.1';
  return trimmed(percent, percent < 10 || percent > 90 ? 1 : 0);
}

/** The split's share of a slot, exact to a tenth: what a person set must be what they read. */
export function formatSplit(share: number): string {
  return units.percent(trimmed(share * 100, 1));
}

/** Milliseconds: `0.4 ms`, `9 ms`, `1.2 s`, `2 min 5 s`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return units.milliseconds(trimmed(ms, ms < 10 ? 1 : 0));
  if (ms < 60_000) return units.seconds(trimmed(ms / 1000, ms < 10_000 ? 1 : 0));
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return withRest(seconds, 60, units.minutes, units.seconds);
  const minutes = Math.round(seconds / 60);
  if (minutes < 48 * 60) return withRest(minutes, 60, units.hours, units.minutes);
  return units.days(String(Math.floor(minutes / 60 / 24)));
}

/** Bytes in steps of 1,000: `996 B`, `1.2 kB`, `34 MB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.bytes.length - 1) {
    value /= 1000;
    unit++;
  }
  const figure = trimmed(value, value < 10 && unit > 0 ? 1 : 0);
  return units.bytes[unit]?.(figure) ?? figure;
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
  return at.toLocaleString(locales.times, { dateStyle: 'medium', timeStyle: 'medium' });
}

/** A day of the reader's calendar: `26 Nov 2026`. */
export function formatDay(at: Date): string {
  return at.toLocaleDateString(locales.times, { dateStyle: 'medium' });
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

type Unit = (figure: string) => string;

function withRest(total: number, size: number, unit: Unit, smaller: Unit): string {
  const rest = total % size;
  const most = unit(String(Math.floor(total / size)));
  return rest === 0 ? most : `${most} ${smaller(String(rest))}`;
}

/** The time of day, in the reader's zone. */
export function formatClock(at: Date): string {
  return at.toLocaleTimeString(locales.times);
}

/** Where points stand on an axis of time: the time of day, with the day where the axis is longer than one. */
export function formatPoint(at: Date, withDay: boolean): string {
  const time = { hour: '2-digit', minute: '2-digit' } as const;
  return withDay
    ? at.toLocaleString(locales.times, { day: 'numeric', month: 'short', ...time })
    : at.toLocaleTimeString(locales.times, time);
}
