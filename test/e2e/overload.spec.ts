import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { countingModel } from '../support/onnx/misbehaving-models';
import { constantModel, identityModel } from '../support/onnx/models';
import { ModelFolder } from '../support/model-folder';
import { RunningServer } from '../support/running-server';

/** More requests than the model can answer, deadlines, clients that go away or do not read. */

let models: ModelFolder;
let server: RunningServer;

beforeEach(() => {
  models = new ModelFolder();
});

afterEach(async () => {
  await server.stop();
  models.remove();
});

/** A server whose model takes each request by itself, for as long as its number says. */
async function serve(settings: Readonly<Record<string, string>> = {}, hotDoor = true): Promise<void> {
  models.publish('tracking-quickstart', 1, countingModel(1));
  server = await RunningServer.start({ settings: { UNDERSTUDY_REGISTRY_DIR: models.path, ...settings }, hotDoor });
}

interface Answer {
  readonly status: number;
  readonly ms: number;
  readonly code: string | undefined;
  readonly detail: string | undefined;
  readonly retryAfter: string | undefined;
  readonly slot: string | undefined;
}

async function ask(steps: number, timeoutMs?: number | string): Promise<Answer> {
  const startedMs = performance.now();
  const headers = timeoutMs === undefined ? {} : { 'X-Request-Timeout-Ms': String(timeoutMs) };
  const { status, body, headers: got } = await server.predict([[steps]], headers);
  const { code, detail } = body as { code?: string; detail?: string };
  const ms = performance.now() - startedMs;
  return { status, ms, code, detail, retryAfter: got['retry-after'], slot: got['x-model-used'] };
}

/** The number that keeps the model busy for about so long. */
async function stepsFor(ms: number): Promise<number> {
  await ask(1);
  const probe = 100_000;
  const took = [await ask(probe), await ask(probe), await ask(probe)].map((answer) => answer.ms);
  return Math.round((probe * ms) / Math.min(...took));
}

const sleep = async (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const statuses = (answers: readonly Answer[], status: number): Answer[] =>
  answers.filter((answer) => answer.status === status);
const percentile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) * share)] ?? NaN;

describe('a full queue', () => {
  it.each([
    ['requests', { UNDERSTUDY_MAX_WAITING_REQUESTS: '3' }],
    ['rows', { UNDERSTUDY_MAX_WAITING_ROWS: '3' }],
  ])('[case 122] by %s: what comes beyond is answered 503 at once, with when to come back', async (_, settings) => {
    await serve(settings);
    const steps = await stepsFor(300);
    const answers = await Promise.all(Array.from({ length: 12 }, async () => ask(steps)));
    const [setting] = Object.keys(settings);
    const [answered, refused] = [statuses(answers, 200), statuses(answers, 503)];
    expect(answered.length).toBeGreaterThanOrEqual(3);
    expect(answered.length + refused.length).toBe(answers.length);
    const firstAnswerMs = Math.min(...answered.map(({ ms }) => ms));
    for (const answer of refused) {
      expect(answer).toMatchObject({
        code: 'overloaded',
        slot: 'current',
        detail: expect.stringContaining(`(${setting ?? ''})`),
      });
      expect(Number(answer.retryAfter)).toBeGreaterThanOrEqual(1);
      expect(answer.ms).toBeLessThan(firstAnswerMs);
    }
  });

  it('[cases 126, 131] refuses no change: a rollback is answered at once, and so is everything that watches', async () => {
    models.publish('tracking-quickstart', 2, constantModel(2, 1));
    await serve({ UNDERSTUDY_MAX_WAITING_REQUESTS: '3' });
    const steps = await stepsFor(2_000);
    await server.change('/update-model', { model_uri: 'models:/tracking-quickstart/2' });
    await server.http.post('/accept-next-model');
    await server.http.post('/rollback');
    let answered = 0;
    const flood = Array.from({ length: 12 }, async () => {
      const answer = await ask(steps);
      if (answer.status === 200) answered++;
      return answer;
    });
    await server.until(async () => (await server.status()).current!.runner.waitingRequests === 3);
    for (const [method, path] of [
      ['get', '/livez'],
      ['get', '/readyz'],
      ['get', '/status'],
      ['post', '/rollback'],
    ] as const) {
      expect((await server.http[method](path)).status).toBe(200);
    }
    // Of five that are taken: nothing of this came behind the queue.
    expect(answered).toBeLessThan(5);
    // Current is the other version now: free, whatever waits for the first.
    expect(await ask(1)).toMatchObject({ status: 200 });
    expect(statuses(await Promise.all(flood), 200)).toHaveLength(5);
  });
});

