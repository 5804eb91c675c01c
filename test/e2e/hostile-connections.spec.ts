import { connect, type Socket } from 'node:net';
import { MemoryPressure } from '@understudy/model-slots';
import { ModelFolder } from '../support/model-folder';
import { countingModel } from '../support/onnx/misbehaving-models';
import { constantModel, identityModel } from '../support/onnx/models';
import { RunningServer } from '../support/running-server';

/** Connections that no honest client makes, and requests that compete for one model. */

const ROW = [5.1, 3.5, 1.4, 0.2];
const BODY = JSON.stringify({ data: [ROW] });
const HEAD = 'Host: localhost\r\nContent-Type: application/json\r\n';
const REQUEST = `POST /predict HTTP/1.1\r\n${HEAD}Content-Length: ${BODY.length}\r\n\r\n${BODY}`;

let server: RunningServer;
let models: ModelFolder | undefined;

async function stop(): Promise<void> {
  await server.stop();
  models?.remove();
  models = undefined;
}

async function start(settings: Readonly<Record<string, string>> = {}, model?: Uint8Array): Promise<void> {
  if (model !== undefined) {
    models = new ModelFolder();
    models.publish('tracking-quickstart', 1, model);
  }
  const registry = models === undefined ? {} : { UNDERSTUDY_REGISTRY_DIR: models.path };
  server = await RunningServer.start({ settings: { ...registry, ...settings } });
}

/** A connection that keeps what comes; closed by whoever wants to. */
class Raw {
  readonly socket: Socket;
  text = '';
  closed = false;

  constructor() {
    this.socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    this.socket.on('data', (chunk) => (this.text += chunk.toString('latin1')));
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => (this.closed = true));
  }

  get answers(): number {
    return this.text.split('HTTP/1.1 ').length - 1;
  }

  send(text: string): this {
    this.socket.write(text, 'latin1');
    return this;
  }

  async until(condition: () => boolean): Promise<void> {
    await server.until(condition, 30_000);
  }
}

const predictsWell = async (): Promise<void> => {
  expect((await server.predict([ROW])).status).toBe(200);
};

describe('[cases 10, 17] what is not HTTP as it should be', () => {
  beforeAll(async () => start());
  afterAll(stop);

  const CHUNKED = `POST /predict HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\n`;

  it.each<[string, string, RegExp]>([
    ['an extension of a chunk without end', `${CHUNKED}1;x=${'a'.repeat(40_000)}`, /^HTTP\/1\.1 (400|413) /],
    [
      'trailers without end',
      `${CHUNKED}1\r\n{\r\n0\r\n${`t: ${'a'.repeat(1000)}\r\n`.repeat(40)}`,
      /^HTTP\/1\.1 (400|431) /,
    ],
    ['a chunk of more than it says', `${CHUNKED}1\r\n{}\r\n0\r\n\r\n`, /^HTTP\/1\.1 400 /],
    ['a chunk of 2^64 bytes', `${CHUNKED}10000000000000000\r\n{}`, /^HTTP\/1\.1 400 /],
    ['a line folded', `POST /predict HTTP/1.1\r\nHost: localhost\r\nX-A: 1\r\n 2\r\n\r\n`, /^HTTP\/1\.1 400 /],
    ['a header without a name', `POST /predict HTTP/1.1\r\nHost: localhost\r\n: 1\r\n\r\n`, /^HTTP\/1\.1 400 /],
    ['a length below zero', `POST /predict HTTP/1.1\r\n${HEAD}Content-Length: -1\r\n\r\n`, /^HTTP\/1\.1 400 /],
    ['a tunnel', 'CONNECT example.com:80 HTTP/1.1\r\nHost: example.com\r\n\r\n', /^(HTTP\/1\.1 4\d\d |$)/],
    ['another protocol of TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', /^HTTP\/1\.1 400 /],
    ['the beginning of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', /^HTTP\/1\.1 (400|505) /],
  ])('%s is refused, and the connection ends', async (_, text, answer) => {
    const raw = new Raw().send(text);
    await raw.until(() => raw.closed || raw.text !== '');
    expect(raw.text).toMatch(answer);
    raw.socket.end();
    await raw.until(() => raw.closed);
    await predictsWell();
  });

  it.each([
    ['TRACE', 'TRACE /predict HTTP/1.1\r\nHost: localhost\r\n\r\n', /^HTTP\/1\.1 (404|405|501) /],
    ['OPTIONS', 'OPTIONS /predict HTTP/1.1\r\nHost: localhost\r\n\r\n', /^HTTP\/1\.1 (200|204|404|405) /],
    [
      'an upgrade',
      'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n',
      /^HTTP\/1\.1 200 /,
    ],
  ])('%s changes nothing', async (_, text, answer) => {
    const raw = new Raw().send(text);
    await raw.until(() => raw.text !== '');
    expect(raw.text).toMatch(answer);
    expect(raw.text).not.toMatch(/^HTTP\/1\.1 101|\r\nUpgrade:/i);
    raw.socket.destroy();
    await predictsWell();
  });
});

