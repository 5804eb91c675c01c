import { gzipSync } from 'node:zlib';
import { isDomainError } from '@understudy/platform';
import { FakeMlflow } from '../../../../test/support/fake-mlflow/fake-mlflow';
import {
  askFor,
  downloadFrom,
  failure,
  failureOf,
  httpOn,
  type HttpSettings,
  until,
} from '../../../../test/support/fake-mlflow/asking';
import {
  addsHeaders,
  answersTwice,
  breaksAfter,
  changes,
  drips,
  fails,
  hangs,
  hangsAfter,
  neverEnds,
  resets,
  saysHtml,
  saysJson,
  saysText,
} from '../../../../test/support/fake-mlflow/misbehaviours';
import { MlflowApiError } from './mlflow-http';

const PATH = '/api/2.0/mlflow/registered-models/get';
const never = new AbortController().signal;

let mlflow: FakeMlflow;

beforeAll(async () => {
  mlflow = await FakeMlflow.start();
  mlflow.publish('iris', { 'model.onnx': 'graph'.repeat(100_000) });
});

afterEach(() => {
  mlflow.behave();
});

afterAll(async () => {
  await mlflow.stop();
});

const get = async (settings: HttpSettings = {}, signal = never) => askFor('iris', httpOn(mlflow.url, settings), signal);
const download = async (settings: HttpSettings = {}, signal = never) =>
  downloadFrom(httpOn(mlflow.url, settings), artifactPath(), signal);

const artifactPath = (): string => {
  const [version] = mlflow.store.versionsByNumber();
  return `/api/2.0/mlflow-artifacts/artifacts/${version?.root ?? ''}/model.onnx`;
};

describe('asking an MLflow server', () => {
  it('gives the answer as the schema has it', async () => {
    expect(await get()).toEqual({ registered_model: { name: 'iris' } });
    expect(mlflow.requests).toEqual([
      expect.objectContaining({ method: 'GET', path: PATH, query: new URLSearchParams({ name: 'iris' }) }),
    ]);
  });

  it('below a path of the server, whatever else the tracking URI holds', async () => {
    const prefixed = await FakeMlflow.start({ prefix: '/tracking' });
    try {
      prefixed.publish('iris', {});
      for (const trackingUri of [prefixed.url, `${prefixed.url}/`, `${prefixed.url}/?a=1#b`])
        expect(await get({ trackingUri })).toEqual({ registered_model: { name: 'iris' } });
    } finally {
      await prefixed.stop();
    }
  });

  it('[case 87] uses a connection once, so that an answer nobody asked for is nobody’s', async () => {
    mlflow.at(/./, answersTwice);
    const http = httpOn(mlflow.url);
    for (let request = 0; request < 3; request++)
      expect(await askFor('iris', http, never)).toEqual({ registered_model: { name: 'iris' } });
    expect(mlflow.requests.map(({ headers }) => headers.connection)).toEqual(['close', 'close', 'close']);
  });
});

describe('an answer that is an error', () => {
  it.each([
    [400, { error_code: 'INVALID_PARAMETER_VALUE', message: 'no' }, 'INVALID_PARAMETER_VALUE', 'no'],
    [404, { error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'gone', sqlstate: '1' }, 'RESOURCE_DOES_NOT_EXIST', 'gone'],
    [409, { error_code: 'RESOURCE_CONFLICT' }, 'RESOURCE_CONFLICT', ''],
    [422, { detail: 'x' }, '', '{"detail":"x"}'],
  ])('%d is told with what MLflow says', async (status, body, errorCode, message) => {
    mlflow.at(/./, fails(status, JSON.stringify(body)));
    expect(await failureOf(get({ maxRetries: 3 }))).toEqual(new MlflowApiError(status, errorCode, message));
    expect(mlflow.requests).toHaveLength(1);
  });

  it('404 in HTML is told without the HTML', async () => {
    mlflow.at(/./, fails(404, '<!doctype html><title>404</title>'));
    expect(await failureOf(get())).toEqual(new MlflowApiError(404, '', ''));
  });

  it.each([401, 403])('[case 85] %d is not tried again, and says what to check', async (status) => {
    mlflow.at(/./, fails(status, 'Permission denied'));
    expect(await failureOf(get({ maxRetries: 3 }))).toEqual(
      failure(
        'registry-refused',
        new RegExp(`\\(${status}: Permission denied\\).*MLFLOW_TRACKING_TOKEN.*--allowed-hosts`),
      ),
    );
    expect(mlflow.requests).toHaveLength(1);
  });

  it.each([429, 500, 503])('[case 83] %d is tried again as often as allowed', async (status) => {
    mlflow.at(/./, fails(status, 'busy'), 1);
    expect(await get({ maxRetries: 1 })).toEqual({ registered_model: { name: 'iris' } });
    mlflow.at(/./, fails(status, 'busy'), 2);
    expect(await failureOf(get({ maxRetries: 1 }))).toEqual(
      failure(
        'registry-unavailable',
        new RegExp(`it answers ${status}: busy\\. What is loaded goes on serving; try again$`),
      ),
    );
    expect(mlflow.requests).toHaveLength(4);
  });

  it.each([404, 500])('[case 81] %d whose text never ends or comes is told by its status', async (status) => {
    mlflow.at(/artifacts/, hangsAfter(10, status));
    const hanging = await failureOf(download({ requestTimeoutMs: 100 }));
    expect(hanging instanceof MlflowApiError || isDomainError(hanging, 'registry-unavailable')).toBe(true);
    await until(async () => (await mlflow.connections()) === 0);
  });

  it('holds no connection of an answer to a transfer that was tried again', async () => {
    mlflow.at(/artifacts/, fails(503, 'x'.repeat(500_000)), 1);
    expect(await download({ maxRetries: 1 })).toBe(500_000);
    await until(async () => (await mlflow.connections()) === 0);
  });
});

