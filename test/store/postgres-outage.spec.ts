import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger, SystemClock } from '@understudy/platform';
import { type DatabasePlace, type DeploymentChange, Store } from '@understudy/store';
import { desired, onPostgres, ORIGIN, settingsFor } from './support/databases';
import { Relay } from './support/relay';
import { runSql } from './support/sql';
import { createDatabase, TestPostgres } from './support/test-postgres';

const change = (expectedGeneration: number | null): DeploymentChange => ({
  name: 'default',
  expectedGeneration,
  desired: desired(expectedGeneration ?? 0),
  action: 'load-next',
  origin: ORIGIN,
});

/** Waits for what comes by itself; the test's own limit ends it. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(20);
}

onPostgres('when PostgreSQL fails', () => {
  let postgres: TestPostgres;
  let place: DatabasePlace & { kind: 'postgres' };
  let store: Store;
  let relay: Relay;
  let relayed: Store;

  const open = (at: DatabasePlace): Promise<Store> => Store.open(settingsFor(at), new SystemClock(), Logger.silent());

  beforeAll(async () => {
    postgres = (await TestPostgres.create())!;
  });

  beforeEach(async () => {
    place = { kind: 'postgres', url: await createDatabase(postgres.url()) };
    relay = await Relay.to(postgres.port);
    store = await open(place);
    const throughRelay = new URL(place.url);
    throughRelay.port = String(relay.port);
    relayed = await open({ kind: 'postgres', url: throughRelay.href });
    await store.deployments.change(change(null));
  });

  afterEach(async () => {
    await Promise.all([store.close(), relayed.close()]);
    await relay.close();
  });

  afterAll(() => postgres.remove());

  async function expectUnavailable(replica: Store): Promise<void> {
    const startedMs = performance.now();
    await expect(replica.deployments.change(change(1))).rejects.toMatchObject({ code: 'database-unavailable' });
    await expect(replica.deployments.readAll()).rejects.toMatchObject({ code: 'database-unavailable' });
    // Two operations, each within two seconds where the machine has time.
    expect(performance.now() - startedMs).toBeLessThan(20_000);
  }

  async function expectRecovered(replica: Store): Promise<void> {
    await until(() => replica.changes.isListening);
    await replica.deployments.change(change(1));
    expect((await replica.deployments.readAll())[0]).toMatchObject({ generation: 2 });
    expect(await replica.audit.verify()).toMatchObject({ ok: true });
  }

  it.each(['fast', 'immediate'] as const)(
    '[case 106] says unavailable while it is stopped (%s), and goes on by itself when it is back',
    async (how) => {
      await postgres.stop(how);
      await expectUnavailable(store);
      await until(() => !store.changes.isListening);
      await postgres.start();
      await expectRecovered(store);
      // The other replica listens again too.
      await until(() => relayed.changes.isListening);
      let heard = 0;
      relayed.changes.subscribe(() => heard++);
      await store.deployments.change(change(2));
      await until(() => heard > 0);
    },
  );

  /** A server that lets the client in and ends the connection in one breath, as one does that is being stopped. */
  async function openAndEndInOneBreath(): Promise<Server> {
    const message = (type: string, body: Buffer): Buffer => {
      const length = Buffer.alloc(4);
      length.writeInt32BE(body.length + 4);
      return Buffer.concat([Buffer.from(type), length, body]);
    };
    const ended = Buffer.from('SFATAL\0C57P01\0Mterminating connection due to administrator command\0\0');
    const answer = [message('R', Buffer.alloc(4)), message('Z', Buffer.from('I')), message('E', ended)];
    const server = createServer((socket) => {
      socket.once('data', () => socket.end(Buffer.concat(answer)));
      socket.on('error', () => undefined);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return server;
  }

  it('[case 106] survives a connection that is ended in the moment in which it is made', async () => {
    const server = await openAndEndInOneBreath();
    const { port } = server.address() as AddressInfo;
    await expect(open({ kind: 'postgres', url: `postgres://a:b@127.0.0.1:${port}/c` })).rejects.toThrow();
    server.close();
  });

  it('[case 106] survives that its connections are ended from the other side', async () => {
    await runSql({ kind: 'postgres', url: postgres.url() }, [
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'understudy'`,
    ]);
    await until(async () => (await store.deployments.readAll().catch(() => [])).length === 1);
    await expectRecovered(store);
  });

  it('[case 106] says unavailable in time when it hangs, to all who wait, and goes on when it wakes up', async () => {
    relay.holds = true;
    const startedMs = performance.now();
    const waiting = Array.from({ length: 20 }, () => relayed.deployments.change(change(1)));
    const outcomes = await Promise.allSettled(waiting);
    // One after another they would wait for 30 s.
    expect(performance.now() - startedMs).toBeLessThan(20_000);
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'database-unavailable' } });
    }
    relay.holds = false;
    relay.cut();
    await until(async () => (await relayed.deployments.readAll().catch(() => [])).length === 1);
    await expectRecovered(relayed);
  });

  it('[case 106] says unavailable when it became read-only', async () => {
    const name = new URL(place.url).pathname.slice(1);
    await runSql(place, [
      `ALTER DATABASE ${name} SET default_transaction_read_only TO on`,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}' AND pid <> pg_backend_pid()`,
    ]);
    await until(async () => (await store.deployments.readAll().catch(() => [])).length === 1);
    await expect(store.deployments.change(change(1))).rejects.toMatchObject({ code: 'database-unavailable' });
  });

  it('[case 107] finds out that a change was made whose answer was lost', async () => {
    relay.loseAnswerTo = ['pg_notify', 'COMMIT'];
    expect(await relayed.deployments.change(change(1))).toMatchObject({
      deployment: { generation: 2 },
      replayed: false,
    });
    expect((await store.deployments.readAll())[0]).toMatchObject({ generation: 2 });
    expect(await store.audit.verify()).toMatchObject({ ok: true, head: { sequence: 2 } });
  });

  it('[case 107] finds out that a change was not made whose commit never arrived', async () => {
    relay.loseAnswerTo = ['pg_notify'];
    await expect(relayed.deployments.change(change(1))).rejects.toMatchObject({ code: 'database-unavailable' });
    expect((await store.deployments.readAll())[0]).toMatchObject({ generation: 1 });
  });

  it('[case 107] says that it does not know while it cannot find out', async () => {
    relay.loseAnswerTo = ['pg_notify', 'COMMIT'];
    relay.staysLost = true;
    const outcome: unknown = await relayed.deployments.change(change(1)).catch((error: unknown) => error);
    expect(outcome).toMatchObject({ code: 'change-outcome-unknown', details: { changeId: expect.any(String) } });
    const { changeId } = (outcome as { details: { changeId: string } }).details;
    // What the sentence promises: the trail tells.
    const { events } = await store.audit.page({}, 10);
    expect(events.map(({ id }) => id)).toContain(changeId);
  });
});
