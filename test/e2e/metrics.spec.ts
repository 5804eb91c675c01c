import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { Drain } from '../../apps/server/src/http/drain';
import { METRICS } from '../../apps/server/src/metrics/definitions';
import { CRASHES_ON, countingModel, crashingModel } from '../support/onnx/misbehaving-models';
import { constantModel } from '../support/onnx/models';
import { EVERY_PROTOCOL } from '../support/every-protocol';
import { exchange } from '../support/exchange';
import { ModelFolder } from '../support/model-folder';
import { RunningServer } from '../support/running-server';
import { Scrape } from '../support/scrape';

/** What /metrics tells, from real predictions on real runners. */

const JSON_TYPE = { 'Content-Type': 'application/json' };
const ROW = [5.1, 3.5, 1.4, 0.2];

let models: ModelFolder;
let server: RunningServer;

beforeEach(() => {
  models = new ModelFolder();
});

afterEach(async () => {
  await server.stop();
  models.remove();
});

async function serve(
  model: Uint8Array,
  settings: Readonly<Record<string, string>> = {},
  hotDoor = true,
): Promise<void> {
  models.publish('tracking-quickstart', 1, model);
  server = await RunningServer.start({ settings: { UNDERSTUDY_REGISTRY_DIR: models.path, ...settings }, hotDoor });
}

const scrape = async (): Promise<Scrape> => Scrape.of(server.url);
const metric = async (name: string): Promise<Readonly<Record<string, number>>> => (await scrape()).of(name);

async function loadNext(version: number, model: Uint8Array): Promise<void> {
  const uri = models.publish('tracking-quickstart', version, model);
  expect((await server.change('/update-model', { model_uri: uri })).status).toBe(200);
}

const arm = (slot: string, version: number): string =>
  `deployment="default",slot="${slot}",version="models:/tracking-quickstart/${version}"`;

describe.each([
  ['the hot door', true],
  ['the documented controllers', false],
])('predictions through %s', (_door, hotDoor) => {
  it('are counted by arm, protocol and outcome, with their times, rows and refusals', async () => {
    await serve(constantModel(1), {}, hotDoor);
    await loadNext(2, constantModel(2));
    for (const { path, ask } of EVERY_PROTOCOL)
      for (const slot of ['current', 'current', 'next']) {
        const headers = { ...JSON_TYPE, 'X-Model-Slot': slot };
        const body = JSON.stringify(ask([ROW, ROW]));
        expect((await exchange(`${server.url}${path}`, { method: 'POST', headers, body })).status).toBe(200);
      }
    await server.predict([[1, 2]]);
    await server.http.post('/predict').set('Content-Type', 'text/plain').send('x');
    await exchange(`${server.url}/v2/models/unknown/infer`, { method: 'POST', headers: JSON_TYPE, body: '{}' });
    const found = await scrape();
    const totals = found.of('understudy_predictions_total');
    for (const { name } of EVERY_PROTOCOL) {
      expect(totals[`${arm('current', 1)},protocol="${name}",outcome="ok"`]).toBe(2);
      expect(totals[`${arm('next', 2)},protocol="${name}",outcome="ok"`]).toBe(1);
      expect(totals[`${arm('next', 2)},protocol="${name}",outcome="failed"`]).toBe(0);
    }
    expect(totals[`${arm('current', 1)},protocol="predict",outcome="refused"`]).toBe(1);
    const noArm = 'deployment="",slot="",version=""';
    expect(totals[`${noArm},protocol="predict",outcome="refused"`]).toBe(1);
    expect(totals[`${noArm},protocol="infer",outcome="refused"`]).toBe(1);
    expect(found.of('understudy_prediction_refusals_total')).toEqual({
      'protocol="predict",code="tensor-mismatch"': 1,
      'protocol="predict",code="unsupported-media-type"': 1,
      'protocol="infer",code="deployment-not-found"': 1,
    });
    expect(found.of('understudy_prediction_duration_seconds_count')).toEqual({
      [arm('current', 1)]: 7,
      [arm('next', 2)]: 3,
    });
    expect(found.of('understudy_prediction_queue_seconds_count')).toEqual({
      [arm('current', 1)]: 6,
      [arm('next', 2)]: 3,
    });
    expect(found.of('understudy_run_rows_sum')).toEqual({ [arm('current', 1)]: 12, [arm('next', 2)]: 6 });
    expect(found.of('understudy_run_duration_seconds_count')).toEqual({ [arm('current', 1)]: 6, [arm('next', 2)]: 3 });
    const seconds = found.of('understudy_prediction_duration_seconds_sum')[arm('current', 1)]!;
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThan(60);
  });
});

