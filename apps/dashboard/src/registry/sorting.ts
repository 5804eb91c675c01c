import type { RegisteredVersion } from '../api/types';
import { byVersion } from './compare';

export interface Sorting {
  /** `version`, `made`, or `metric:NAME`. */
  readonly by: string;
  readonly descending: boolean;
}

const METRIC = 'metric:';

/** In the order asked for; what has no value comes last either way, and equals by version. */
export function sorted(versions: readonly RegisteredVersion[], { by, descending }: Sorting): RegisteredVersion[] {
  const direction = descending ? -1 : 1;
  return versions.toSorted((a, b) => {
    if (by === 'version') return direction * byVersion(a, b);
    const [one, other] = [valueOf(a, by), valueOf(b, by)];
    if (one === null || other === null) return Number(one === null) - Number(other === null) || -byVersion(a, b);
    return direction * (one - other) || -byVersion(a, b);
  });
}

function valueOf({ metrics, createdAt }: RegisteredVersion, by: string): number | null {
  if (by.startsWith(METRIC)) return metrics[by.slice(METRIC.length)] ?? null;
  return createdAt === null ? null : new Date(createdAt).getTime();
}

/** The names of the metrics, those that most versions have first. */
export function metricNames(versions: readonly RegisteredVersion[]): string[] {
  const counts = new Map<string, number>();
  for (const { metrics } of versions)
    for (const name of Object.keys(metrics)) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort(([a, one], [b, other]) => other - one || a.localeCompare(b, 'en')).map(([name]) => name);
}
