import { type ArmMinute, minuteOf, OTHER_LABELS } from '@understudy/store';
import { onBothKinds, TestDatabases } from './support/databases';

const NOW = minuteOf(new Date());

const arm = (more: Partial<ArmMinute> = {}): ArmMinute => ({
  minute: NOW,
  replicaId: 'r1',
  deployment: 'default',
  slot: 'current',
  version: 'models:/iris/1',
  requests: 10,
  errors: 1,
  latency: { 5: 7, 10: 2, inf: 1 },
  predictions: { setosa: 6, virginica: 4 },
  ...more,
});

const at = (minute: number): Date => new Date(minute * 60_000);

const RANGE = { deployment: 'default', from: at(NOW - 60), to: at(NOW + 1) };

onBothKinds('the statistics of the arms', (kind) => {
  const databases = new TestDatabases(kind);

  afterAll(() => databases.end());

  it('are summed over replicas and minutes, by slot and version, in a range of time', async () => {
    const store = await databases.open(await databases.fresh());
    await store.statistics.write([
      arm(),
      arm({ replicaId: 'r2', latency: { 5: 1, 25: 9 }, predictions: { setosa: 1, versicolor: 9 } }),
      arm({ minute: NOW - 1, requests: 100 }),
      arm({ slot: 'next', version: 'models:/iris/2', requests: 3 }),
      arm({ minute: NOW - 61, requests: 1_000_000 }),
      arm({ minute: NOW + 1, requests: 1_000_000 }),
      arm({ deployment: 'other', requests: 1_000_000 }),
    ]);
    expect(await store.statistics.sum(RANGE)).toEqual([
      {
        slot: 'current',
        version: 'models:/iris/1',
        requests: 120,
        errors: 3,
        latency: { 5: 15, 10: 4, 25: 9, inf: 2 },
        predictions: { setosa: 13, virginica: 8, versicolor: 9 },
      },
      expect.objectContaining({ slot: 'next', version: 'models:/iris/2', requests: 3 }),
    ]);
    const series = await store.statistics.series(RANGE);
    expect(series.map(({ minute, slot, requests }) => [minute - NOW, slot, requests])).toEqual([
      [-1, 'current', 100],
      [0, 'current', 20],
      [0, 'next', 3],
    ]);
  });

  it('may be written again: a minute is replaced, not added', async () => {
    const store = await databases.open(await databases.fresh());
    await store.statistics.write([arm({ requests: 1 })]);
    await store.statistics.write([arm({ requests: 5 })]);
    await store.statistics.write([arm({ requests: 5 })]);
    await store.statistics.write([]);
    expect(await store.statistics.sum(RANGE)).toEqual([expect.objectContaining({ requests: 5 })]);
  });

  it('keep the commonest labels and count the others as one, whatever a label is called', async () => {
    const store = await databases.open(await databases.fresh());
    const predictions = Object.fromEntries([
      ['__proto__', 50],
      ...Array.from({ length: 1000 }, (_, label) => [`label-${label}`, label < 100 ? 10 : 1] as const),
    ]);
    await store.statistics.write([arm({ predictions }), arm({ replicaId: 'r2', predictions: { ['__proto__']: 1 } })]);
    const [sum] = await store.statistics.sum(RANGE);
    const counts = new Map(Object.entries(sum!.predictions));
    expect(counts.get('__proto__')).toBe(51);
    expect(counts.get(OTHER_LABELS)).toBe(801);
    expect(counts.get('label-7')).toBe(10);
    expect([...counts.values()].reduce((a, b) => a + b)).toBe(51 + 1000 + 900);
  });

  it('are kept for 30 days', async () => {
    const store = await databases.open(await databases.fresh());
    const days = (count: number): number => NOW - count * 24 * 60;
    await store.statistics.write([arm({ minute: days(31) }), arm({ minute: days(29) })]);
    await store.prune();
    const all = await store.statistics.series({ ...RANGE, from: new Date(0) });
    expect(all.map(({ minute }) => minute)).toEqual([days(29)]);
  });
});
