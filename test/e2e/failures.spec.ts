import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildModel } from '../support/onnx/build-model';
import { endlessModel, greedyModel } from '../support/onnx/misbehaving-models';
import { constantModel, heavyModel } from '../support/onnx/models';
import { mlModelText, ModelFolder } from '../support/model-folder';
import { gone, RunningServer } from '../support/running-server';
import { temporaryFolder } from '../support/temporary-folder';

/** Models and runners that fail: what is served goes on. */

const ROW = [5.1, 3.5, 1.4, 0.2];

let models: ModelFolder;
let server: RunningServer;

beforeEach(async () => {
  models = new ModelFolder();
  models.publish('tracking-quickstart', 1, constantModel(1));
  models.publish('tracking-quickstart', 2, constantModel(2));
  server = await RunningServer.start({
    settings: { UNDERSTUDY_REGISTRY_DIR: models.path, UNDERSTUDY_LOAD_TIMEOUT_MS: '4000' },
  });
});

afterEach(async () => {
  await server.stop();
  models.remove();
});

/** Predictions from several clients at once until `stop`; every answer is kept. */
function steadyLoad(headers: Readonly<Record<string, string>> = {}) {
  let stopped = false;
  const answers: { readonly status: number; readonly slot: unknown }[] = [];
  const clients = Array.from({ length: 8 }, async () => {
    while (!stopped) {
      const answer = await server.predict([ROW], headers);
      answers.push({ status: answer.status, slot: answer.headers['x-model-used'] });
    }
  });
  return {
    answers,
    stop: async () => {
      stopped = true;
      await Promise.all(clients);
    },
  };
}

const enough = async (answers: readonly unknown[], more: number): Promise<void> => {
  const from = answers.length;
  await server.until(() => answers.length >= from + more);
};

describe('a runner that is killed under load', () => {
  it('in next: costs no prediction on current, which takes its share meanwhile, and comes back by itself', async () => {
    await server.change('/update-model', { model_uri: 'models:/tracking-quickstart/2' });
    await server.change('/set-canary-probability', { probability: 0.5 });
    const load = steadyLoad();
    await enough(load.answers, 50);
    const { pid } = (await server.status()).next!.runner;
    process.kill(pid, 'SIGKILL');
    await server.until(async () => (await server.status()).next?.runner.restarts === 1);
    await server.until(async () => (await server.status()).next?.runner.state === 'ready');
    await enough(load.answers, 100);
    await load.stop();
    expect(load.answers.filter(({ status }) => status !== 200)).toEqual([]);
    expect((await server.predict([ROW], { 'X-Model-Slot': 'next' })).body).toEqual({
      predictions: [2],
      model_used: 'next',
    });
    expect((await server.status()).next!.runner.pid).not.toBe(pid);
  });

  it('in current: has its requests run again, and comes back by itself', async () => {
    await server.change('/update-model', { model_uri: 'models:/tracking-quickstart/2' });
    const load = steadyLoad();
    for (let kill = 1; kill <= 3; kill++) {
      await enough(load.answers, 50);
      process.kill((await server.status()).current!.runner.pid, 'SIGKILL');
      await server.until(async () => (await server.status()).current?.runner.restarts === kill);
    }
    await enough(load.answers, 100);
    await load.stop();
    expect(load.answers.filter(({ status, slot }) => status !== 200 || slot !== 'current')).toEqual([]);
  });

  it('tells in /readyz that current is being started again', async () => {
    process.kill((await server.status()).current!.runner.pid, 'SIGKILL');
    const readiness = async (): Promise<number> => (await server.http.get('/readyz')).status;
    await server.until(async () => (await readiness()) === 503);
    await server.until(async () => (await readiness()) === 200);
    expect((await server.status()).current?.runner.restarts).toBe(1);
  });

  it('can be rolled back from while it is down', async () => {
    await server.change('/update-model', { model_uri: 'models:/tracking-quickstart/2' });
    await server.http.post('/accept-next-model');
    process.kill((await server.status()).current!.runner.pid, 'SIGKILL');
    expect((await server.http.post('/rollback')).status).toBe(200);
    expect((await server.predict([ROW])).body).toEqual({ predictions: [1], model_used: 'current' });
  });
});

describe('a candidate that fails while it loads', () => {
  const staged = (): string[] => readdirSync(join(server.dataFolder, 'models', 'staging'));

  it('[case 77] is ended at the deadline, and both slots stay as they were', async () => {
    // A loop of 10^12 steps in the warm-up run: the process does nothing else any more.
    models.publish('endless', 1, endlessModel());
    const startedMs = performance.now();
    const answer = await server.change('/update-model', { model_uri: 'models:/endless/1' });
    expect(answer.body).toMatchObject({
      status: 422,
      code: 'model-load-timeout',
      detail:
        'models:/endless/1 could not be loaded (step warm): it did not get through this step within 4000 ms (UNDERSTUDY_LOAD_TIMEOUT_MS)',
    });
    expect(performance.now() - startedMs).toBeLessThan(60_000);
    expect((await server.status()).next?.uri).toBe('models:/tracking-quickstart/1');
    expect(staged()).toEqual([]);
  });

  it('[case 75] is refused or ends only its own process when it asks for more memory than there is', async () => {
    models.publish('greedy', 1, greedyModel(1e12));
    const answer = await server.change('/update-model', { model_uri: 'models:/greedy/1' });
    expect(answer.body).toMatchObject({
      status: 422,
      code: 'model-load-failed',
      detail: expect.stringMatching(/more memory than there is .*UNDERSTUDY_RUNNER_MEMORY_BYTES/),
    });
    expect((await server.predict([ROW])).body).toEqual({ predictions: [1], model_used: 'current' });
  });

  it('is refused when it fails on its own input example', async () => {
    models.publish('broken-example', 1, {
      MLmodel: mlModelText(
        { onnx: { data: 'model.onnx' } },
        'saved_input_example_info: {artifact_path: input_example.json}\n',
      ),
      'model.onnx': gatherFromFour(),
      'input_example.json': '[[9, 9, 9, 9]]',
    });
    const answer = await server.change('/update-model', { model_uri: 'models:/broken-example/1' });
    expect(answer.body).toMatchObject({
      status: 422,
      code: 'model-load-failed',
      detail: expect.stringContaining('The model fails on its own input example'),
    });
  });

  it('leaves no process behind', async () => {
    models.publish('broken', 1, Buffer.from('nothing'));
    const before = childCount();
    for (let attempt = 0; attempt < 5; attempt++) {
      expect((await server.change('/update-model', { model_uri: 'models:/broken/1' })).status).toBe(422);
    }
    await server.until(() => childCount() === before);
    expect(childCount()).toBe(before);
  });
});

