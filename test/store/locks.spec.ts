import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { Logger, SystemClock } from '@understudy/platform';
import { type DatabasePlace, type DeploymentChange, Store } from '@understudy/store';
import { desired, onPostgres, ORIGIN, settingsFor } from './support/databases';
import { createDatabase, TestPostgres } from './support/test-postgres';

/** Somebody else who holds what the store needs: a migration of hand, a backup, a query that a person forgot. */

const change = (expectedGeneration: number | null): DeploymentChange => ({
  name: 'default',
  expectedGeneration,
  desired: desired(expectedGeneration ?? 0),
  action: 'load-next',
  origin: ORIGIN,
});

onPostgres('[case 108] when somebody else', () => {
  let postgres: TestPostgres;
  let place: DatabasePlace & { kind: 'postgres' };
  let store: Store;
  let other: pg.Client;

  beforeAll(async () => {
    postgres = (await TestPostgres.create())!;
  });

  beforeEach(async () => {
    place = { kind: 'postgres', url: await createDatabase(postgres.url()) };
    store = await Store.open(settingsFor(place), new SystemClock(), Logger.silent());
    await store.deployments.change(change(null));
    other = new pg.Client({ connectionString: place.url });
    await other.connect();
  });

  afterEach(async () => {
    await other.end();
    await store.close();
  });

  afterAll(() => postgres.remove());

  it('holds a lock, a change is told in time that it was not made, and is made once the lock is gone', async () => {
    await other.query('BEGIN');
    await other.query('SELECT * FROM understudy_deployments FOR UPDATE');
    const startedMs = performance.now();
    await expect(store.deployments.change(change(1))).rejects.toMatchObject({ code: 'database-unavailable' });
    // The limit of a statement is 1.5 s; without it this would never end.
    expect(performance.now() - startedMs).toBeLessThan(60_000);
    // Readers are not held up.
    expect(await store.deployments.readAll()).toMatchObject([{ generation: 1 }]);
    await other.query('ROLLBACK');
    expect((await store.deployments.change(change(1))).deployment).toMatchObject({ generation: 2 });
    expect(await store.audit.verify()).toMatchObject({ ok: true });
  });

  it('holds every row, a hundred who wait are told at once, and nothing of theirs is done later', async () => {
    await other.query('BEGIN');
    await other.query('LOCK TABLE understudy_deployments IN ACCESS EXCLUSIVE MODE');
    const startedMs = performance.now();
    const outcomes = await Promise.allSettled(Array.from({ length: 100 }, () => store.deployments.change(change(1))));
    // One after another they would wait for 150 s.
    expect(performance.now() - startedMs).toBeLessThan(60_000);
    expect(
      new Set(outcomes.map((outcome) => outcome.status === 'rejected' && (outcome.reason as { code: string }).code)),
    ).toEqual(new Set(['database-unavailable']));
    await other.query('COMMIT');
    expect(await store.deployments.readAll()).toMatchObject([{ generation: 1 }]);
    expect((await store.deployments.change(change(1))).deployment).toMatchObject({ generation: 2 });
  });

  it('is in the way crosswise, the database undoes the change, which is tried again and made once', async () => {
    const isWaiting = async (): Promise<boolean> => {
      const waits = `SELECT 1 FROM pg_stat_activity WHERE application_name = 'understudy' AND wait_event_type = 'Lock'`;
      return (await other.query(waits)).rowCount === 1;
    };
    await other.query('BEGIN');
    // So that not this transaction but the store's finds the deadlock and is undone.
    await other.query(`SET LOCAL deadlock_timeout = '1h'`);
    await other.query('SELECT * FROM understudy_deployments FOR UPDATE');
    const changing = store.deployments.change(change(1));
    while (!(await isWaiting())) await sleep(10);
    await other.query('SELECT * FROM understudy_head FOR UPDATE');
    await other.query('ROLLBACK');
    expect((await changing).deployment).toMatchObject({ generation: 2 });
    expect(await deadlocks(other)).toBe(1);
    expect(await store.deployments.readAll()).toMatchObject([{ generation: 2 }]);
    expect(await store.audit.verify()).toMatchObject({ ok: true, head: { sequence: 2 } });
  });
});

/** How many the database has found in this database; its statistics come a moment late. */
async function deadlocks(client: pg.Client): Promise<number> {
  for (;;) {
    const { rows } = await client.query<{ deadlocks: string }>(
      'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()',
    );
    const found = Number(rows[0]?.deadlocks);
    if (found > 0) return found;
    await sleep(50);
  }
}
