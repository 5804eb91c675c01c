import { connect } from 'node:net';
import { deflateSync, gunzipSync, gzipSync, inflateSync } from 'node:zlib';
import { type Asked, exchange, type Exchanged } from '../support/exchange';
import { bytesOf, takeApart } from '../support/infer-bodies';
import { ModelFolder } from '../support/model-folder';
import { countingModel } from '../support/onnx/misbehaving-models';
import { identityModel } from '../support/onnx/models';
import { RunningServer } from '../support/running-server';

/**
 * The conformance cases of the Open Inference Protocol (C1 ... C89) that need a server; those that the codec alone decides are in
 * libs/inference. Not offered, and not in `extensions`: statistics, logging and trace (C87-C89), gRPC (C3, C90-C98).
 */

const INFER = '/v2/models/default/infer';
const ELEMENTS = 64;
const LIMIT = 1024 * 1024;

let models: ModelFolder;
let server: RunningServer;

beforeAll(async () => {
  models = new ModelFolder();
  models.publish('tracking-quickstart', 1, identityModel('FP32', [-1, -1]));
  const uri = models.publish('tracking-quickstart', 2, identityModel('FP32', [-1, -1]));
  server = await RunningServer.start({
    settings: {
      UNDERSTUDY_REGISTRY_DIR: models.path,
      UNDERSTUDY_MAX_JSON_BYTES: String(LIMIT),
      UNDERSTUDY_MAX_BODY_BYTES: String(LIMIT),
    },
  });
  await server.change('/update-model', { model_uri: uri });
});

afterAll(async () => {
  await server.stop();
  models.remove();
});

const ask = async (path: string, asked: Asked = {}): Promise<Exchanged> => exchange(`${server.url}${path}`, asked);
const post = async (path: string, body?: string | Uint8Array, headers: Readonly<Record<string, string>> = {}) =>
  ask(path, { method: 'POST', body, headers });

const VALUES = new Float32Array(ELEMENTS).map((_, index) => index / 4);
const inputs = (data: readonly number[] = [...VALUES]) => [
  { name: 'X', datatype: 'FP32', shape: [1, data.length], data },
];
const REQUEST = JSON.stringify({ inputs: inputs() });
/** Enough to be worth compressing. */
const LARGE = JSON.stringify({ inputs: inputs(Array.from({ length: 2000 }, (_, index) => index)) });

const error = (pattern: RegExp) => ({ error: expect.stringMatching(pattern) as string });
const said = ({ status, json }: Exchanged) => [status, json];
const alive = async (): Promise<boolean> =>
  (await ask('/v2/health/live')).status === 200 && (await post(INFER, REQUEST)).status === 200;

/** Sends these bytes, and what comes back until the server ends or says something. */
async function raw(text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1', () => socket.write(text, 'latin1'));
    let came = '';
    socket.on('data', (chunk) => {
      came += chunk.toString('latin1');
      socket.end();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      resolve(came);
    });
  });
}

const PACK = { identity: (bytes: Buffer) => bytes, gzip: gzipSync, deflate: deflateSync };
const UNPACK = { identity: (bytes: Buffer) => bytes, gzip: gunzipSync, deflate: inflateSync };
type Coding = keyof typeof PACK;
const CODINGS = Object.keys(PACK) as Coding[];

async function throughCodings(sent: Coding, wanted: Coding): Promise<unknown> {
  const answer = await post(INFER, PACK[sent](Buffer.from(LARGE)), {
    'Accept-Encoding': wanted,
    ...(sent === 'identity' ? {} : { 'Content-Encoding': sent }),
  });
  const coding = (answer.headers['content-encoding'] ?? 'identity') as Coding;
  const { outputs } = JSON.parse(UNPACK[coding](answer.bytes).toString()) as { outputs: { data: number[] }[] };
  return [answer.status, coding, outputs[0]?.data.length];
}

const padded = (bytes: number): string => REQUEST.padEnd(bytes);
/** A request that is nothing but the elements, in so many pieces. */
const rawTensor = async (pieces: number, bytes: Uint8Array = bytesOf(VALUES)): Promise<Exchanged> =>
  ask(INFER, {
    method: 'POST',
    body: bytes,
    headers: { 'Inference-Header-Content-Length': '0' },
    chunkBytes: Math.ceil(bytes.length / pieces),
  });