describe('a server', () => {
  afterEach(stop);

  it('[case 7] what comes beyond the most connections is closed at once, and there is room again when one leaves', async () => {
    await start({ UNDERSTUDY_MAX_CONNECTIONS: '20' });
    // The one that asked whether the server is ready may still be there.
    const held = Array.from({ length: 25 }, () => new Raw());
    await server.until(() => held.filter(({ closed }) => closed).length >= 5);
    const open = held.filter(({ closed }) => !closed);
    expect(open.length).toBeGreaterThanOrEqual(18);
    for (const raw of open) raw.send(REQUEST);
    for (const raw of open) await raw.until(() => raw.answers === 1);
    open[0]?.socket.destroy();
    open[1]?.socket.destroy();
    await server.until(async () => {
      const raw = new Raw();
      await raw.until(() => raw.closed || raw.socket.readyState === 'open');
      if (!raw.closed) raw.send(REQUEST);
      await raw.until(() => raw.closed || raw.answers === 1);
      raw.socket.destroy();
      return raw.answers === 1;
    });
    for (const raw of open) raw.socket.destroy();
  });

  it('[case 8] a thousand requests at once on one connection are answered in order, and others are not kept waiting', async () => {
    await start();
    const greedy = new Raw();
    for (let index = 0; index < 1000; index++)
      greedy.send(REQUEST.replace('Host: localhost', `Host: localhost\r\nX-Request-Id: n${index}`));
    await predictsWell();
    await greedy.until(() => greedy.answers === 1000);
    const ids = [...greedy.text.matchAll(/X-Request-Id: n(\d+)/gi)].map(([, id]) => Number(id));
    expect(ids).toEqual(Array.from({ length: 1000 }, (_, index) => index));
    greedy.socket.destroy();
  });

  it('[case 130] 2,000 connections that do nothing are kept, cost little, and nobody waits for them', async () => {
    await start();
    await predictsWell();
    const before = process.memoryUsage().rss;
    const idle: Raw[] = [];
    for (let wave = 0; wave < 20; wave++) {
      const some = Array.from({ length: 100 }, () => new Raw().send(REQUEST));
      for (const raw of some) await raw.until(() => raw.answers === 1);
      idle.push(...some);
    }
    for (let turn = 0; turn < 20; turn++) await predictsWell();
    expect(idle.filter(({ closed }) => closed)).toEqual([]);
    // Both ends of each are in this process.
    expect((process.memoryUsage().rss - before) / idle.length).toBeLessThan(150 * 1024);
    for (const { socket } of idle) socket.destroy();
  });

  it('[case 125] who claims to come from elsewhere each time is turned away like everybody', async () => {
    await start({ UNDERSTUDY_MAX_WAITING_REQUESTS: '2' }, countingModel(1));
    const flood = Array.from({ length: 40 }, async (_, index) =>
      server.predict([[100_000]], { 'X-Forwarded-For': `10.0.0.${index}`, 'X-Real-IP': `10.1.0.${index}` }),
    );
    const statuses = (await Promise.all(flood)).map(({ status }) => status);
    // Two runs may be under way, and two requests wait.
    expect(statuses.filter((status) => status === 200).length).toBeLessThan(20);
    expect(statuses.filter((status) => status === 503).length).toBeGreaterThan(20);
  });

  it('[case 129] is short of memory: it loads nothing and keeps no connection open, and predicts as before', async () => {
    await start({}, constantModel(1));
    const uri = models!.publish('tracking-quickstart', 2, constantModel(2));
    // What the machine has cannot be taken from it here; only the look at it is another.
    const memory = server.app.get(MemoryPressure);
    Object.defineProperty(memory, 'isHigh', { value: true, configurable: true });
    const refused = await server.change('/update-model', { model_uri: uri });
    expect([refused.status, refused.headers['retry-after'], refused.body]).toMatchObject([
      503,
      '30',
      { code: 'memory-short' },
    ]);
    const answer = await server.predict([ROW]);
    expect([answer.body, answer.headers['connection']]).toMatchObject([{ predictions: [1] }, 'close']);
    // Taking back what is in memory costs none.
    expect((await server.change('/set-canary-probability', { probability: 1 })).status).toBe(200);
    Reflect.deleteProperty(memory, 'isHigh');
    expect((await server.change('/update-model', { model_uri: uri })).status).toBe(200);
  });

  it('[case 44] a request that next cannot take is refused by next, with the input and the shape that it wants', async () => {
    await start({}, identityModel('FP32', [-1, -1]));
    const uri = models!.publish('tracking-quickstart', 2, constantModel(2));
    expect((await server.change('/update-model', { model_uri: uri })).status).toBe(200);
    for (const slot of ['current', 'next']) {
      const answer = await server.predict([[1, 2, 3]], { 'X-Model-Slot': slot });
      if (slot === 'current') expect(answer.body).toEqual({ predictions: [[1, 2, 3]], model_used: 'current' });
      else
        expect(answer.body).toMatchObject({
          status: 422,
          code: 'tensor-mismatch',
          detail: expect.stringMatching(/expected an array of 4 values.*"X"/),
        });
    }
    expect((await server.predict([ROW], { 'X-Model-Slot': 'next' })).body).toMatchObject({ predictions: [2] });
  });
});
