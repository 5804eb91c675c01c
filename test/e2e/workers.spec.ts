import { ADMIN_TOKEN } from '../support/access-matrix';
import { countingModel } from '../support/onnx/misbehaving-models';
import { heavyModel, identityModel } from '../support/onnx/models';
import { gone } from '../support/running-server';
import { Scrape } from '../support/scrape';
import { CLIENTS, enough, ROW, ServerWithWorkers, until } from '../support/server-with-workers';

/** Two serving processes on one port that share the runners, and the control process behind them. */

const ARM = 'deployment="default",slot="current",version="models:/tracking-quickstart/1"';

let server: ServerWithWorkers;

beforeEach(() => {
  server = new ServerWithWorkers();
});

afterEach(async () => {
  await server.end();
});

describe('two workers', () => {
  it('serve the workflow: load, canary, promote, roll back', async () => {
    await server.start();
    await server.connect();
    expect((await server.status()).workers.every(({ connections }) => connections >= CLIENTS / 2)).toBe(true);
    await server.load('models:/tracking-quickstart/2');
    for (const client of server.clients) {
      expect((await client.predict([ROW])).body).toEqual({ predictions: [1], model_used: 'current' });
      expect((await client.predict([ROW], { 'X-Model-Slot': 'next' })).body).toEqual({
        predictions: [2],
        model_used: 'next',
      });
    }
    await server.change('/set-canary-probability', { probability: 0 });
    for (const client of server.clients)
      expect((await client.predict([ROW])).body).toMatchObject({ model_used: 'next' });
    await server.change('/accept-next-model');
    await server.change('/set-canary-probability', { probability: 1 });
    for (const client of server.clients)
      expect((await client.predict([ROW])).body).toEqual({ predictions: [2], model_used: 'current' });
    await server.change('/rollback');
    for (const client of server.clients)
      expect((await client.predict([ROW])).body).toEqual({ predictions: [1], model_used: 'current' });
    // One copy of each model, whoever answers.
    const { current, next } = await server.status();
    expect([current?.runner.runners.length, next?.runner.runners.length]).toEqual([1, 1]);
  });

  it('[case 101] are judged together by the guard of a next that became slow', async () => {
    await server.start();
    await server.connect();
    const current = server.models.publish('guarded', 1, identityModel('FP32', [-1, 1]));
    const next = server.models.publish('guarded', 2, countingModel());
    const settings = { guard: { maxErrorShare: 0.1, slowMs: 20 } };
    await server.change('/deployments/guarded', { current, next, canaryProbability: 0.5, settings }, 'PUT');
    // The guard has seen this generation before the requests come.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    // Six at each worker, which alone would say nothing: ten requests are the least. The model takes some tenths of a second for each.
    const asked = [...server.clients, ...server.clients.slice(0, CLIENTS / 2)].map(async (client) =>
      client.ask('POST', '/deployments/guarded/predict', { data: [[50_000]] }, { 'X-Model-Slot': 'next' }),
    );
    expect(new Set((await Promise.all(asked)).map(({ status }) => status))).toEqual(new Set([200]));
    const wanted = async () =>
      (
        (await server.observer.ask('GET', '/deployments/guarded')).body as {
          readonly wanted: { readonly canaryProbability: number };
        }
      ).wanted;
    await until(async () => (await wanted()).canaryProbability === 1);
  });

  it('send the same canary key to the same slot', async () => {
    await server.start();
    await server.connect();
    await server.load('models:/tracking-quickstart/2');
    await server.change('/set-canary-probability', { probability: 0.5 });
    const slots = new Set<unknown>();
    for (let key = 0; key < 20; key++) {
      const used = await Promise.all(
        server.clients.map(async (client) => {
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
    await server.start();
    await server.connect();
    await server.load('models:/tracking-quickstart/2');
    await server.change('/set-canary-probability', { probability: 0.5 });
    const shop = {
      current: 'models:/tracking-quickstart/1',
      next: 'models:/tracking-quickstart/2',
      canaryProbability: 0.5,
      // With the salt of "default" it splits its users alike.
      settings: { stickySalt: 'default' },
    };
    await server.change('/deployments/shop', shop, 'PUT');
    for (let key = 0; key < 12; key++) {
      const headers = { 'X-Canary-Key': `user-${key}` };
      const answers = [
        ...(await server.predictions('/predict', headers)),
        ...(await server.predictions('/deployments/shop/predict', headers)),
      ];
      expect(new Set(answers.map(({ headers: { 'x-model-used': slot } }) => slot)).size).toBe(1);
    }
    await server.change('/deployments/shop/set-canary-probability', { probability: 0 });
    for (const { body } of await server.predictions('/deployments/shop/predict'))
      expect(body).toEqual({ predictions: [2], model_used: 'next' });
    await server.change('/deployments/shop', {}, 'DELETE');
    for (const { status: code } of await server.predictions('/deployments/shop/predict')) expect(code).toBe(404);
  });

  it('count together: /metrics and the statistics are of them all', async () => {
    await server.start();
    await server.connect();
    const rounds = 5;
    for (let round = 0; round < rounds; round++) await server.predictions('/predict');
    await server.predictions('/predict', { 'X-Model-Slot': 'sideways' });
    await Promise.all(
      server.clients.map(async (client) => client.ask('POST', '/deployments/nobody/predict', { data: [ROW] })),
    );
    const answered = rounds * CLIENTS;
    const figures = async () => {
      const scrape = await Scrape.of(server.url);
      return {
        outcomes: scrape.of('understudy_predictions_total'),
        refusals: scrape.of('understudy_prediction_refusals_total'),
        timed: scrape.series.get(`understudy_prediction_duration_seconds_count{${ARM}}`),
        rows: scrape.series.get(`understudy_run_rows_sum{${ARM}}`),
        processes: scrape.series.get('understudy_serving_processes'),
      };
    };
    await until(async () => (await figures()).rows === answered);
    // Each worker reports for itself.
    await until(async () => {
      const { refusals } = await figures();
      return Object.values(refusals).reduce((sum, count) => sum + count, 0) === 2 * CLIENTS;
    });
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
      processes: 2,
    });
    const { body } = await server.observer.ask('GET', '/deployments/default/statistics');
    expect(body).toMatchObject({ arms: [{ slot: 'current', requests: answered }] });
  });

  it('answer by a change from the moment it is acknowledged', async () => {
    await server.start();
    await server.connect();
    const traffic = server.steadyLoad();
    const flips: { readonly atMs: number; readonly version: string }[] = [];
    for (const version of ['2', '1', '2', '1']) {
      await server.load(`models:/tracking-quickstart/${version}`);
      await server.change('/accept-next-model');
      flips.push({ atMs: performance.now(), version });
      await enough(traffic.seen, 50);
    }
    await server.change('/rollback');
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
    server.models.publish('heavy', 1, heavyModel(2000));
    await server.start();
    await server.connect();
    await server.load('models:/heavy/1');
    const { pid } = (await server.status()).next!.runner;
    const rows = Array.from({ length: 2000 }, () => [1, 2, 3, 4]);
    const underWay = server.clients.map(async (client) => client.predict(rows, { 'X-Model-Slot': 'next' }));
    await until(async () => (await server.status()).next!.runner.waitingRequests > 0);
    await server.load('models:/tracking-quickstart/2');
    expect((await server.observer.predict([ROW], { 'X-Model-Slot': 'next' })).body).toEqual({
      predictions: [2],
      model_used: 'next',
    });
    expect((await Promise.all(underWay)).map((answer) => answer.status)).toEqual(server.clients.map(() => 200));
    await gone(pid);
  });
});

describe('what is no prediction', () => {
  it('is answered by the control process as a single process would: status, headers, ids, refusals', async () => {
    await server.start();
    const id = { 'X-Request-Id': 'mine-1' };
    const documents = await server.observer.ask('GET', '/docs-json');
    expect([documents.status, (documents.body as { openapi: string }).openapi]).toEqual([200, expect.any(String)]);
    expect(await server.observer.ask('GET', '/nowhere', undefined, id)).toMatchObject({
      status: 404,
      headers: { 'x-request-id': 'mine-1', 'content-type': 'application/problem+json' },
      body: { code: 'not-found', requestId: 'mine-1' },
    });
    expect(await server.observer.ask('HEAD', '/livez')).toMatchObject({ status: 200, body: '' });
    expect(await server.observer.ask('POST', '/rollback')).toMatchObject({
      status: 409,
      body: { code: 'no-previous-version' },
    });
    expect(await server.observer.ask('POST', '/update-model', { model_uri: 'x'.repeat(5_000_000) })).toMatchObject({
      status: 413,
      headers: { connection: 'close' },
    });
    expect((await server.observer.ask('GET', '/v2/health/ready')).body).toEqual({ ready: true });
  });

  it('carries the client’s address, which no client can make up', async () => {
    await server.start();
    await server.observer.ask(
      'POST',
      '/set-canary-probability',
      { probability: 0.3 },
      { 'X-Understudy-Client': '6.6.6.6' },
    );
    const { body } = await server.observer.ask('GET', '/deployments/default/events');
    const { events } = body as { readonly events: readonly { readonly origin: { readonly address: string } }[] };
    expect(events[0]?.origin.address).toBe('127.0.0.1');
  });
});

describe('tokens and sessions', () => {
  const settings = { UNDERSTUDY_AUTH: 'tokens', UNDERSTUDY_ADMIN_TOKEN: ADMIN_TOKEN };
  const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
  const codes = async (headers: Readonly<Record<string, string>>): Promise<Set<number>> =>
    new Set((await server.predictions('/predict', headers)).map(({ status: code }) => code));
  const create = async (scope: string) =>
    (await server.change('/tokens', { name: `may ${scope}`, scopes: [scope] })) as {
      readonly id: string;
      readonly token: string;
    };

  it('[case 139] count at every worker from the answer to their creation to the answer to their revocation', async () => {
    server.admin = bearer(ADMIN_TOKEN);
    await server.start(settings);
    await server.connect();
    expect(await codes({})).toEqual(new Set([401]));
    expect(await codes(bearer('somebody'))).toEqual(new Set([401]));
    expect(await codes(server.admin)).toEqual(new Set([200]));
    const predict = await create('predict');
    expect(await codes(bearer(predict.token))).toEqual(new Set([200]));
    expect(await codes(bearer((await create('view')).token))).toEqual(new Set([403]));
    await server.change(`/tokens/${predict.id}`, {}, 'DELETE');
    expect(await codes(bearer(predict.token))).toEqual(new Set([401]));
    server.process.signal('SIGTERM');
    await server.process.exited();
    // Their last use was told to the control process, which has written it.
    await server.start(settings);
    const { body } = await server.observer.ask('GET', '/tokens', undefined, server.admin);
    const { tokens } = body as {
      readonly tokens: readonly { readonly id: string; readonly lastUsedAt: string | null }[];
    };
    expect(tokens.find(({ id }) => id === predict.id)?.lastUsedAt).toEqual(expect.any(String));
  });

  it('know the session of a browser until it is signed out, whichever worker its connections are at', async () => {
    server.admin = bearer(ADMIN_TOKEN);
    await server.start(settings);
    await server.connect();
    const ownPage = { 'Sec-Fetch-Site': 'same-origin', 'X-Understudy-Csrf': '1' };
    const { headers } = await server.observer.ask('POST', '/session', { token: ADMIN_TOKEN }, ownPage);
    const session = { ...ownPage, Cookie: headers['set-cookie']![0]!.split(';')[0]! };
    expect(await codes(session)).toEqual(new Set([200]));
    expect(await codes({ ...session, 'Sec-Fetch-Site': 'cross-site' })).toEqual(new Set([403]));
    expect((await server.observer.ask('DELETE', '/session', undefined, session)).status).toBe(204);
    expect(await codes(session)).toEqual(new Set([401]));
  });
});
