import type { DeploymentChange, DeploymentChanged, Store } from '@understudy/store';
import { desired, onBothKinds, onPostgres, ORIGIN, TestDatabases } from './support/databases';

const change = (expectedGeneration: number | null, more: Partial<DeploymentChange> = {}): DeploymentChange => ({
  name: 'default',
  expectedGeneration,
  desired: desired(expectedGeneration ?? 0),
  action: 'load-next',
  origin: ORIGIN,
  ...more,
});

/** On a machine busy with other tests, writing that many changes to disk takes its time. */
const STORM_TIMEOUT_MS = 180_000;

onBothKinds('the deployments', (kind) => {
  const databases = new TestDatabases(kind);
  let store: Store;

  beforeEach(async () => {
    store = await databases.open(await databases.fresh());
  });

  afterAll(() => databases.end());

  it('are there as they were written, after the database was closed and opened again', async () => {
    const place = await databases.fresh();
    const first = await databases.open(place);
    await first.deployments.change(change(null, { name: 'b' }));
    await first.deployments.change(change(null, { name: 'a', desired: { ...desired(7), canaryProbability: 0.1 } }));
    await first.close();
    const second = await databases.open(place);
    expect(await second.deployments.readAll()).toEqual([
      { name: 'a', generation: 1, ...desired(7), canaryProbability: 0.1, changedAt: expect.any(Date) },
      { name: 'b', generation: 1, ...desired(0), changedAt: expect.any(Date) },
    ]);
  });

  it('keep a share to the last bit, also one that SQLite would read otherwise from text', async () => {
    const place = await databases.fresh();
    const first = await databases.open(place);
    const split = (canaryProbability: number) => ({ desired: { ...desired(0), canaryProbability } });
    await first.deployments.change(change(null, split(0.484264)));
    expect(await first.deployments.read('default')).toMatchObject({ canaryProbability: 0.484264 });
    await first.deployments.change(change(1, split(0.5)));
    await first.deployments.change(change(2, split(0.484264)));
    await first.close();
    const second = await databases.open(place);
    expect(await second.deployments.read('default')).toMatchObject({ canaryProbability: 0.484264 });
  });

  it('[case 105] refuse a change that was decided on an older generation, and record the refusal', async () => {
    await store.deployments.change(change(null));
    await store.deployments.change(change(1));
    await expect(store.deployments.change(change(1, { action: 'promote' }))).rejects.toMatchObject({
      code: 'generation-mismatch',
      message: expect.stringContaining('is at generation 2; the change expected generation 1'),
      details: { generation: 2, expectedGeneration: 1 },
    });
    const { events } = await store.audit.page({ outcome: 'refused' }, 10);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      action: 'promote',
      subject: 'deployment:default',
      origin: ORIGIN,
      problem: { code: 'generation-mismatch' },
      before: { generation: 2 },
      after: { generation: 2 },
    });
  });

  it(
    '[case 91] [case 92] of 1,000 concurrent changes let exactly one win each generation',
    async () => {
      await store.deployments.change(change(null));
      const outcomes = await Promise.allSettled(
        Array.from({ length: 1000 }, (_, number) =>
          store.deployments.change(change(1 + (number % 3), { desired: desired(number) })),
        ),
      );
      const won = outcomes.filter((outcome) => outcome.status === 'fulfilled').map(({ value }) => value.deployment!);
      expect(won.map(({ generation }) => generation)).toEqual([2, 3, 4]);
      for (const { reason } of outcomes.filter((outcome) => outcome.status === 'rejected')) {
        expect(reason).toMatchObject({ code: 'generation-mismatch' });
      }
      expect(await store.deployments.readAll()).toEqual([won.at(-1)]);
      // Each attempt is in the trail, the lost ones too.
      expect(await store.audit.verify()).toMatchObject({ ok: true, head: { sequence: 1001 } });
    },
    STORM_TIMEOUT_MS,
  );

  it(
    '[case 104] let the event loop have its turn during a storm of changes',
    async () => {
      await store.deployments.change(change(null));
      let longestMs = 0;
      let last = performance.now();
      const startedMs = last;
      const timer = setInterval(() => {
        longestMs = Math.max(longestMs, performance.now() - last);
        last = performance.now();
      }, 1);
      await Promise.allSettled(Array.from({ length: 500 }, () => store.deployments.change(change(9))));
      clearInterval(timer);
      // Without turns in between it would be all of the storm.
      expect(longestMs).toBeLessThan(Math.max(200, (performance.now() - startedMs) / 2));
    },
    STORM_TIMEOUT_MS,
  );

  it('[case 93] make a request with an idempotency key happen once, also at the same time and after a restart', async () => {
    const place = await databases.fresh();
    const first = await databases.open(place);
    const keyed = change(null, { idempotencyKey: { key: 'k1', request: 'POST /deployments {"a":1}' } });
    expect(await first.deployments.findReplay(ORIGIN, keyed.idempotencyKey!)).toBeNull();
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => first.deployments.change(keyed)));
    expect(outcomes.filter(({ replayed }) => !replayed)).toHaveLength(1);
    await first.close();

    const second = await databases.open(place);
    const replay = await second.deployments.change(keyed);
    const known: DeploymentChanged = { ...outcomes.find(({ replayed }) => !replayed)!, replayed: true };
    expect(replay).toEqual(known);
    expect(await second.deployments.findReplay(ORIGIN, keyed.idempotencyKey!)).toEqual(known);
    expect((await second.audit.page({}, 10)).events).toHaveLength(1);
  });

  it('[case 93] refuse an idempotency key with another request; another actor has keys of its own, and another token of the same name', async () => {
    const key = { key: 'k1', request: 'one' };
    await store.deployments.change(change(null, { idempotencyKey: key }));
    await expect(
      store.deployments.change(change(1, { idempotencyKey: { ...key, request: 'two' } })),
    ).rejects.toMatchObject({ code: 'idempotency-key-reused' });
    await expect(store.deployments.findReplay(ORIGIN, { ...key, request: 'two' })).rejects.toMatchObject({
      code: 'idempotency-key-reused',
    });
    const other = change(1, { idempotencyKey: { ...key, request: 'two' }, origin: { ...ORIGIN, actor: 'bob' } });
    expect(await store.deployments.change(other)).toMatchObject({ replayed: false });
    const namesake = change(2, { idempotencyKey: key, origin: { ...ORIGIN, tokenId: 'another' } });
    expect(await store.deployments.change(namesake)).toMatchObject({ replayed: false });
    expect((await store.audit.page({ outcome: 'refused' }, 10)).events).toHaveLength(1);
  });

  it('go on counting generations when one is removed and created again', async () => {
    await store.deployments.change(change(null));
    expect(await store.deployments.change(change(1, { desired: null, action: 'remove' }))).toEqual({
      deployment: null,
      replayed: false,
    });
    expect(await store.deployments.readAll()).toEqual([]);
    await expect(store.deployments.change(change(2))).rejects.toMatchObject({ code: 'generation-mismatch' });
    expect(await store.deployments.change(change(null))).toMatchObject({ deployment: { generation: 3 } });
  });

  it('[case 49] [case 51] take any name and text as it is', async () => {
    const names = [`'; DROP TABLE understudy_audit; --`, '__proto__', '%_$1?', 'é', 'e\u0301', 'A', 'a', '中文'];
    for (const name of names) await store.deployments.change(change(null, { name }));
    const all = await store.deployments.readAll();
    expect(all.map(({ name }) => name)).toEqual([...names].sort());
  });
});

onPostgres('the deployments of two replicas', () => {
  const databases = new TestDatabases('postgres');

  afterAll(() => databases.end());

  it('[case 92] are changed by both at once without losing a change', async () => {
    const place = await databases.fresh();
    const [one, two] = [await databases.open(place), await databases.open(place)];
    await one.deployments.change(change(null));
    const increment = async (replica: Store): Promise<void> => {
      for (let made = 0; made < 25;) {
        const [current] = await replica.deployments.readAll();
        try {
          await replica.deployments.change(change(current!.generation));
          made++;
        } catch (error) {
          expect(error).toMatchObject({ code: 'generation-mismatch' });
        }
      }
    };
    await Promise.all([increment(one), increment(two)]);
    expect((await one.deployments.readAll())[0]).toMatchObject({ generation: 51 });
    expect(await two.audit.verify()).toMatchObject({ ok: true });
  });
});
