import type { RegisteredVersion } from '../api/types';
import { metricNames, sorted } from './sorting';

const version = (number: string, metrics: Record<string, number | null>): RegisteredVersion =>
  ({ version: number, metrics, createdAt: null }) as unknown as RegisteredVersion;

const VERSIONS = [version('9', { accuracy: 0.9 }), version('10', {}), version('2', { accuracy: 0.95, loss: 1 })];

describe('versions of a model', () => {
  it.each([
    ['version', true, ['10', '9', '2']],
    ['version', false, ['2', '9', '10']],
    ['metric:accuracy', true, ['2', '9', '10']],
    ['metric:accuracy', false, ['9', '2', '10']],
  ])('sort by %s, descending %s, those without a value last', (by, descending, expected) => {
    expect(sorted(VERSIONS, { by, descending }).map((one) => one.version)).toEqual(expected);
  });

  it('show the metrics that most of them have first', () => {
    expect(metricNames(VERSIONS)).toEqual(['accuracy', 'loss']);
  });
});
