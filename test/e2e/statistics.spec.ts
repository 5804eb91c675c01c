import { RunningServer } from '../support/running-server';
import { ModelFolder } from '../support/model-folder';
import { constantModel } from '../support/onnx/models';

/** What the arms did, as one route tells it. */

interface Figures {
  readonly requests: number;
  readonly errors: number;
  readonly errorRate: number | null;
  readonly latencyMs: { readonly p50: number | null; readonly p95: number | null; readonly p99: number | null };
}

interface Statistics {
  readonly stepMinutes: number;
  readonly arms: readonly (Figures & {
    readonly slot: string;
    readonly version: string;
    readonly latency: Readonly<Record<string, number>>;
    readonly predictions: Readonly<Record<string, number>>;
    readonly series: readonly (Figures & { readonly at: string })[];
  })[];
}

const ROW = [5.1, 3.5, 1.4, 0.2];

let models: ModelFolder;
let server: RunningServer;

beforeEach(async () => {
  models = new ModelFolder();
  models.publish('tracking-quickstart', 1, constantModel(1));
  models.publish('tracking-quickstart', 2, constantModel(2));
  server = await RunningServer.start({ settings: { UNDERSTUDY_REGISTRY_DIR: models.path } });
  await server.change('/update-model', { model_uri: 'models:/tracking-quickstart/2' });
});

afterEach(async () => {
  await server.stop();
  models.remove();
});

const statistics = async (query = ''): Promise<Statistics> =>
  (await server.http.get(`/deployments/default/statistics${query}`)).body as Statistics;

const sum = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((a, b) => a + b, 0);

it('tells of both arms up to this moment: requests, errors, times, predictions', async () => {
  for (let time = 0; time < 6; time++) await server.predict([ROW, ROW], { 'X-Model-Slot': 'current' });
  for (let time = 0; time < 2; time++) await server.predict([ROW], { 'X-Model-Slot': 'next' });
  await server.predict([[1, 2]], { 'X-Model-Slot': 'next' });
  await server.predict([ROW], { 'X-Model-Slot': 'next', 'X-Request-Timeout-Ms': 'soon' });
  const { stepMinutes, arms } = await statistics('?step=1h');
  const [current, next] = arms as [Statistics['arms'][0], Statistics['arms'][0]];
  expect(stepMinutes).toBe(60);
  expect(current).toMatchObject({
    slot: 'current',
    version: 'models:/tracking-quickstart/1',
    requests: 6,
    errors: 0,
    errorRate: 0,
  });
  expect(next).toMatchObject({ slot: 'next', version: 'models:/tracking-quickstart/2', requests: 4, errors: 0 });
  expect([current.predictions, next.predictions]).toEqual([{ 1: 12 }, { 2: 2 }]);
  expect([sum(current.latency), sum(next.latency)]).toEqual([6, 4]);
  const { p50, p95, p99 } = current.latencyMs;
  expect(0 < p50! && p50! <= p95! && p95! <= p99!).toBe(true);
  expect(current.series.reduce((all, point) => all + point.requests, 0)).toBe(6);
});

it('leaves out what was not in the range', async () => {
  await server.predict([ROW]);
  expect((await statistics('?from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z')).arms).toEqual([]);
  expect((await statistics(`?from=${new Date(Date.now() - 60_000).toISOString()}`)).arms).toHaveLength(1);
});

it.each([
  ['a step that is none', '?step=fast', 'step: expected minutes, hours or days such as 5m, 1h or 1d, got "fast"'],
  ['a step twice', '?step=1m&step=2m', 'step: expected at most once'],
  ['a time that is none', '?from=now', 'from: expected a time such as 2026-01-31T12:00:00Z, got "now"'],
  ['what it does not know', '?until=now', 'until: not known here; leave it out'],
])('refuses %s', async (_what, query, detail) => {
  const { status, body } = await server.http.get(`/deployments/default/statistics${query}`);
  expect([status, body]).toEqual([400, expect.objectContaining({ code: 'invalid-body', detail })]);
});

it('knows no deployment that is not there', async () => {
  const { status, body } = await server.http.get('/deployments/other/statistics');
  expect([status, body]).toEqual([404, expect.objectContaining({ code: 'deployment-not-found' })]);
});
