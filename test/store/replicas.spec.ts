import { SystemClock } from '@understudy/platform';
import type { ReplicaReport } from '@understudy/store';
import { onBothKinds, TestDatabases } from './support/databases';
import { runSql } from './support/sql';

const report = (id: string, generation: number): ReplicaReport => ({
  id,
  host: `host-${id}`,
  pid: 7,
  release: '0.1.0',
  startedAt: new Date(`2026-03-0${id}T00:00:00Z`),
  deployments: [
    {
      name: 'default',
      generation,
      slots: [
        { slot: 'current', version: 'models:/iris/1', health: 'ready' },
        { slot: 'next', version: null, health: 'empty' },
      ],
    },
  ],
});

onBothKinds('the replicas', (kind) => {
  const databases = new TestDatabases(kind);

  afterAll(() => databases.end());

  it('show what each has reached, how its slots are, and how long ago it said so', async () => {
    const store = await databases.open(await databases.fresh());
    await store.replicas.report(report('1', 1));
    await store.replicas.report(report('2', 2));
    await store.replicas.report(report('1', 2));
    const replicas = await store.replicas.list();
    expect(replicas).toEqual([
      { ...report('2', 2), heartbeatAt: expect.any(Date), ageMs: expect.any(Number) },
      { ...report('1', 2), heartbeatAt: expect.any(Date), ageMs: expect.any(Number) },
    ]);
    expect(Math.max(...replicas.map(({ ageMs }) => ageMs))).toBeLessThan(10_000);
    await store.replicas.forget('2');
    expect((await store.replicas.list()).map(({ id }) => id)).toEqual(['1']);
  });

  it('are forgotten a day after their last heartbeat', async () => {
    const place = await databases.fresh();
    const store = await databases.open(place);
    await store.replicas.report(report('1', 1));
    await store.replicas.report(report('2', 1));
    await store.close();
    const yesterday = new Date(Date.now() - 25 * 3_600_000).toISOString();
    await runSql(place, [`UPDATE understudy_replicas SET heartbeat_at = '${yesterday}' WHERE id = '1'`]);
    const again = await databases.open(place);
    await again.prune();
    expect((await again.replicas.list()).map(({ id }) => id)).toEqual(['2']);
  });

  if (kind === 'postgres') {
    it('[case 119] are aged by the clock of the database, not by their own', async () => {
      const place = await databases.fresh();
      const dayAhead = Object.assign(new SystemClock(), { now: () => new Date(Date.now() + 86_400_000) });
      const [ahead, right] = [await databases.open(place, dayAhead), await databases.open(place)];
      await ahead.replicas.report(report('1', 1));
      for (const store of [ahead, right]) expect((await store.replicas.list())[0]!.ageMs).toBeLessThan(10_000);
    });
  }
});