it('tells of every metric that is documented, of ours no other, and of the process', async () => {
  await serve(constantModel(1));
  await server.predict([ROW]);
  await server.predict('x');
  const { text, ownSeries } = await scrape();
  const declared = [...text.matchAll(/^# TYPE (understudy_\S+) (\w+)$/gm)].map(([, name, type]) => [name, type]);
  expect(Object.fromEntries(declared)).toEqual(
    Object.fromEntries(Object.entries(METRICS).map(([name, { type }]) => [name, type])),
  );
  const labels = (name: string): string[] => [...name.matchAll(/(\w+)="/g)].map(([, label]) => label!);
  for (const [name, definition] of Object.entries(METRICS)) {
    const one = ownSeries.find((series) => series.replace(/(_bucket|_sum|_count)?(\{.*)?$/, '') === name)!;
    expect([name, labels(one).filter((label) => label !== 'le')]).toEqual([name, [...definition.labels]]);
  }
  expect(text).toMatch(/^nodejs_eventloop_lag_seconds [\d.e-]+$/m);
  expect(text).toMatch(/^process_resident_memory_bytes \d+$/m);
});

it('tells what slots, split and runners are like, and that a runner was started again', async () => {
  await serve(crashingModel());
  await loadNext(2, crashingModel());
  await server.change('/set-canary-probability', { probability: 0.25 });
  await server.predict([[CRASHES_ON]], { 'X-Model-Slot': 'current' });
  await server.until(async () => (await metric('understudy_slot_ready'))['deployment="default",slot="current"'] === 1);
  const found = await scrape();
  expect(found.of('understudy_slot_ready')).toEqual({
    'deployment="default",slot="current"': 1,
    'deployment="default",slot="next"': 1,
    'deployment="default",slot="previous"': 0,
  });
  expect(found.of('understudy_slot_state')[`${arm('current', 1)},state="ready"`]).toBe(1);
  expect(found.of('understudy_slot_state')[`${arm('current', 1)},state="restarting"`]).toBe(0);
  expect(found.of('understudy_canary_probability')).toEqual({ 'deployment="default"': 0.25 });
  expect(found.of('understudy_deployment_generation')).toEqual({ 'deployment="default"': 3 });
  expect(found.of('understudy_deployment_wanted_generation')).toEqual({ 'deployment="default"': 3 });
  expect(found.of('understudy_runner_restarts_total')).toEqual({
    'version="models:/tracking-quickstart/1"': 2,
    'version="models:/tracking-quickstart/2"': 0,
  });
  expect(found.of('understudy_predictions_total')[`${arm('current', 1)},protocol="predict",outcome="failed"`]).toBe(1);
  expect([found.series.get('understudy_database_up'), found.series.get('understudy_registry_up')]).toEqual([1, 1]);
  expect(found.series.get('understudy_serving_processes')).toBe(1);
  expect(server.log).toContainEqual(
    expect.objectContaining({ msg: 'A prediction failed', code: 'inference-failed', requestId: expect.any(String) }),
  );
});

it('counts no predictions where the settings say so, and tells of the rest', async () => {
  await serve(constantModel(1), { UNDERSTUDY_METRICS: 'false' });
  await server.predict([ROW]);
  const found = await scrape();
  expect(found.of('understudy_predictions_total')).toEqual({});
  expect(found.of('understudy_prediction_duration_seconds_count')).toEqual({});
  expect(found.of('understudy_canary_probability')).toEqual({ 'deployment="default"': 1 });
  const { body } = await server.http.get('/deployments/default/statistics');
  expect((body as { arms: unknown }).arms).toEqual([]);
});

it('[case 157] has as many series after 100,000 random paths and 40 methods as before', async () => {
  await serve(constantModel(1), { UNDERSTUDY_LOG_LEVEL: 'error' });
  const random = (at: number): string => `${at.toString(36)}-${Math.random().toString(36).slice(2)}`;
  const get = (at: number): string =>
    `GET /${random(at)}/${random(at)}?${random(at)} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
  const infer = (at: number): string =>
    `POST /v2/models/${random(at)}/infer HTTP/1.1\r\nHost: localhost\r\nX-Model-Slot: ${random(at)}\r\nContent-Length: 2\r\n\r\n{}`;
  await pipelined([get(0), infer(0)]);
  await server.predict([ROW]);
  const before = (await scrape()).ownSeries;
  // Express is slow, so it gets a fiftieth of them.
  await pipelined(Array.from({ length: 100_000 }, (_, at) => (at % 50 === 0 ? get(at) : infer(at))));
  for (const method of ['PROPFIND', 'PURGE', 'LINK', 'MKCOL', 'LOCK', 'DELETE', 'PATCH', 'PUT'])
    for (const path of ['/predict', '/metrics', `/${random(1)}`, `/v2/models/${random(1)}/infer`, '/update-model'])
      await exchange(`${server.url}${path}`, { method });
  expect((await scrape()).ownSeries).toEqual(before);
}, 180_000);

const BEGIN = 'HTTP/1.1 ';

async function closed(socket: Socket): Promise<never> {
  await once(socket, 'close');
  throw new Error('the server closed the connection');
}

/** Sends requests one after another on a few connections and waits until each is answered. */
async function pipelined(requests: readonly string[]): Promise<void> {
  const { port } = server.app.getHttpServer().address() as AddressInfo;
  const connections = 8;
  await Promise.all(
    Array.from({ length: connections }, async (_, lane) => {
      const own = requests.filter((_request, at) => at % connections === lane);
      const socket = connect(port, '127.0.0.1');
      const cut = closed(socket);
      cut.catch(() => undefined);
      let answers = 0;
      let rest = '';
      socket.setEncoding('latin1').on('data', (text: string) => {
        const pieces = (rest + text).split(BEGIN);
        answers += pieces.length - 1;
        rest = (pieces.at(-1) as string).slice(-BEGIN.length);
      });
      const sent = 200;
      for (let at = 0; at < own.length; at += sent) {
        socket.write(own.slice(at, at + sent).join(''));
        while (answers < Math.min(at + sent, own.length)) await Promise.race([once(socket, 'data'), cut]);
      }
      socket.destroy();
    }),
  );
}

it('[case 157] has no more series after 24 swaps than after 12', async () => {
  await serve(constantModel(1));
  const counts: number[] = [];
  for (let swap = 2; swap <= 25; swap++) {
    await loadNext(swap, constantModel(swap));
    expect((await server.predict([ROW], { 'X-Model-Slot': 'next' })).body).toMatchObject({ predictions: [swap] });
    counts.push((await scrape()).ownSeries.length);
  }
  expect(counts.at(-1)).toBe(counts[11]);
  const nexts = Object.keys(await metric('understudy_run_rows_count')).filter((name) => name.includes('slot="next"'));
  expect(nexts).toHaveLength(9);
}, 120_000);

describe('probes', () => {
  it('[case 103] are not ready until current is warm, are while next loads, and are not on the way out', async () => {
    models.publish('tracking-quickstart', 1, constantModel(1));
    server = await RunningServer.start({
      settings: { UNDERSTUDY_REGISTRY_DIR: models.path, UNDERSTUDY_LAME_DUCK_MS: '300' },
      waitUntilReady: false,
    });
    const ready = async () => server.http.get('/readyz');
    const first = await ready();
    expect([first.status, first.body]).toMatchObject([
      503,
      { ready: false, checks: [{ name: 'running', ok: true }, { name: 'current', ok: false }, { name: 'database' }] },
    ]);
    await server.until(async () => (await ready()).status === 200);
    expect((await ready()).body).toEqual({
      ready: true,
      checks: [
        { name: 'running', ok: true, required: true, found: 'the server takes requests' },
        { name: 'current', ok: true, required: true, found: 'models:/tracking-quickstart/1 is ready' },
        { name: 'database', ok: true, required: false, found: 'it answers' },
      ],
    });
    models.publish('tracking-quickstart', 2, constantModel(2));
    const loaded = server.change('/update-model', { model_uri: 'models:/tracking-quickstart/2' });
    let answer: Awaited<typeof loaded> | undefined;
    const settled = loaded.then((got) => (answer = got));
    await server.until(async () => (await server.status()).loading !== null || answer !== undefined);
    expect((await ready()).status).toBe(200);
    await settled;
    const stopping = server.app.get(Drain);
    stopping.begin();
    const last = await ready();
    expect([last.status, (last.body as { checks: object[] }).checks[0]]).toEqual([
      503,
      { name: 'running', ok: false, required: true, found: 'the server is stopping' },
    ]);
    expect((await scrape()).series.get('understudy_draining')).toBe(1);
  });

  it('[case 126] and metrics answer during overload', async () => {
    await serve(countingModel(1), { UNDERSTUDY_MAX_WAITING_REQUESTS: '4' });
    const beganMs = performance.now();
    await server.predict([[100_000]]);
    const steps = Math.round((100_000 * 500) / (performance.now() - beganMs));
    const busy = Array.from({ length: 40 }, async () => server.predict([[steps]]));
    const version = 'version="models:/tracking-quickstart/1"';
    await server.until(async () => (await metric('understudy_waiting_requests'))[version]! > 0);
    for (const path of ['/livez', '/readyz', '/ping', '/v2/health/live', '/metrics'])
      expect([path, (await exchange(`${server.url}${path}`)).status]).toEqual([path, 200]);
    const statuses = (await Promise.all(busy)).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([200, 503]));
    const refused = statuses.filter((status) => status === 503).length;
    const found = await scrape();
    expect(found.of('understudy_prediction_refusals_total')).toEqual({
      'protocol="predict",code="overloaded"': refused,
    });
    expect(found.of('understudy_predictions_total')[`${arm('current', 1)},protocol="predict",outcome="failed"`]).toBe(
      refused,
    );
  });
});