describe('[case 67] an answer that cannot be used', () => {
  it.each([
    ['HTML', saysHtml, /it is not JSON. Does MLFLOW_TRACKING_URI point at an MLflow server\?$/],
    ['half of JSON', saysText('{"registered_model": {'), /it is not JSON/],
    ['nothing', saysText(''), /is not MLflow's \(registered_model: /],
    ['null', saysJson(null), /is not MLflow's/],
    ['a list', saysJson([]), /is not MLflow's/],
    ['a member of another type', saysJson({ registered_model: { name: 5 } }), /registered_model\.name: /],
    ['nulls', changes(() => ({ registered_model: null })), /is not MLflow's/],
    ['10^6 lists in lists', saysText('['.repeat(1_000_000)), /it is not JSON|cannot be used/],
    ['an answer without end', neverEnds, /maxContentLength size of 8388608 exceeded/],
    [
      'a bomb of zeros',
      saysText(gzipSync(Buffer.alloc(100_000_000)).toString('latin1'), { 'Content-Encoding': 'gzip' }),
      /cannot be used/,
    ],
    ['[case 88] a thousand encodings', addsHeaders({ 'Content-Encoding': Array(1000).fill('gzip').join(', ') }), /not/],
    ['an encoding that cannot be undone', addsHeaders({ 'Content-Encoding': 'gzip' }), /cannot be used/],
  ])('is refused once: %s', async (_, misbehaviour, message) => {
    mlflow.at(/./, misbehaviour);
    expect(await failureOf(get({ maxRetries: 3 }))).toEqual(failure('registry-bad-answer', message));
    expect(mlflow.requests).toHaveLength(1);
  });

  it('of gzip that unfolds into more than 8 MiB is given up there', async () => {
    const bomb = gzipSync(Buffer.alloc(100_000_000, ' '));
    mlflow.at(/./, (_, response) => response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(bomb));
    expect(await failureOf(get({ maxRetries: 3 }))).toEqual(failure('registry-bad-answer', /8388608 exceeded/));
    expect(mlflow.requests).toHaveLength(1);
  });
});

describe('[case 81] a server in trouble', () => {
  it.each([
    ['ends the connection', resets, {}],
    ['breaks off in the answer', breaksAfter(20), {}],
    ['says nothing', hangs, { requestTimeoutMs: 100 }],
    ['begins an answer and says no more', hangsAfter(20), { requestTimeoutMs: 100 }],
  ])('that %s is unavailable after the last try', async (_, misbehaviour, settings) => {
    mlflow.at(/./, misbehaviour);
    expect(await failureOf(get({ ...settings, maxRetries: 1 }))).toEqual(failure('registry-unavailable'));
    expect(mlflow.requests).toHaveLength(2);
    await until(async () => (await mlflow.connections()) === 0);
  });

  it.each([
    ['ends the connection', resets],
    ['breaks off in the answer', breaksAfter(20)],
  ])('that %s once is asked again', async (_, misbehaviour) => {
    mlflow.at(/./, misbehaviour, 1);
    expect(await get({ maxRetries: 1 })).toEqual({ registered_model: { name: 'iris' } });
  });

  it('that sends a byte now and then is unavailable when the time of all tries is up', async () => {
    mlflow.at(/./, drips(10));
    expect(await failureOf(get({ requestTimeoutMs: 500 }))).toEqual(
      failure('registry-unavailable', /there was no answer in time/),
    );
    expect(mlflow.requests).toHaveLength(1);
    await until(async () => (await mlflow.connections()) === 0);
  });

  it('that is not there is unavailable', async () => {
    expect(await failureOf(get({ trackingUri: 'http://127.0.0.1:1' }))).toEqual(
      failure('registry-unavailable', /at http:\/\/127\.0\.0\.1:1 cannot be reached: .*ECONNREFUSED/),
    );
  });

  it('whose name nobody knows is unavailable', async () => {
    expect(await failureOf(get({ trackingUri: 'http://mlflow.invalid:5000' }))).toEqual(
      failure('registry-unavailable'),
    );
  });
});

describe('a transfer', () => {
  it('[case 56] is what the request asked for, whatever its headers call it', async () => {
    const headers = { 'Content-Disposition': 'attachment; filename="../../etc/passwd"', 'Content-Type': 'text/html' };
    mlflow.at(/artifacts/, addsHeaders(headers));
    expect(await download()).toBe(500_000);
    expect(mlflow.requests[0]?.headers['accept-encoding']).toBe('identity');
  });

  it.each([
    ['[case 81] stops', hangsAfter(100_000), { requestTimeoutMs: 100 }],
    ['[case 82] breaks', breaksAfter(495_000), {}],
  ])('that %s makes the server unavailable', async (_, misbehaviour, settings) => {
    mlflow.at(/artifacts/, misbehaviour);
    expect(await failureOf(download(settings))).toEqual(failure('registry-unavailable'));
    await until(async () => (await mlflow.connections()) === 0);
  });

  it.each([
    ['gzip', 'gzip'],
    ['gzip twice', 'gzip, gzip'],
    ['br a thousand times', Array(1000).fill('br').join(',')],
    ['an encoding of its own', 'x-evil'],
  ])('[case 88] that is encoded is refused: %s', async (_, encoding) => {
    mlflow.at(/artifacts/, addsHeaders({ 'Content-Encoding': encoding }));
    const refused = await failureOf(download());
    expect(refused).toEqual(failure('registry-bad-answer', /which was not asked for$/));
    expect(refused.message.length).toBeLessThan(300);
    await until(async () => (await mlflow.connections()) === 0);
  });
});

describe('an abort', () => {
  const reason = new Error('the server stops');

  it('ends a request with its reason', async () => {
    const controller = new AbortController();
    mlflow.at(/./, hangs);
    const asking = failureOf(get({}, controller.signal));
    await until(() => mlflow.requests.length === 1);
    controller.abort(reason);
    expect(await asking).toBe(reason);
    await until(async () => (await mlflow.connections()) === 0);
  });

  it('ends a pause before the next try at once', async () => {
    const controller = new AbortController();
    mlflow.at(/./, fails(503, '', { 'Retry-After': '600' }));
    const begun = performance.now();
    const asking = failureOf(get({ maxRetries: 3 }, controller.signal));
    await until(async () => mlflow.requests.length === 1 && (await mlflow.connections()) === 0);
    controller.abort(reason);
    expect(await asking).toBe(reason);
    expect(performance.now() - begun).toBeLessThan(60_000);
    expect(mlflow.requests).toHaveLength(1);
  });

  it('ends a transfer and its connection', async () => {
    const controller = new AbortController();
    mlflow.at(/artifacts/, hangsAfter(10));
    const chunks = await httpOn(mlflow.url, { requestTimeoutMs: 600_000 }).stream(
      artifactPath(),
      {},
      controller.signal,
    );
    const reading = failureOf(
      (async () => {
        for await (const _ of chunks) controller.abort(reason);
      })(),
    );
    expect(await reading).toEqual(failure('registry-unavailable'));
    await until(async () => (await mlflow.connections()) === 0);
  });

  it('before the request asks nothing', async () => {
    expect(await failureOf(get({}, AbortSignal.abort(reason)))).toBe(reason);
    expect(mlflow.requests).toEqual([]);
  });

  it('by a deadline makes the server unavailable', async () => {
    mlflow.at(/./, hangs);
    expect(await failureOf(get({}, AbortSignal.timeout(50)))).toEqual(
      failure('registry-unavailable', /there was no answer in time/),
    );
  });
});