const CASES: readonly (readonly [string, () => Promise<unknown>, unknown])[] = [
  ['C1 live', async () => (await ask('/v2/health/live')).status, 200],
  ['C1 ready', async () => (await ask('/v2/health/ready')).status, 200],
  [
    'C2 what the server is',
    async () => (await ask('/v2')).json,
    { name: 'understudy', version: expect.any(String), extensions: expect.any(Array) },
  ],
  [
    'C4 what the model is',
    async () => (await ask('/v2/models/default')).json,
    expect.objectContaining({ versions: ['1', '2'], inputs: [{ name: 'X', datatype: 'FP32', shape: [-1, -1] }] }),
  ],
  [
    'C5 an unknown model',
    async () => said(await ask('/v2/models/foo')),
    [404, error(/^Request for unknown model: 'foo' is not found/)],
  ],
  [
    'C6 an unknown version',
    async () => said(await ask('/v2/models/default/versions/99')),
    [404, error(/^Request for unknown model: 'default' version 99 is not found/)],
  ],
  ['C7 an unknown version is not ready', async () => (await ask('/v2/models/default/versions/3/ready')).status, 404],
  [
    'C7 the served versions are ready',
    async () =>
      Promise.all(
        ['1', '2'].map(async (version) => (await ask(`/v2/models/default/versions/${version}/ready`)).status),
      ),
    [200, 200],
  ],
  ['C9 an unknown path', async () => said(await ask('/v2/nope')), [404, error(/./)]],
  ['C9 GET of infer', async () => said(await ask(INFER)), [405, error(/./)]],
  ['C9 POST of the server', async () => said(await post('/v2', '{}')), [405, error(/./)]],
  ['C10 another base path', async () => (await post(`/base_path${INFER}`, REQUEST)).status >= 400, true],
  [
    'C11 unusual requests on many paths',
    async () => {
      for (const path of ['/v2', INFER, '/v2/models', '/v2/health/live', '/v2/repository/index'])
        for (const start of ['PATCH', 'PROPFIND', 'get', 'G\0T', ''])
          await raw(`${start} ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      return alive();
    },
    true,
  ],
  ['C12 queries', async () => (await ask('/v2/health/ready?test_1=1&test_2=2')).status, 200],
  [
    'C43 inference by an unknown model',
    async () => said(await post('/v2/models/nobody/infer', REQUEST)),
    [404, error(/^Request for unknown model: 'nobody' is not found/)],
  ],
  [
    'C61 pieces of nothing but a tensor',
    async () => {
      const answer = await rawTensor(7);
      if (answer.status !== 200) return answer.text;
      return takeApart(answer).blobs;
    },
    { Y: bytesOf(VALUES) },
  ],
  ...CODINGS.flatMap((sent) =>
    CODINGS.map(
      (wanted) =>
        [`C71 ${sent} sent, ${wanted} wanted`, async () => throughCodings(sent, wanted), [200, wanted, 2000]] as const,
    ),
  ),
  [
    'C72 a body that uncompresses to just less than the limit',
    async () => (await post(INFER, gzipSync(padded(LIMIT)), { 'Content-Encoding': 'gzip' })).status,
    200,
  ],
  [
    'C72 a body that uncompresses to more',
    async () => said(await post(INFER, gzipSync(padded(LIMIT + 1)), { 'Content-Encoding': 'gzip' })),
    [400, error(/./)],
  ],
  ['C73 JSON of the limit', async () => (await post(INFER, padded(LIMIT))).status, 200],
  ['C73 JSON of a byte more', async () => said(await post(INFER, padded(LIMIT + 1))), [400, error(/./)]],
  [
    'C75 a coding that is not known',
    async () => (await post(INFER, REQUEST, { 'Content-Encoding': 'snappy' })).status,
    501,
  ],
  [
    'C76 an error is not compressed',
    async () => {
      const answer = await post(INFER, '{', { 'Accept-Encoding': 'gzip' });
      return [answer.status, answer.headers['content-encoding'], answer.json];
    },
    [400, undefined, error(/./)],
  ],
  [
    "C77 the headers of Triton's asynchronous client",
    async () =>
      (
        await post(INFER, LARGE, {
          'Content-Type': 'application/octet-stream',
          'Accept-Encoding': 'gzip, deflate, br',
          Accept: '*/*',
        })
      ).status,
    200,
  ],
  ['C78 no content type', async () => (await post(INFER, REQUEST)).status, 200],
  [
    'C79 a failing request, and another on the same connection',
    async () => {
      const [bad, good] = ['{}', REQUEST].map(
        (body) => `POST ${INFER} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      ) as [string, string];
      return new Promise((resolve) => {
        const socket = connect(Number(new URL(server.url).port), '127.0.0.1', () => socket.write(bad));
        const statuses: string[] = [];
        socket.on('data', (chunk) => {
          statuses.push(chunk.toString('latin1').slice(9, 12));
          if (statuses.length === 1) socket.write(good);
          else {
            socket.destroy();
            resolve(statuses);
          }
        });
      });
    },
    ['400', '200'],
  ],
  [
    'C80 the index',
    async () => (await post('/v2/repository/index')).json,
    ['1', '2'].map((version) => ({ name: 'default', version, state: 'READY', reason: '' })),
  ],
  [
    'C81 the index of something very deep',
    async () => {
      const answer = await post('/v2/repository/index', `{"ready":${'['.repeat(250_000)}${']'.repeat(250_000)}}`);
      return [said(answer), await alive()];
    },
    [[400, error(/./)], true],
  ],
  ['C82 load', async () => (await post('/v2/repository/models/default/load')).status, 200],
  [
    'C83 load of an unknown model',
    async () => said(await post('/v2/repository/models/nobody/load')),
    [404, error(/^failed to load 'nobody'/)],
  ],
  [
    'C84 unload where that is not allowed',
    async () => (await post('/v2/repository/models/default/unload')).json,
    error(/^explicit model load \/ unload is not allowed/),
  ],
  [
    'C85 names that lead elsewhere',
    async () =>
      Promise.all(
        ['..%2fetc', 'a%2f..%2fb', '%2e%2e', 'model%2f', '%20..', '%20'].map(async (name) =>
          (await raw(`POST /v2/repository/models/${name}/load HTTP/1.1\r\nHost: localhost\r\n\r\n`)).slice(9, 10),
        ),
      ),
    ['4', '4', '4', '4', '4', '4'],
  ],
  [
    'C86 files in a request to load',
    async () => {
      const body = JSON.stringify({ parameters: { [`file:1/${'x'.repeat(256)}`]: 'AAAA' } });
      return [said(await post('/v2/repository/models/default/load', body)), (await ask('/v2/health/ready')).status];
    },
    [[400, error(/./)], 200],
  ],
];

