import { request as httpRequest } from 'node:http';
import { Drain } from '../../apps/server/src/http/drain';
import { BothDoors } from '../support/both-doors';
import { EVERY_PROTOCOL } from '../support/every-protocol';
import { exchange, type Exchanged } from '../support/exchange';
import { countingModel, crashingModel, CRASHES_ON } from '../support/onnx/misbehaving-models';
import { constantModel, lookupModel, rowSumModel } from '../support/onnx/models';

/** What holds whichever protocol a prediction comes by: its own answer, its headers, and an end to it. */

let doors: BothDoors;

function serve(versions: readonly Uint8Array[], settings: Readonly<Record<string, string>> = {}): void {
  beforeAll(async () => {
    doors = await BothDoors.open(versions, settings);
  });
  afterAll(async () => {
    await doors.close();
  });
}

const JSON_TYPE = { 'Content-Type': 'application/json' };

/** Asks at the hot door only, so that what one door is asked does not wait for the other. */
const ask = async (path: string, body: object, headers: Readonly<Record<string, string>> = {}): Promise<Exchanged> =>
  exchange(`${doors.hot.url}${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { ...JSON_TYPE, ...headers },
  });

describe('requests of every protocol that come at once', () => {
  serve([rowSumModel(2)]);

  it('share runs, and each gets its own answer, beside requests without rows', async () => {
    expect((await doors.hot.status()).current?.batching.batched).toBe(true);
    const answers = Array.from({ length: 300 }, async (_, index) => {
      if (index % 10 === 9) {
        const empty = { inputs: [{ name: 'X', datatype: 'FP32', shape: [0, 2], data: [] }] };
        const { status, json } = await ask('/v2/models/default/infer', empty);
        expect([status, json]).toMatchObject([200, { outputs: [{ name: 'sum', shape: [0], data: [] }] }]);
        return;
      }
      const { path, ask: body, elements } = EVERY_PROTOCOL[index % 3]!;
      const rows = Array.from({ length: 1 + (index % 4) }, (_, row) => [index, row]);
      const { status, json } = await ask(path, body(rows));
      expect([path, status, elements(json)]).toEqual([path, 200, rows.map(([a, b]) => a! + b!)]);
    });
    await Promise.all(answers);
    expect((await doors.hot.status()).current?.runner.restarts).toBe(0);
  });
});

describe('a request of every protocol', () => {
  serve([constantModel(1), constantModel(2)]);

  const ROW = [1, 2, 3, 4];

  it.each(EVERY_PROTOCOL)(
    '$name: names the slot, the version and the request',
    async ({ path, ask: body, elements }) => {
      for (const [headers, slot, label] of [
        [{}, 'current', 1],
        [{ 'X-Model-Slot': 'next' }, 'next', 2],
        [{ 'X-Canary-Key': 'é'.repeat(10) }, 'current', 1],
      ] as const) {
        const answer = await doors.post(path, body([ROW]), { ...JSON_TYPE, ...headers });
        expect([answer.status, elements(answer.json)]).toEqual([200, [label]]);
        expect(answer.headers).toMatchObject({
          'x-model-used': slot,
          'x-model-version': String(label),
          'x-request-id': 'same',
        });
      }
    },
  );

  it.each(EVERY_PROTOCOL)(
    '$name: that fails names the slot that was to answer, if one was chosen',
    async ({ path, ask: body }) => {
      const headersOf = async (headers: Readonly<Record<string, string>>) => {
        const answer = await doors.post(path, body([[1, 2, 3]]), { ...JSON_TYPE, ...headers });
        expect(answer.status).toBeGreaterThanOrEqual(400);
        return [answer.headers['x-model-used'], answer.headers['x-model-version']];
      };
      expect(await headersOf({})).toEqual(['current', '1']);
      expect(await headersOf({ 'X-Model-Slot': 'next' })).toEqual(['next', '2']);
      expect(await headersOf({ 'X-Model-Slot': 'sideways' })).toEqual([undefined, undefined]);
    },
  );

  it.each(EVERY_PROTOCOL)(
    '[case 13] $name: does not echo a request id that could split a header',
    async ({ path, ask: body }) => {
      for (const { url } of doors.servers) {
        const answer = await exchange(`${url}${path}`, {
          method: 'POST',
          body: JSON.stringify(body([ROW])),
          headers: { ...JSON_TYPE, 'X-Request-Id': 'a\tb' },
        });
        expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
      }
    },
  );

  it.each(EVERY_PROTOCOL)('[case 9] $name: does not take a body in too many pieces', async ({ path, problem }) => {
    const answer = await exchange(`${doors.hot.url}${path}`, {
      method: 'POST',
      headers: JSON_TYPE,
      body: ' '.repeat(65_537),
      chunkBytes: 1,
    });
    expect([answer.status, problem(answer.json)]).toEqual([400, expect.stringMatching(/more than 65536 chunks/)]);
  });

  it.each(EVERY_PROTOCOL)(
    '[case 123] $name: is refused for a header that does not say how long it may take',
    async ({ path, ask: body, problem }) => {
      const answer = await doors.post(path, body([ROW]), { ...JSON_TYPE, 'X-Request-Timeout-Ms': '-1' });
      expect([answer.status, problem(answer.json)]).toEqual([
        400,
        expect.stringMatching(/^X-Request-Timeout-Ms: expected/),
      ]);
    },
  );

  it('[case 103] is sent elsewhere while the server stops', async () => {
    const drain = doors.documented.app.get(Drain);
    drain.begin();
    drain.endConnections();
    const ready = await exchange(`${doors.documented.url}/v2/health/ready`);
    expect([ready.status, ready.json]).toEqual([503, { ready: false }]);
    for (const { path, ask: body } of EVERY_PROTOCOL) {
      const answer = await exchange(`${doors.documented.url}${path}`, {
        method: 'POST',
        body: JSON.stringify(body([ROW])),
        headers: JSON_TYPE,
      });
      expect([answer.status, answer.headers.connection]).toEqual([200, 'close']);
    }
  });
});

describe('a model that fails while it runs', () => {
  serve([lookupModel()]);

  it.each(EVERY_PROTOCOL)(
    'is told of in $name, while others in the same run are answered',
    async ({ name, path, problem }) => {
      const body = (value: number): object =>
        ({
          predict: { data: [value] },
          invocations: { inputs: [value] },
          infer: { inputs: [{ name: 'index', datatype: 'INT64', shape: [1], data: [value] }] },
        })[name];
      const answers = await Promise.all(
        [0, 7, 2, 1, -9].map(async (value) => doors.post(path, body(value), JSON_TYPE)),
      );
      expect(answers.map(({ status }) => status)).toEqual([200, 500, 200, 200, 500]);
      expect(problem(answers[1]!.json)).toMatch(/indices element out of data bounds/);
      expect(problem(answers[1]!.json)).not.toMatch(/\/(home|tmp|work)\//);
    },
  );
});

describe('a model whose process ends', () => {
  serve([crashingModel()]);

  it.each(EVERY_PROTOCOL)(
    '$name: is tried twice and told of, and serves on',
    async ({ path, ask: body, elements, problem }) => {
      const answer = await ask(path, body([[CRASHES_ON]], 'INT32'));
      expect([answer.status, problem(answer.json)]).toEqual([500, expect.stringMatching(/process ended twice/)]);
      const next = await ask(path, body([[5]], 'INT32'));
      expect([next.status, String(elements(next.json))]).toEqual([200, '-5']);
    },
  );
});

describe('a model that takes long', () => {
  serve([countingModel(1)], { UNDERSTUDY_MAX_WAITING_REQUESTS: '2', UNDERSTUDY_RUN_TIMEOUT_MS: '60000' });

  /** A second of work or some. */
  const LONG = [[1e6]];

  it.each(EVERY_PROTOCOL)(
    '$name: is not waited for longer than X-Request-Timeout-Ms',
    async ({ path, ask: body, problem }) => {
      const startedMs = performance.now();
      const answer = await ask(path, body(LONG), { 'X-Request-Timeout-Ms': '60' });
      expect([answer.status, problem(answer.json)]).toEqual([504, expect.any(String)]);
      const afterMs = performance.now() - startedMs;
      // The model is busy with it for longer: the next answer comes behind it.
      await doors.hot.until(async () => (await ask(path, body([[1]]))).status === 200);
      expect(afterMs).toBeLessThan((performance.now() - startedMs) / 2);
    },
  );

  it('infer: is not waited for longer than its parameter timeout, in microseconds', async () => {
    const [infer] = EVERY_PROTOCOL.filter(({ name }) => name === 'infer');
    const answer = await ask(infer!.path, { ...infer!.ask(LONG), parameters: { timeout: 60_000 } });
    expect(answer.status).toBe(504);
  });

  it('[case 5] is not waited for by a client that goes away: nothing is left, and nothing is an error', async () => {
    const lines = doors.hot.log.length;
    for (const { path, ask: body } of EVERY_PROTOCOL) {
      // One is run, one is with the runner already: what comes now has to wait.
      const busy = [1, 2].map(async () =>
        exchange(`${doors.hot.url}${path}`, { method: 'POST', headers: JSON_TYPE, body: JSON.stringify(body(LONG)) }),
      );
      const gone = httpRequest(`${doors.hot.url}${path}`, { method: 'POST', headers: JSON_TYPE });
      gone.on('error', () => undefined);
      gone.end(JSON.stringify(body(LONG)));
      await doors.hot.until(async () => ((await doors.hot.status()).current?.runner.waitingRequests ?? 0) > 0);
      gone.destroy();
      await doors.hot.until(async () => (await doors.hot.status()).current?.runner.waitingRequests === 0);
      expect((await Promise.all(busy)).map(({ status }) => status)).toEqual([200, 200]);
    }
    expect(doors.hot.log.slice(lines).filter(({ level }) => level === 50)).toEqual([]);
  });

  it('has only so many requests waiting for it; the others are told when to come again', async () => {
    const answers = await Promise.all(
      Array.from({ length: 12 }, async (_, index) => {
        const { path, ask: body, problem } = EVERY_PROTOCOL[index % 3]!;
        const { status, headers, json } = await ask(path, body(LONG), { 'X-Request-Timeout-Ms': '500' });
        return { status, headers, said: problem(json) };
      }),
    );
    const refused = answers.filter(({ status }) => status === 503);
    expect(refused.length).toBeGreaterThan(2);
    for (const { headers, said } of refused) {
      expect(Number(headers['retry-after'])).toBeGreaterThan(0);
      expect(said).toMatch(/./);
    }
  });
});
