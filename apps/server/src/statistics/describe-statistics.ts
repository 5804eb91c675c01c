import type { ArmTotals, Counts } from '@understudy/store';
import type { ArmHistory } from './arm-histories';
import { type Percentiles, percentilesOf } from './percentiles';
import type { ArmAnswer, StatisticsAnswer } from './statistics.dto';
import { MINUTE_MS, type MinuteRange } from './statistics-range';

/** What the arms of a deployment did in a range, as it is shown. */
export function describeStatistics(
  deployment: string,
  range: MinuteRange,
  arms: readonly ArmHistory[],
): StatisticsAnswer {
  return {
    deployment,
    from: new Date(range.from * MINUTE_MS),
    to: new Date(range.to * MINUTE_MS),
    stepMinutes: range.step,
    arms: arms.map(describeArm),
  };
}

function describeArm({ totals, steps }: ArmHistory): ArmAnswer {
  const { slot, version, latency, predictions } = totals;
  const series = [...steps].sort(([a], [b]) => a - b);
  return {
    slot,
    version,
    ...figures(totals),
    latency: { ...latency },
    predictions: { ...predictions },
    series: series.map(([minute, step]) => ({ at: new Date(minute * MINUTE_MS), ...figures(step) })),
  };
}

function figures({
  requests,
  errors,
  latency,
}: ArmTotals): Pick<ArmAnswer, 'requests' | 'errors' | 'errorRate' | 'latencyMs'> {
  const errorRate = requests === 0 ? null : errors / requests;
  return { requests, errors, errorRate, latencyMs: rememberedPercentiles(latency) };
}

/** Of counts that are shown again each second, unchanged but for the last minute's. */
const remembered = new WeakMap<Counts, Percentiles>();

function rememberedPercentiles(latency: Counts): Percentiles {
  const known = remembered.get(latency);
  if (known !== undefined) return known;
  const fresh = percentilesOf(latency);
  remembered.set(latency, fresh);
  return fresh;
}
