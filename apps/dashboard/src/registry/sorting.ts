import type { RegisteredVersion } from '../api/types';
import { byVersion } from './compare';

/** What may stand in a column beside the version: `metric:NAME`, `param:NAME` or `tag:NAME`. */
export type ColumnId = `${'metric' | 'param' | 'tag'}:${string}`;

export interface Sorting {
  /** `version`, `made`, or a column. */
  readonly by: 'version' | 'made' | ColumnId;
  readonly descending: boolean;
}

const NATURAL = new Intl.Collator('en', { numeric: true });

/** In the order asked for; what has no value comes last either way, and equals by version. */
export function sorted(versions: readonly RegisteredVersion[], { by, descending }: Sorting): RegisteredVersion[] {
  const direction = descending ? -1 : 1;
  if (by === 'version') return versions.toSorted((a, b) => direction * byVersion(a, b));
  const keyed = versions.map((version) => ({ version, key: by === 'made' ? timeOf(version) : valueOf(version, by) }));
  return keyed
    .toSorted((a, b) => {
      if (a.key === null || b.key === null)
        return Number(a.key === null) - Number(b.key === null) || -byVersion(a.version, b.version);
      return direction * compareKeys(a.key, b.key) || -byVersion(a.version, b.version);
    })
    .map(({ version }) => version);
}

/** What a version has in a column; null for nothing. */
export function valueOf(version: RegisteredVersion, column: ColumnId): string | number | null {
  const name = nameOfColumn(column);
  if (column.startsWith('metric:')) return version.metrics[name] ?? null;
  return (column.startsWith('param:') ? version.params[name] : version.tags[name]) ?? null;
}

export const nameOfColumn = (column: ColumnId): string => column.slice(column.indexOf(':') + 1);

const timeOf = ({ createdAt }: RegisteredVersion): number | null =>
  createdAt === null ? null : new Date(createdAt).getTime();

const compareKeys = (a: string | number, b: string | number): number =>
  typeof a === 'number' && typeof b === 'number' ? a - b : NATURAL.compare(String(a), String(b));

/** Everything that could be a column, each kind by how many versions have it. */
export function columnsOf(versions: readonly RegisteredVersion[]): ColumnId[] {
  const of = (kind: 'metric' | 'param' | 'tag', maps: readonly Readonly<Record<string, unknown>>[]) =>
    namesByCount(maps).map((name): ColumnId => `${kind}:${name}`);
  return [
    ...of(
      'metric',
      versions.map(({ metrics }) => metrics),
    ),
    ...of(
      'param',
      versions.map(({ params }) => params),
    ),
    ...of(
      'tag',
      versions.map(({ tags }) => tags),
    ),
  ];
}

function namesByCount(maps: readonly Readonly<Record<string, unknown>>[]): string[] {
  const counts = new Map<string, number>();
  for (const map of maps) for (const name of Object.keys(map)) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort(([a, one], [b, other]) => other - one || a.localeCompare(b, 'en')).map(([name]) => name);
}
