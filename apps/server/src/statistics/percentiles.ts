import type { Counts } from '@understudy/store';
import { TIME_BOUNDS_MS } from '../observation/bounds';

/** Times in milliseconds that this share of the requests did not pass, as well as the bounds of the histogram tell. */
export interface Percentiles {
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

interface Bucket {
  readonly over: number;
  readonly upTo: number;
  readonly count: number;
}

/** Null where nothing was counted. */
export function percentilesOf(latency: Counts): Percentiles {
  const buckets = bucketsOf(latency);
  return { p50: quantile(buckets, 0.5), p95: quantile(buckets, 0.95), p99: quantile(buckets, 0.99) };
}

/**
 * Where a share of the counts ends, spread evenly within the bucket that it falls into, as Prometheus's `histogram_quantile` does.
 * Beyond the last bound it is the last bound.
 */
function quantile(buckets: readonly Bucket[], share: number): number | null {
  const count = buckets.reduce((sum, bucket) => sum + bucket.count, 0);
  if (count === 0) return null;
  let rank = share * count;
  for (const bucket of buckets) {
    if (rank > bucket.count) {
      rank -= bucket.count;
      continue;
    }
    const value = bucket.over + (bucket.upTo - bucket.over) * (rank / bucket.count);
    return Number(value.toPrecision(3));
  }
  return buckets.at(-1)?.upTo ?? null;
}

function bucketsOf(latency: Counts): readonly Bucket[] {
  const last = TIME_BOUNDS_MS.at(-1) as number;
  return Object.entries(latency)
    .map(([bound, count]) => {
      if (bound === 'inf') return { over: last, upTo: last, count };
      const upTo = Number(bound);
      return { over: TIME_BOUNDS_MS.findLast((below) => below < upTo) ?? 0, upTo, count };
    })
    .filter(({ upTo, count }) => Number.isFinite(upTo) && count > 0)
    .sort((a, b) => a.upTo - b.upTo);
}