describe('more than the model can answer in time', () => {
  it('[case 121] is refused early: what is taken is answered in time, at the rate of the model', async () => {
    await serve();
    const [serviceMs, timeoutMs, seconds] = [25, 500, 5];
    const steps = await stepsFor(serviceMs);
    const peak = Array.from({ length: 4 }, async () => ask(steps));
    const peakStartedMs = performance.now();
    await Promise.all(Array.from({ length: 40 }, async () => ask(steps)));
    const perSecond = 40 / ((performance.now() - peakStartedMs) / 1000);
    await Promise.all(peak);

    const answers: Promise<Answer>[] = [];
    const startedMs = performance.now();
    for (let due = 0; due < seconds * 1000; due += 1000 / (5 * perSecond)) {
      await sleep(Math.max(0, due - (performance.now() - startedMs)));
      answers.push(ask(steps, timeoutMs));
    }
    const all = await Promise.all(answers);
    const took = (performance.now() - startedMs) / 1000;
    const [answered, refused, late] = [200, 503, 504].map((status) => statuses(all, status)) as [
      Answer[],
      Answer[],
      Answer[],
    ];
    expect(answered.length + refused.length + late.length).toBe(all.length);
    // Other programs share the machine: most of what the model did was of use, and it did about what it can.
    expect(late.length).toBeLessThan(answered.length);
    expect(answered.length / took).toBeGreaterThan(0.25 * perSecond);
    expect(
      percentile(
        answered.map(({ ms }) => ms),
        0.99,
      ),
    ).toBeLessThan(4 * timeoutMs);
    expect(
      percentile(
        refused.map(({ ms }) => ms),
        0.95,
      ),
    ).toBeLessThan(timeoutMs);
    expect(new Set(refused.map(({ code }) => code))).toEqual(new Set(['overloaded']));
    expect(refused[0]?.detail).toMatch(
      /this one would be answered in about \d+ ms and may take \d+ ms\. Try again in /,
    );
    // And is over as soon as it stops.
    expect((await ask(steps, timeoutMs)).status).toBe(200);
  });
});

describe('the deadline that a request brings', () => {
  it('[case 123] is honoured, within the limit of the server', async () => {
    await serve({ UNDERSTUDY_REQUEST_TIMEOUT_MS: '700', UNDERSTUDY_RUN_TIMEOUT_MS: '60000' });
    const steps = await stepsFor(3_000);
    const soon = await ask(steps, 100);
    expect(soon).toMatchObject({ status: 504, code: 'inference-timeout' });
    expect(soon.ms).toBeLessThan(2_500);
    await server.until(async () => (await ask(1)).status === 200);
    const bounded = await ask(steps, 1e9);
    expect(bounded).toMatchObject({ status: 504 });
    expect(bounded.ms).toBeGreaterThan(600);
    expect(bounded.ms).toBeLessThan(2_800);
  });

  it.each([true, false])('[case 123] that is none is refused, at either door (hot: %s)', async (hotDoor) => {
    await serve({}, hotDoor);
    for (const garbage of ['soon', '0', '-1', '1.5', '1e3'])
      expect(await ask(1, garbage)).toMatchObject({
        status: 400,
        code: 'invalid-header',
        detail: `X-Request-Timeout-Ms: expected milliseconds as a whole number from 1, got "${garbage}"`,
      });
    expect(await ask(1, 5_000)).toMatchObject({ status: 200 });
  });
});

/** A client that sends one prediction and then does what it likes. */
async function rawClient(data: readonly (readonly number[])[]): Promise<Socket> {
  const body = JSON.stringify({ data });
  const socket = connect((server.app.getHttpServer().address() as AddressInfo).port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(
    `POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  return socket;
}

const waitingRequests = async (): Promise<number> => (await server.status()).current!.runner.waitingRequests;

describe('a client', () => {
  it.each([true, false])(
    '[case 5] that goes away has its request taken out of the queue (hot door: %s)',
    async (hotDoor) => {
      // Some seconds of a busy machine are no hang.
      await serve({ UNDERSTUDY_RUN_TIMEOUT_MS: '60000' }, hotDoor);
      const steps = await stepsFor(2_000);
      const first = ask(steps);
      await sleep(50);
      // The runner has been given one of them already, behind the first.
      const clients = await Promise.all(Array.from({ length: 8 }, async () => rawClient([[1]])));
      await server.until(async () => (await waitingRequests()) >= 7);
      clients.forEach((socket, index) => (index % 2 === 0 ? socket.resetAndDestroy() : socket.destroy()));
      await server.until(async () => (await waitingRequests()) === 0, 1_800);
      expect((await first).status).toBe(200);
      expect(server.log.filter(({ level }) => Number(level) >= 50)).toEqual([]);
    },
  );

  it('[case 3] that does not read its answer costs the others nothing, and is cut', async () => {
    models.publish('tracking-quickstart', 1, identityModel('FP32', [-1, 100]));
    server = await RunningServer.start({
      settings: { UNDERSTUDY_REGISTRY_DIR: models.path, UNDERSTUDY_MAX_OUTPUT_BYTES: String(64 * 1024 * 1024) },
    });
    // 100 characters of request become nearly 2,000 of answer.
    const rows = Array.from({ length: 10_000 }, () => new Array<number>(100).fill(0.1));
    const slow = await rawClient(rows);
    slow.pause();
    let isCut = false;
    const cut = once(slow, 'close').then(() => (isCut = true));
    for (let request = 0; request < 50; request++)
      expect((await server.predict([new Array<number>(100).fill(1)])).status).toBe(200);
    // Nobody waited until it was gone.
    expect(isCut).toBe(false);
    const connections = async (): Promise<number> =>
      new Promise((resolve) => {
        server.app.getHttpServer().getConnections((_: unknown, count: number) => {
          resolve(count);
        });
      });
    await server.until(async () => (await connections()) === 0, 60_000);
    slow.resume();
    await cut;
    expect(slow.bytesRead).toBeLessThan(rows.length * 100 * 15);
  });
});
