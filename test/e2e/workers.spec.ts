import { CRASHES_ON, countingModel, crashingModel } from '../support/onnx/misbehaving-models';
import { constantModel, heavyModel } from '../support/onnx/models';
import { ModelFolder } from '../support/model-folder';
import { type Answered, OneConnection } from '../support/one-connection';
import { ADMIN_TOKEN } from '../support/access-matrix';
import { Scrape } from '../support/scrape';
import { gone, type Status } from '../support/running-server';
import { ServerProcess } from '../support/server-process';
import { temporaryFolder } from '../support/temporary-folder';

/** Two serving processes on one port that share the runners, and the control process behind them. */

const ROW = [5.1, 3.5, 1.4, 0.2];
const CLIENTS = 8;
const ARM = 'deployment="default",slot="current",version="models:/tracking-quickstart/1"';

interface StatusWithWorkers extends Status {
  readonly workers: readonly { readonly pid: number; readonly ready: boolean; readonly connections: number }[];
}

let models: ModelFolder;
let data: ReturnType<typeof temporaryFolder>;
let server: ServerProcess;
let url: string;
/** For questions about the server, beside the clients of a test. */
let observer: OneConnection;
let clients: OneConnection[];
/** How the observer says who it is. */
let admin: Readonly<Record<string, string>>;

beforeEach(() => {
  models = new ModelFolder();
  models.publish('tracking-quickstart', 1, constantModel(1));
  models.publish('tracking-quickstart', 2, constantModel(2));
  data = temporaryFolder('data');
  clients = [];
  admin = {};
});

afterEach(async () => {
  observer.close();
  for (const client of clients) client.close();
  server.signal('SIGKILL');
  await server.exited();
  data.remove();
  models.remove();
});

async function start(settings: Readonly<Record<string, string>> = {}): Promise<void> {
  server = new ServerProcess({
    environment: {
      PORT: '0',
      UNDERSTUDY_WORKERS: '2',
      UNDERSTUDY_LAME_DUCK_MS: '200',
      UNDERSTUDY_REGISTRY_DIR: models.path,
      UNDERSTUDY_DATA_DIR: data.path,
      ...settings,
    },
  });
  url = await server.url();
  observer = new OneConnection(url);
  await until(async () => (await observer.ask('GET', '/readyz')).status === 200);
  await untilWorkers(2);
}

/** Waits until `condition` holds, for as long as the test may take. */
async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}

const status = async (): Promise<StatusWithWorkers> =>
  (await observer.ask('GET', '/status', undefined, admin)).body as StatusWithWorkers;

async function untilWorkers(count: number): Promise<void> {
  await until(async () => (await status()).workers.filter(({ ready }) => ready).length === count);
}

/** Clients whose connections were opened one after another, so that each worker has half of them. */
async function connect(): Promise<OneConnection[]> {
  for (let client = 0; client < CLIENTS; client++) {
    const connection = new OneConnection(url);
    clients.push(connection);
    await connection.ask('GET', '/livez');
  }
  return clients;
}

async function change(path: string, body: object = {}, method = 'POST'): Promise<unknown> {
  const { status: code, body: answer } = await observer.ask(method, path, body, admin);
  if (code >= 300) throw new Error(`${method} ${path} was answered ${code}: ${JSON.stringify(answer)}`);
  return answer;
}

