import type { Arm } from '../api/types';
import { formatDuration, formatShare } from '../format';
import { TOO_FEW_REQUESTS } from '../overview/needs';
import { texts } from '../texts/en';

/** One line of the table that compares both arms. */
export interface ArmDifference {
  readonly measure: string;
  readonly current: string;
  readonly next: string;
  /** Null where there are too few requests to say. */
  readonly difference: string | null;
  readonly better: boolean | null;
}

/** Both arms side by side, with what it means for next: less is better everywhere here. */
export function armDifferences(current: Arm | undefined, next: Arm | undefined): ArmDifference[] {
  const enough = (current?.requests ?? 0) >= TOO_FEW_REQUESTS && (next?.requests ?? 0) >= TOO_FEW_REQUESTS;
  const line = (
    measure: string,
    read: (arm: Arm) => number | null,
    show: (value: number) => string,
    least: number,
  ): ArmDifference => {
    const one = current === undefined ? null : read(current);
    const other = next === undefined ? null : read(next);
    const shown = (value: number | null): string => (value === null ? texts.unknown : show(value));
    const both = { measure, current: shown(one), next: shown(other) };
    if (!enough || one === null || other === null) return { ...both, difference: null, better: null };
    const difference = other - one;
    if (Math.abs(difference) < least) return { ...both, difference: '0', better: null };
    const sign = difference > 0 ? '+' : '−';
    return { ...both, difference: `${sign}${show(Math.abs(difference))}`, better: difference < 0 };
  };
  return [
    line(texts.measures.errors, ({ errorRate }) => errorRate, formatShare, 0.0005),
    line(texts.measures.p50, ({ latencyMs }) => latencyMs.p50, formatDuration, 0.05),
    line(texts.measures.p95, ({ latencyMs }) => latencyMs.p95, formatDuration, 0.05),
    line(texts.measures.p99, ({ latencyMs }) => latencyMs.p99, formatDuration, 0.05),
  ];
}