describe('conformance to the Open Inference Protocol, over HTTP', () => {
  let held = 0;

  afterAll(() => {
    process.stdout.write(`conformance over HTTP: ${held} of ${CASES.length + 3} hold\n`);
  });

  it.each(CASES)('%s', async (_, observe, expected) => {
    expect(await observe()).toEqual(expected);
    held++;
  });

  it('C74 pieces as many as may be, and one more', async () => {
    const bytes = Buffer.alloc(65_536);
    expect((await rawTensor(65_536, bytes)).status).toBe(200);
    expect(
      (await rawTensor(65_540, Buffer.alloc(65_540)).catch(() => ({ status: 400 }))).status,
    ).toBeGreaterThanOrEqual(400);
    held++;
  });

  it('C8 a model that is not there yet', async () => {
    const empty = new ModelFolder();
    const waiting = await RunningServer.start({
      settings: { UNDERSTUDY_REGISTRY_DIR: empty.path },
      waitUntilReady: false,
    });
    try {
      expect((await waiting.http.get('/v2/models/default/ready')).status).toBe(503);
      held++;
    } finally {
      await waiting.stop();
      empty.remove();
    }
  });

  it('C56 a full queue', async () => {
    const slow = new ModelFolder();
    slow.publish('tracking-quickstart', 1, countingModel(1));
    const busy = await RunningServer.start({
      settings: { UNDERSTUDY_REGISTRY_DIR: slow.path, UNDERSTUDY_MAX_WAITING_REQUESTS: '1' },
    });
    try {
      const body = { inputs: [{ name: 'X', datatype: 'FP32', shape: [1, 1], data: [300_000] }] };
      const answers = await Promise.all(Array.from({ length: 20 }, async () => busy.http.post(INFER).send(body)));
      const refused = answers.filter(({ status }) => status !== 200);
      expect(refused.length).toBeGreaterThan(0);
      for (const { status, body: answer } of refused) expect([status, answer]).toEqual([503, error(/overloaded/)]);
      held++;
    } finally {
      await busy.stop();
      slow.remove();
    }
  });
});