/** The answers of all clients to one prediction each. */
const predictions = async (path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answered[]> =>
  Promise.all(clients.map(async (client) => client.ask('POST', path, { data: [ROW] }, headers)));

const load = async (uri: string): Promise<unknown> => change('/update-model', { model_uri: uri });

interface Seen {
  readonly client: number;
  readonly sentMs: number;
  /** Of the answer; 0 where the connection broke. */
  readonly status: number;
  readonly version: unknown;
  readonly error: string | undefined;
}

/** Predictions of every client, one after another, until `stop`. */
function steadyLoad(headers: Readonly<Record<string, string>> = {}) {
  let stopped = false;
  const seen: Seen[] = [];
  const running = clients.map(async (connection, client) => {
    while (!stopped) {
      const sentMs = performance.now();
      try {
        const answer = await connection.predict([ROW], headers);
        const version = answer.headers['x-model-version'];
        seen.push({ client, sentMs, status: answer.status, version, error: undefined });
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        seen.push({ client, sentMs, status: 0, version: undefined, error: code ?? String(error) });
        if (code === 'ECONNREFUSED') return;
      }
    }
  });
  return {
    seen,
    ended: Promise.all(running),
    stop: async () => {
      stopped = true;
      await Promise.all(running);
    },
  };
}

const enough = async (seen: readonly Seen[], more: number): Promise<void> => {
  const from = seen.length;
  await until(() => seen.length >= from + more);
};

describe('two workers', () => {
  it('serve the workflow: load, canary, promote, roll back', async () => {
    await start();
    await connect();
    expect((await status()).workers.every(({ connections }) => connections >= CLIENTS / 2)).toBe(true);
    await load('models:/tracking-quickstart/2');
    for (const client of clients) {
      expect((await client.predict([ROW])).body).toEqual({ predictions: [1], model_used: 'current' });
      expect((await client.predict([ROW], { 'X-Model-Slot': 'next' })).body).toEqual({
        predictions: [2],
        model_used: 'next',
      });
    }
    await change('/set-canary-probability', { probability: 0 });
    for (const client of clients) expect((await client.predict([ROW])).body).toMatchObject({ model_used: 'next' });
    await change('/accept-next-model');
    await change('/set-canary-probability', { probability: 1 });
    for (const client of clients)
      expect((await client.predict([ROW])).body).toEqual({ predictions: [2], model_used: 'current' });
    await change('/rollback');
    for (const client of clients)
      expect((await client.predict([ROW])).body).toEqual({ predictions: [1], model_used: 'current' });
    // One copy of each model, whoever answers.
    const { current, next } = await status();
    expect([current?.runner.runners.length, next?.runner.runners.length]).toEqual([1, 1]);
  });

  it('send the same canary key to the same slot', async () => {
    await start();
    await connect();
    await load('models:/tracking-quickstart/2');
    await change('/set-canary-probability', { probability: 0.5 });
    const slots = new Set<unknown>();
    for (let key = 0; key < 20; key++) {
      const used = await Promise.all(
        clients.map(async (client) => {
          const answer = await client.predict([ROW], { 'X-Canary-Key': `user-${key}` });
          return answer.headers['x-model-used'];
        }),
      );
      expect(new Set(used).size).toBe(1);
      slots.add(used[0]);
    }
    expect(slots).toEqual(new Set(['current', 'next']));
  });

  it('know deployments from the moment they are made until they are deleted, with their settings', async () => {
    await start();
    await connect();
    await load('models:/tracking-quickstart/2');
    await change('/set-canary-probability', { probability: 0.5 });
    const shop = {
      current: 'models:/tracking-quickstart/1',
      next: 'models:/tracking-quickstart/2',
      canaryProbability: 0.5,
      // With the salt of "default" it splits its users alike.
      settings: { stickySalt: 'default' },
    };
    await change('/deployments/shop', shop, 'PUT');
    for (let key = 0; key < 12; key++) {
      const headers = { 'X-Canary-Key': `user-${key}` };
      const answers = [
        ...(await predictions('/predict', headers)),
        ...(await predictions('/deployments/shop/predict', headers)),
      ];
      expect(new Set(answers.map(({ headers: { 'x-model-used': slot } }) => slot)).size).toBe(1);
    }
    await change('/deployments/shop/set-canary-probability', { probability: 0 });
    for (const { body } of await predictions('/deployments/shop/predict'))
      expect(body).toEqual({ predictions: [2], model_used: 'next' });
    await change('/deployments/shop', {}, 'DELETE');
    for (const { status: code } of await predictions('/deployments/shop/predict')) expect(code).toBe(404);
  });

  it('count together: /metrics and the statistics are of them all', async () => {
    await start();
    await connect();
    const rounds = 5;
    for (let round = 0; round < rounds; round++) await predictions('/predict');
    await predictions('/predict', { 'X-Model-Slot': 'sideways' });
    await Promise.all(
      clients.map(async (client) => client.ask('POST', '/deployments/nobody/predict', { data: [ROW] })),
    );
    const answered = rounds * CLIENTS;
    const figures = async () => {
      const scrape = await Scrape.of(url);
      return {
        outcomes: scrape.of('understudy_predictions_total'),
        refusals: scrape.of('understudy_prediction_refusals_total'),
        timed: scrape.series.get(`understudy_prediction_duration_seconds_count{${ARM}}`),
        rows: scrape.series.get(`understudy_run_rows_sum{${ARM}}`),
      };
    };
    await until(async () => (await figures()).rows === answered);
    await until(async () => Object.keys((await figures()).refusals).length === 2);
    expect(await figures()).toEqual({
      outcomes: {
        [`${ARM},protocol="predict",outcome="ok"`]: answered,
        [`${ARM},protocol="predict",outcome="refused"`]: 0,
        [`${ARM},protocol="predict",outcome="failed"`]: 0,
        'deployment="",slot="",version="",protocol="predict",outcome="refused"': 2 * CLIENTS,
      },
      refusals: {
        'protocol="predict",code="invalid-header"': CLIENTS,
        'protocol="predict",code="deployment-not-found"': CLIENTS,
      },
      timed: answered,
      rows: answered,
    });
    const { body } = await observer.ask('GET', '/deployments/default/statistics');
    expect(body).toMatchObject({ arms: [{ slot: 'current', requests: answered }] });
  });

  it('answer by a change from the moment it is acknowledged', async () => {
    await start();
    await connect();
    const traffic = steadyLoad();
    const flips: { readonly atMs: number; readonly version: string }[] = [];
    for (const version of ['2', '1', '2', '1']) {
      await load(`models:/tracking-quickstart/${version}`);
      await change('/accept-next-model');
      flips.push({ atMs: performance.now(), version });
      await enough(traffic.seen, 50);
    }
    await change('/rollback');
    flips.push({ atMs: performance.now(), version: '2' });
    await enough(traffic.seen, 50);
    await traffic.stop();
    expect(traffic.seen.filter((answer) => answer.status !== 200)).toEqual([]);
    for (const [index, { atMs, version }] of flips.entries()) {
      // Until the next change began there is only one version that may answer; it began after at least 50 answers.
      const after = traffic.seen.filter(({ sentMs }) => sentMs > atMs).slice(0, 40);
      expect([index, new Set(after.map((answer) => answer.version))]).toEqual([index, new Set([version])]);
    }
  });

  it('let the last requests of a version finish before its runner ends', async () => {
    models.publish('heavy', 1, heavyModel(2000));
    await start();
    await connect();
    await load('models:/heavy/1');
    const { pid } = (await status()).next!.runner;
    const rows = Array.from({ length: 2000 }, () => [1, 2, 3, 4]);
    const underWay = clients.map(async (client) => client.predict(rows, { 'X-Model-Slot': 'next' }));
    await until(async () => (await status()).next!.runner.waitingRequests > 0);
    await load('models:/tracking-quickstart/2');
    expect((await observer.predict([ROW], { 'X-Model-Slot': 'next' })).body).toEqual({
      predictions: [2],
      model_used: 'next',
    });
    expect((await Promise.all(underWay)).map((answer) => answer.status)).toEqual(clients.map(() => 200));
    await gone(pid);
  });
});

describe('a process that is killed', () => {
  it('[case 79] a worker: only its own connections fail, and it is replaced', async () => {
    await start();
    await connect();
    const traffic = steadyLoad();
    await enough(traffic.seen, 50);
    const [victim, other] = (await status()).workers;
    process.kill(victim!.pid, 'SIGKILL');
    await gone(victim!.pid);
    // The observer may have been on its connection.
    observer.close();
    observer = new OneConnection(url);
    await untilWorkers(2);
    await enough(traffic.seen, 100);
    await traffic.stop();
    const broken = traffic.seen.filter((answer) => answer.status !== 200);
    expect(broken.every(({ status: code }) => code === 0)).toBe(true);
    // Each client on it lost what it had under way, once.
    expect(new Set(broken.map(({ client }) => client)).size).toBe(broken.length);
    expect(broken.length).toBeLessThanOrEqual(CLIENTS / 2);
    const pids = (await status()).workers.map(({ pid }) => pid);
    expect(pids).toContain(other!.pid);
    expect(pids).not.toContain(victim!.pid);
  });

  it('[case 79] the runner: no prediction fails', async () => {
    await start();
    await connect();
    const traffic = steadyLoad();
    for (let kill = 1; kill <= 2; kill++) {
      await enough(traffic.seen, 50);
      process.kill((await status()).current!.runner.pid, 'SIGKILL');
      await until(async () => (await status()).current!.runner.restarts === kill);
    }
    await enough(traffic.seen, 50);
    await traffic.stop();
    expect(traffic.seen.filter((answer) => answer.status !== 200)).toEqual([]);
  });

  it('[case 110] the control process: nothing is left, with kill -9 too', async () => {
    await start();
    const { workers, current } = await status();
    const pids = [...workers.map(({ pid }) => pid), ...current!.runner.runners.map(({ pid }) => pid)];
    expect(pids).toHaveLength(3);
    server.signal('SIGKILL');
    await server.exited();
    await Promise.all(pids.map(gone));
  });
});

describe('a bad request on one worker', () => {
  it('[case 79] that ends the runner twice is refused; those of the other worker are not taken for the cause', async () => {
    models.publish('crashing', 1, crashingModel());
    await start({ UNDERSTUDY_MODEL_URI: 'models:/crashing/1' });
    const [first, ...others] = await connect();
    const [bad, ...good] = await Promise.all([
      first!.predict([[CRASHES_ON]]),
      ...others.map(async (client, row) => client.predict([[row]])),
    ]);
    expect([bad.status, bad.body]).toMatchObject([500, { code: 'inference-failed' }]);
    expect(good.map(({ status: code }) => code)).toEqual(good.map(() => 200));
  });

  it('[case 78] that hangs is found out by its worker; the control process ends the runner and starts it again', async () => {
    models.publish('counting', 1, countingModel());
    await start({ UNDERSTUDY_MODEL_URI: 'models:/counting/1', UNDERSTUDY_RUN_TIMEOUT_MS: '1000' });
    const [first, ...others] = await connect();
    const hanging = first!.predict([[1e12]]);
    const good = await Promise.all(others.map(async (client) => client.predict([[1]])));
    expect(good.map(({ status: code }) => code)).toEqual(good.map(() => 200));
    const { status: code, body } = await hanging;
    expect([code, body]).toMatchObject([504, { code: 'inference-timeout' }]);
    await until(async () => (await status()).current!.runner.restarts === 2);
    expect((await status()).current!.runner.lastProblem).toMatch(/did not end within 1000 ms/);
  });
});

describe('what is no prediction', () => {
  it('is answered by the control process as a single process would: status, headers, ids, refusals', async () => {
    await start();
    const id = { 'X-Request-Id': 'mine-1' };
    const documents = await observer.ask('GET', '/docs-json');
    expect([documents.status, (documents.body as { openapi: string }).openapi]).toEqual([200, expect.any(String)]);
    expect(await observer.ask('GET', '/nowhere', undefined, id)).toMatchObject({
      status: 404,
      headers: { 'x-request-id': 'mine-1', 'content-type': 'application/problem+json' },
      body: { code: 'not-found', requestId: 'mine-1' },
    });
    expect(await observer.ask('HEAD', '/livez')).toMatchObject({ status: 200, body: '' });
    expect(await observer.ask('POST', '/rollback')).toMatchObject({
      status: 409,
      body: { code: 'no-previous-version' },
    });
    expect(await observer.ask('POST', '/update-model', { model_uri: 'x'.repeat(5_000_000) })).toMatchObject({
      status: 413,
      headers: { connection: 'close' },
    });
    expect((await observer.ask('GET', '/v2/health/ready')).body).toEqual({ ready: true });
  });

  it('carries the client’s address, which no client can make up', async () => {
    await start();
    await observer.ask('POST', '/set-canary-probability', { probability: 0.3 }, { 'X-Understudy-Client': '6.6.6.6' });
    const { body } = await observer.ask('GET', '/deployments/default/events');
    const { events } = body as { readonly events: readonly { readonly origin: { readonly address: string } }[] };
    expect(events[0]?.origin.address).toBe('127.0.0.1');
  });
});

describe('tokens and sessions', () => {
  const settings = { UNDERSTUDY_AUTH: 'tokens', UNDERSTUDY_ADMIN_TOKEN: ADMIN_TOKEN };
  const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
  const codes = async (headers: Readonly<Record<string, string>>): Promise<Set<number>> =>
    new Set((await predictions('/predict', headers)).map(({ status: code }) => code));
  const create = async (scope: string) =>
    (await change('/tokens', { name: `may ${scope}`, scopes: [scope] })) as {
      readonly id: string;
      readonly token: string;
    };

  it('[case 139] count at every worker from the answer to their creation to the answer to their revocation', async () => {
    admin = bearer(ADMIN_TOKEN);
    await start(settings);
    await connect();
    expect(await codes({})).toEqual(new Set([401]));
    expect(await codes(bearer('somebody'))).toEqual(new Set([401]));
    expect(await codes(admin)).toEqual(new Set([200]));
    const predict = await create('predict');
    expect(await codes(bearer(predict.token))).toEqual(new Set([200]));
    expect(await codes(bearer((await create('view')).token))).toEqual(new Set([403]));
    await change(`/tokens/${predict.id}`, {}, 'DELETE');
    expect(await codes(bearer(predict.token))).toEqual(new Set([401]));
    server.signal('SIGTERM');
    await server.exited();
    observer.close();
    // Their last use was told to the control process, which has written it.
    await start(settings);
    const { body } = await observer.ask('GET', '/tokens', undefined, admin);
    const { tokens } = body as {
      readonly tokens: readonly { readonly id: string; readonly lastUsedAt: string | null }[];
    };
    expect(tokens.find(({ id }) => id === predict.id)?.lastUsedAt).toEqual(expect.any(String));
  });

  it('know the session of a browser until it is signed out, whichever worker its connections are at', async () => {
    admin = bearer(ADMIN_TOKEN);
    await start(settings);
    await connect();
    const ownPage = { 'Sec-Fetch-Site': 'same-origin', 'X-Understudy-Csrf': '1' };
    const { headers } = await observer.ask('POST', '/session', { token: ADMIN_TOKEN }, ownPage);
    const session = { ...ownPage, Cookie: headers['set-cookie']![0]!.split(';')[0]! };
    expect(await codes(session)).toEqual(new Set([200]));
    expect(await codes({ ...session, 'Sec-Fetch-Site': 'cross-site' })).toEqual(new Set([403]));
    expect((await observer.ask('DELETE', '/session', undefined, session)).status).toBe(204);
    expect(await codes(session)).toEqual(new Set([401]));
  });
});

describe('SIGTERM', () => {
  it('[case 111] loses no request, and ends the workers, then the runners', async () => {
    await start();
    await connect();
    const { workers, current } = await status();
    const traffic = steadyLoad();
    await enough(traffic.seen, 100);
    server.signal('SIGTERM');
    await traffic.ended;
    expect(await server.exited()).toEqual({ code: 0, signal: null });
    expect(traffic.seen.filter((answer) => answer.status !== 200 && answer.error !== 'ECONNREFUSED')).toEqual([]);
    await Promise.all([...workers.map(({ pid }) => pid), current!.runner.pid].map(gone));
  });
});
