import { countingModel, crashingModel, CRASHES_ON } from '../support/onnx/misbehaving-models';
import { constantModel, heavyModel } from '../support/onnx/models';
import { ModelFolder } from '../support/model-folder';
import { RunningServer, type Status } from '../support/running-server';
import { ServerProcess } from '../support/server-process';
import { temporaryFolder } from '../support/temporary-folder';

/** Runs that come to no end or end their process: found out, ended, and answered for. */

/** Counts for ever, and not at all. */
const FOR_EVER = [1e12];
const AT_ONCE = [1];

let models: ModelFolder;
let server: RunningServer | undefined;

beforeEach(() => {
  models = new ModelFolder();
});

afterEach(async () => {
  await server?.stop();
  server = undefined;
  models.remove();
});

async function serve(model: Uint8Array, settings: Readonly<Record<string, string>> = {}): Promise<RunningServer> {
  models.publish('tracking-quickstart', 1, model);
  server = await RunningServer.start({ settings: { UNDERSTUDY_REGISTRY_DIR: models.path, ...settings } });
  return server;
}

const sleep = async (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const runnerOf = async (running: RunningServer) => (await running.status()).current!.runner;

describe('[case 78] a request that the model comes to no end with', () => {
  it('ends the runner twice and is refused; those that shared its run are answered', async () => {
    const running = await serve(countingModel(), { UNDERSTUDY_RUN_TIMEOUT_MS: '1000' });
    expect((await running.status()).current?.batching.batched).toBe(true);
    const startedMs = performance.now();
    const rows = [AT_ONCE, AT_ONCE, FOR_EVER, AT_ONCE, AT_ONCE];
    const answers = await Promise.all(rows.map(async (row) => running.predict([row])));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 504, 200, 200]);
    expect(answers[2]!.body).toMatchObject({
      code: 'inference-timeout',
      detail:
        'The model came to no end with this request, twice, and its process was ended each time (a run of one row did not end ' +
        'within 1000 ms (UNDERSTUDY_RUN_TIMEOUT_MS)), so it is not tried again. Other requests are served',
    });
    expect(performance.now() - startedMs).toBeLessThan(60_000);
    await running.until(async () => (await runnerOf(running)).state === 'ready');
    expect(await runnerOf(running)).toMatchObject({
      restarts: 2,
      lastProblem: 'a run of one row did not end within 1000 ms (UNDERSTUDY_RUN_TIMEOUT_MS)',
    });
    expect(running.log.filter(({ why }) => why === 'hung')).toHaveLength(2);
    expect((await running.predict([AT_ONCE])).status).toBe(200);
  });

  it('is told 504 at its own deadline, and is then not run again', async () => {
    const running = await serve(countingModel(), { UNDERSTUDY_RUN_TIMEOUT_MS: '1500' });
    const answer = await running.predict([FOR_EVER], { 'X-Request-Timeout-Ms': '300' });
    expect([answer.status, answer.body]).toMatchObject([504, { code: 'inference-timeout' }]);
    await running.until(async () => (await runnerOf(running)).restarts === 1);
    expect((await running.predict([AT_ONCE])).status).toBe(200);
    expect((await runnerOf(running)).restarts).toBe(1);
  });

  it('in next: costs nothing on current, which takes its share meanwhile', async () => {
    models.publish('tracking-quickstart', 2, countingModel());
    const running = await serve(constantModel(1, 1), { UNDERSTUDY_RUN_TIMEOUT_MS: '1000' });
    await running.change('/update-model', { model_uri: 'models:/tracking-quickstart/2' });
    await running.change('/set-canary-probability', { probability: 0.5 });
    const hanging = running.predict([FOR_EVER], { 'X-Model-Slot': 'next' });
    await running.until(async () => (await running.status()).next?.runner.state !== 'ready');
    // Until next is back, current answers alone and at once.
    const meanwhile = await Promise.all(Array.from({ length: 20 }, async () => running.predict([AT_ONCE])));
    expect(new Set(meanwhile.map(({ status }) => status))).toEqual(new Set([200]));
    expect((await hanging).status).toBe(504);
  });

  it('is found out without any setting, from what was measured, and whatever keeps the process from going on', async () => {
    const running = await serve(countingModel());
    const { pid } = await runnerOf(running);
    process.kill(pid, 'SIGSTOP');
    const startedMs = performance.now();
    expect((await running.predict([AT_ONCE])).body).toEqual({ predictions: [1], model_used: 'current' });
    expect(performance.now() - startedMs).toBeGreaterThan(4_900);
    expect(await runnerOf(running)).toMatchObject({
      restarts: 1,
      lastProblem: 'a run of one row did not end within 5000 ms (UNDERSTUDY_RUN_TIMEOUT_MS)',
    });
  });
});

