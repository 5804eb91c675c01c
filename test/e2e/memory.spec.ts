import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { greedyModel, hungryModel, talkativeModel } from '../support/onnx/misbehaving-models';
import { constantModel } from '../support/onnx/models';
import { ModelFolder } from '../support/model-folder';
import { RunningServer } from '../support/running-server';

/** Models and requests that take too much memory: they are ended or refused before the machine suffers. */

const MIB = 1024 * 1024;
const LIMIT_BYTES = 256 * MIB;

/** Floats that fill more than a runner may have, and less than it may ask for in one piece. */
const FILLS_TOO_MUCH = (800 * MIB) / 4;
/** More than it may even ask for. */
const ASKS_TOO_MUCH = 5e9;

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
  server = await RunningServer.start({
    settings: {
      UNDERSTUDY_REGISTRY_DIR: models.path,
      UNDERSTUDY_RUNNER_MEMORY_BYTES: String(LIMIT_BYTES),
      ...settings,
    },
  });
  return server;
}

const runnerOf = async (running: RunningServer) => (await running.status()).current!.runner;

describe('a version that needs too much memory while it is loaded', () => {
  it.each([
    [
      'fills it',
      FILLS_TOO_MUCH,
      /\(step (start|warm)\): it takes \d+ MiB of memory, more than the 256 MiB that a runner may have \(UNDERSTUDY_RUNNER_MEMORY_BYTES\)$/,
    ],
    [
      'asks for 20 GB at once',
      ASKS_TOO_MUCH,
      /the model asks for more memory than there is \(a runner may have 256 MiB, UNDERSTUDY_RUNNER_MEMORY_BYTES\): /,
    ],
  ])('[case 75] is refused with the limit and its setting: it %s', async (_, floats, detail) => {
    const running = await serve(constantModel(1));
    models.publish('greedy', 1, greedyModel(floats));
    const startedMs = performance.now();
    const answer = await running.change('/update-model', { model_uri: 'models:/greedy/1' });
    expect(answer.body).toMatchObject({
      status: 422,
      code: 'model-load-failed',
      detail: expect.stringMatching(detail),
    });
    expect(performance.now() - startedMs).toBeLessThan(60_000);
    expect((await running.predict([[1, 2, 3, 4]])).body).toEqual({ predictions: [1], model_used: 'current' });
    expect((await running.status()).next?.uri).toBe('models:/tracking-quickstart/1');
  });
});

describe('a request that makes the model take too much memory', () => {
  it('[case 75] all at once: fails by itself, and the runner serves on', async () => {
    const running = await serve(hungryModel());
    const answers = await Promise.all([1, ASKS_TOO_MUCH, 2].map(async (floats) => running.predict([[floats]])));
    expect(answers.map(({ status }) => status)).toEqual([200, 500, 200]);
    expect(answers[1]!.body).toMatchObject({
      code: 'inference-failed',
      detail: expect.stringMatching(
        /more memory than there is \(a runner may have 256 MiB, UNDERSTUDY_RUNNER_MEMORY_BYTES\)/,
      ),
    });
    expect((await runnerOf(running)).restarts).toBe(0);
  });

  it('[case 75] bit by bit: ends the runner twice and is refused; those that shared its run are answered', async () => {
    const running = await serve(hungryModel());
    const answers = await Promise.all([1, FILLS_TOO_MUCH, 2].map(async (floats) => running.predict([[floats]])));
    expect(answers.map(({ status }) => status)).toEqual([200, 500, 200]);
    expect(answers[1]!.body).toMatchObject({
      code: 'inference-failed',
      detail: expect.stringMatching(
        /ended twice while it ran this request, the last time because it takes \d+ MiB of memory, more than the 256 MiB/,
      ),
    });
    await running.until(async () => (await runnerOf(running)).state === 'ready');
    expect(await runnerOf(running)).toMatchObject({
      restarts: 2,
      lastProblem: expect.stringContaining('(UNDERSTUDY_RUNNER_MEMORY_BYTES)'),
    });
  });

  it('[case 80] little by little: a runner that grows with every request is started again, and every request is answered', async () => {
    const running = await serve(hungryModel(), { UNDERSTUDY_RUNNER_MEMORY_BYTES: String(384 * MIB) });
    // The runtime keeps what it once had, and takes a larger piece each time; the largest alone is no trouble.
    const sizes = Array.from({ length: 25 }, (_, step) => ((8 + 8 * step) * MIB) / 4);
    for (const floats of sizes) expect((await running.predict([[floats]])).status).toBe(200);
    await running.until(async () => (await runnerOf(running)).state === 'ready');
    expect((await runnerOf(running)).restarts).toBeGreaterThan(0);
  });

  it.each([1e8, 1e12])(
    '[case 42] in its output: one of %d elements is refused, and the runner serves on',
    async (elements) => {
      const running = await serve(talkativeModel(), { UNDERSTUDY_RUNNER_MEMORY_BYTES: String(4096 * MIB) });
      const answer = await running.predict([[elements]]);
      expect([answer.status, answer.body]).toMatchObject([
        500,
        { code: 'inference-failed', detail: expect.stringMatching(/UNDERSTUDY_(MAX_OUTPUT|RUNNER_MEMORY)_BYTES/) },
      ]);
      expect((await running.predict([[2]])).body).toEqual({ predictions: [0, 0], model_used: 'current' });
      expect((await runnerOf(running)).restarts).toBe(0);
    },
  );
});

it('[case 75] a runner offers itself to a system that is out of memory, before the server', async () => {
  const running = await serve(constantModel(1));
  const { pid } = await runnerOf(running);
  expect(readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8').trim()).toBe('1000');
});

it('[case 75] a runner reports its memory by itself where the system does not tell that of another process', async () => {
  const program = join(process.cwd(), 'dist', 'apps', 'runner', 'main.js');
  // As on such a system: the parent, and the descriptor to report to.
  const runner = fork(program, [String(process.pid), '4'], { stdio: ['ignore', 'ignore', 'inherit', 'ipc', 'pipe'] });
  try {
    const [report] = (await once(runner.stdio[4] as Readable, 'data')) as [Buffer];
    expect(Number(report.toString().split('\n')[0])).toBeGreaterThan(20 * MIB);
  } finally {
    runner.kill('SIGKILL');
  }
});
