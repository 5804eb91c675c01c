import type { RegisteredVersion } from '../api/types';
import { columnsOf, sorted } from './sorting';

const version = (
  number: string,
  metrics: Record<string, number | null>,
  params: Record<string, string> = {},
): RegisteredVersion =>
  ({ version: number, metrics, params, tags: { team: 'a' }, createdAt: null }) as unknown as RegisteredVersion;

const VERSIONS = [
  version('9', { accuracy: 0.9 }, { C: '10' }),
  version('10', {}),
  version('2', { accuracy: 0.95, loss: 1 }, { C: '9' }),
];

describe('versions of a model', () => {
  it.each([
    ['version', true, ['10', '9', '2']],
    ['version', false, ['2', '9', '10']],
    ['metric:accuracy', true, ['2', '9', '10']],
    ['metric:accuracy', false, ['9', '2', '10']],
    ['param:C', false, ['2', '9', '10']],
    ['tag:team', true, ['10', '9', '2']],
    ['made', true, ['10', '9', '2']],
  ] as const)('sort by %s, descending %s, those without a value last', (by, descending, expected) => {
    expect(sorted(VERSIONS, { by, descending }).map((one) => one.version)).toEqual(expected);
  });

  it('offer as columns what most of them have first', () => {
    expect(columnsOf(VERSIONS)).toEqual(['metric:accuracy', 'metric:loss', 'param:C', 'tag:team']);
  });
});