describe('a run that only takes long', () => {
  it('is no hang: a request of very many rows', async () => {
    const running = await serve(heavyModel(500));
    const rows = Array.from({ length: 200_000 }, () => [1, 2, 3, 4]);
    const answer = await running.predict(rows);
    expect(answer.status).toBe(200);
    expect((answer.body as { predictions: unknown[] }).predictions).toHaveLength(rows.length);
    expect((await runnerOf(running)).restarts).toBe(0);
  });

  it.each([
    ['the server was stopped, and read the answer late', false],
    ['the machine slept, and the model with it', true],
  ])('[case 112] is no hang: %s', async (_, runnerToo) => {
    models.publish('tracking-quickstart', 1, countingModel());
    const data = temporaryFolder('data');
    const stopped = new ServerProcess({
      environment: {
        PORT: '0',
        UNDERSTUDY_REGISTRY_DIR: models.path,
        UNDERSTUDY_DATA_DIR: data.path,
        UNDERSTUDY_RUN_TIMEOUT_MS: '4000',
      },
    });
    try {
      const url = await stopped.url();
      while (!(await fetch(`${url}/readyz`)).ok) await sleep(20);
      const predict = async (steps: number) =>
        fetch(`${url}/predict`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify({ data: [[steps]] }),
        });
      const runner = async () => ((await (await fetch(`${url}/status`)).json()) as Status).current!.runner;
      const { pid } = await runner();
      const startedMs = performance.now();
      expect((await predict(100_000)).status).toBe(200);
      const stepsOfASecond = 100_000 / ((performance.now() - startedMs) / 1000);
      const underWay = predict(Math.round(1.5 * stepsOfASecond));
      await sleep(200);
      stopped.signal('SIGSTOP');
      if (runnerToo) process.kill(pid, 'SIGSTOP');
      await sleep(5_000);
      if (runnerToo) process.kill(pid, 'SIGCONT');
      stopped.signal('SIGCONT');
      expect((await underWay).status).toBe(200);
      expect((await runner()).restarts).toBe(0);
    } finally {
      stopped.signal('SIGKILL');
      await stopped.exited();
      data.remove();
    }
  });
});

describe('a request that ends the process', () => {
  const onX86 = process.arch === 'x64' ? it : it.skip;

  onX86('[case 79] twice is refused; those that shared its run are answered', async () => {
    const running = await serve(crashingModel());
    const rows = [1, 2, CRASHES_ON, 3];
    const answers = await Promise.all(rows.map(async (value) => running.predict([[value]])));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 500, 200]);
    expect(answers[2]!.body).toMatchObject({
      code: 'inference-failed',
      detail:
        'The model’s process ended twice while it ran this request, so it is not tried again. Other requests are served',
    });
    expect(await runnerOf(running)).toMatchObject({
      restarts: 2,
      lastProblem: 'its process ended (signal SIGFPE)',
    });
  });

  onX86('[case 79] again and again does not take the others’ runner away, as long as it answers between', async () => {
    const running = await serve(crashingModel());
    for (let attack = 1; attack <= 5; attack++) {
      expect((await running.predict([[CRASHES_ON]])).status).toBe(500);
      expect((await running.predict([[7]])).body).toEqual({ predictions: [-7], model_used: 'current' });
    }
    expect((await runnerOf(running)).restarts).toBe(10);
  });
});

/** Its end may not have been noticed yet when its state was told. */
function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

describe('a runner that ends as soon as it is there', () => {
  it('[case 79] is given up after growing pauses, which is said everywhere; loading the version again helps', async () => {
    const running = await serve(constantModel(1));
    for (;;) {
      const { state, pid } = await runnerOf(running);
      if (state === 'failed') break;
      if (state === 'ready') killIfThere(pid);
      await sleep(10);
    }
    expect(await runnerOf(running)).toMatchObject({ restarts: 6, pid: null });
    const ready = await running.http.get('/readyz');
    expect([ready.status, ready.body]).toMatchObject([
      503,
      {
        checks: [
          {},
          { found: expect.stringMatching(/^models:\/tracking-quickstart\/1 is failed: its process ended \(/) },
          { name: 'database' },
        ],
      },
    ]);
    const startedMs = performance.now();
    const answer = await running.predict([[1, 2, 3, 4]]);
    expect([answer.status, answer.body]).toMatchObject([
      503,
      {
        code: 'model-not-ready',
        detail: expect.stringMatching(/is not running: its process ended .* Load it again, or roll back$/),
      },
    ]);
    expect(performance.now() - startedMs).toBeLessThan(20_000);
    expect(running.log.filter(({ msg }) => String(msg).includes('is given up'))).toMatchObject([{ level: 50 }]);
    await running.change('/update-model', { model_uri: 'models:/tracking-quickstart/1' });
    expect((await running.predict([[1, 2, 3, 4]], { 'X-Model-Slot': 'next' })).status).toBe(200);
  });
});
