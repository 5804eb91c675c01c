import { setTimeout as sleep } from 'node:timers/promises';
import { SystemClock } from '@understudy/platform';
import { type Store, StoreSettings } from '@understudy/store';
import { desired, onBothKinds, onPostgres, ORIGIN, TestDatabases } from './support/databases';
import { runSql } from './support/sql';

const create = (store: Store, name: string) =>
  store.deployments.change({ name, expectedGeneration: null, desired: desired(1), action: 'create', origin: ORIGIN });

/** Resolves with the milliseconds until the feed speaks. */
function nextCall(store: Store): Promise<number> {
  const startedMs = performance.now();
  return new Promise((resolve) => {
    const stop = store.changes.subscribe(() => {
      stop();
      resolve(performance.now() - startedMs);
    });
  });
}

onBothKinds('changes', (kind) => {
  const databases = new TestDatabases(kind);

  afterAll(() => databases.end());

  it('are heard of in the process that made them; refusals are not', async () => {
    const store = await databases.open(await databases.fresh());
    const heard = nextCall(store);
    await create(store, 'a');
    await heard;
    await sleep(250);
    let calls = 0;
    store.changes.subscribe(() => calls++);
    await expect(create(store, 'a')).rejects.toMatchObject({ code: 'generation-mismatch' });
    await sleep(250);
    expect(calls).toBe(0);
  });
});

/** A second is promised; a machine that is busy with other tests may need more. Polling as rarely as here would be an hour. */
const SOON_MS = 60_000;

onPostgres('changes of another replica', () => {
  const databases = new TestDatabases('postgres');

  afterAll(() => databases.end());

  it('are announced at once', async () => {
    const place = await databases.fresh();
    // Polling so rarely that only an announcement can be in time.
    const settings = new StoreSettings(place, 1_500, 3_600_000);
    const clock = new SystemClock();
    const [one, two] = [await databases.open(place, clock, settings), await databases.open(place, clock, settings)];
    while (!two.changes.isListening) await sleep(10);
    await sleep(200);
    const heard = nextCall(two);
    await create(one, 'a');
    expect(await heard).toBeLessThan(SOON_MS);
    expect(await two.deployments.readAll()).toHaveLength(1);
  });

  it('are found by polling when nothing is announced', async () => {
    const place = await databases.fresh();
    const store = await databases.open(place);
    await sleep(300);
    const heard = nextCall(store);
    // As if the announcement had been lost.
    await runSql(place, ['UPDATE understudy_head SET revision = revision + 1']);
    expect(await heard).toBeLessThan(SOON_MS);
  });
});

it('a listener that throws does not keep the others from hearing', async () => {
  const databases = new TestDatabases('embedded');
  const store = await databases.open(await databases.fresh());
  store.changes.subscribe(() => {
    throw new Error('not mine');
  });
  const heard = nextCall(store);
  await create(store, 'a');
  await databases.end();
  expect(await heard).toBeLessThan(SOON_MS);
});