describe('the first version', () => {
  it('is looked for until the registry has it, and the server says so meanwhile', async () => {
    const empty = temporaryFolder('empty');
    const waiting = await RunningServer.start({
      settings: { UNDERSTUDY_REGISTRY_DIR: empty.path },
      waitUntilReady: false,
    });
    try {
      expect((await waiting.http.get('/')).text).toBe(
        '{"status":"Understudy MLflow service running","canary_probability":1.0,"current_model_loaded":false,"next_model_loaded":false}',
      );
      await waiting.until(async () =>
        JSON.stringify((await waiting.http.get('/readyz')).body).includes('There is no model'),
      );
      const ready = await waiting.http.get('/readyz');
      expect([ready.status, ready.body]).toMatchObject([
        503,
        {
          checks: [
            {},
            {
              name: 'current',
              ok: false,
              found: expect.stringContaining(
                'waiting for models:/tracking-quickstart/1: There is no model "tracking-quickstart" in the registry',
              ),
            },
            { name: 'database' },
          ],
        },
      ]);
      const refused = await waiting.predict([ROW]);
      expect(refused.body).toMatchObject({ status: 503, code: 'model-not-ready' });
      expect(refused.headers['retry-after']).toBe('1');
      expect((await waiting.http.post('/accept-next-model')).body).toMatchObject({
        status: 409,
        code: 'next-not-ready',
      });
      const late = new ModelFolder();
      late.publish('tracking-quickstart', 1, constantModel(7));
      cpSync(late.path, empty.path, { recursive: true });
      late.remove();
      await waiting.until(async () => (await waiting.predict([ROW])).status === 200);
      expect((await waiting.predict([ROW])).body).toEqual({ predictions: [7], model_used: 'current' });
      expect((await waiting.status()).next?.uri).toBe('models:/tracking-quickstart/1');
    } finally {
      await waiting.stop();
      empty.remove();
    }
  });
});

describe('stopping', () => {
  it('lets a change under way end, ends every runner, and leaves no socket behind', async () => {
    models.publish('heavy', 1, heavyModel(1200));
    const other = await RunningServer.start({ settings: { UNDERSTUDY_REGISTRY_DIR: models.path } });
    const { pid } = (await other.status()).current!.runner;
    await other.stop();
    await gone(pid);
    expect(existsSync(other.dataFolder)).toBe(false);
    await expect(fetch(other.url)).rejects.toThrow();
  });
});

function childCount(): number {
  return readdirSync('/proc').filter((entry) => /^\d+$/.test(entry) && parentOf(entry) === process.pid).length;
}

function parentOf(pid: string): number | undefined {
  try {
    return Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]);
  } catch {
    return undefined;
  }
}

/** Takes four numbers as indices into a table of four: fails on any other. */
function gatherFromFour(): Uint8Array {
  return buildModel({
    inputs: [{ name: 'X', type: 'FP32', shape: [-1, 4] }],
    outputs: [{ name: 'Y', type: 'FP32', shape: [-1, 4] }],
    initializers: [
      { name: 'table', type: 'FP32', shape: [4], data: new Uint8Array(new Float32Array([1, 2, 3, 4]).buffer) },
    ],
    nodes: [
      { op: 'Cast', inputs: ['X'], outputs: ['index'], attributes: { to: 7 } },
      { op: 'Gather', inputs: ['table', 'index'], outputs: ['Y'] },
    ],
  });
}

it('[case 73] a model with a single byte changed is refused or answers as it may; current answers as before', async () => {
  const whole = constantModel(3);
  const flips = 12;
  for (let flip = 0; flip < flips; flip++) {
    const changed = Uint8Array.from(whole);
    changed[Math.floor(((flip + 0.5) * whole.length) / flips)]! ^= 0x55;
    const model_uri = models.publish('candidate', flip + 1, changed);
    const { status } = await server.change('/update-model', { model_uri });
    expect([200, 409, 422]).toContain(status);
    const forced = await server.predict([ROW], { 'X-Model-Slot': 'next' });
    expect([200, 422, 500, 503]).toContain(forced.status);
    const answer = await server.predict([ROW], { 'X-Model-Slot': 'current' });
    expect(answer.body).toEqual({ predictions: [1], model_used: 'current' });
  }
});
