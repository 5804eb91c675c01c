import { ModelFolder } from '../support/model-folder';
import { busyModel, constantModel } from '../support/onnx/models';
import { RunningServer } from '../support/running-server';

/** What predictions see of changes that go on meanwhile, also of those that go wrong. */

const ROW = [1, 2, 3, 4];
const URI = (version: number): string => `models:/tracking-quickstart/${version}`;

let models: ModelFolder;
let server: RunningServer;

/** Starts it with the versions 1, 2, 3. */
async function start(model: (version: number) => Uint8Array): Promise<void> {
  models = new ModelFolder();
  for (const version of [1, 2, 3]) models.publish('tracking-quickstart', version, model(version));
  server = await RunningServer.start({ settings: { UNDERSTUDY_REGISTRY_DIR: models.path } });
}

afterEach(async () => {
  await server.stop();
  models.remove();
});

/** Products that take a good part of a second. */
const SLOW = 400;

interface Answer {
  readonly status: number;
  readonly label: number | undefined;
  readonly version: unknown;
}

async function predict(headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const answer = await server.predict([ROW], headers);
  const { predictions } = answer.body as { predictions?: [number] };
  return { status: answer.status, label: predictions?.[0], version: answer.headers['x-model-version'] };
}

/** Clients that ask for current again and again. */
function load(clients: number) {
  const answers: Answer[] = [];
  let isOver = false;
  const asking = Array.from({ length: clients }, async () => {
    while (!isOver) answers.push(await predict({ 'X-Model-Slot': 'current' }));
  });
  return {
    async end(): Promise<readonly Answer[]> {
      isOver = true;
      await Promise.all(asking);
      return answers;
    },
  };
}

it('[case 96] a promotion while the runner of next dies ends with the old version or the new one, never with none', async () => {
  await start(constantModel);
  const asking = load(4);
  const statuses: number[] = [];
  for (let round = 0; round < 12; round++) {
    const { current } = await server.status();
    const version = current?.uri === URI(2) ? 3 : 2;
    expect((await server.change('/update-model', { model_uri: URI(version) })).status).toBe(200);
    const { next, generation } = await server.status();
    const pid = next?.runner.pid;
    if (!pid) throw new Error(`next has no runner: ${JSON.stringify(next)}`);
    const promoting = server.http.post('/accept-next-model').then(({ status }) => status);
    // Before, at and after the moment of the promotion.
    await new Promise((resolve) => setTimeout(resolve, round));
    process.kill(pid, 'SIGKILL');
    const status = await promoting;
    statuses.push(status);
    const after = await server.status();
    expect([200, 409, 503]).toContain(status);
    expect([after.current?.uri, after.generation]).toEqual(
      status === 200 ? [URI(version), generation + 1] : [current?.uri, generation],
    );
    // It is seen to be dead a moment after it was killed: ready is said of the process before, too.
    await server.until(async () => {
      const runner = (await server.status()).next?.runner;
      return runner?.state === 'ready' && runner.pid !== pid;
    });
  }
  const answers = await asking.end();
  expect(statuses).toContain(200);
  expect(answers.length).toBeGreaterThan(50);
  expect(answers.filter(({ status, label, version }) => status !== 200 || String(label) !== version)).toEqual([]);
});

it('[case 97] a row of swaps under load costs no prediction, and every answer is of the version that it names', async () => {
  await start(constantModel);
  const asking = load(4);
  for (let swap = 0; swap < 20; swap++) {
    expect((await server.change('/update-model', { model_uri: URI(1 + ((swap + 1) % 3)) })).status).toBe(200);
    expect((await server.http.post('/accept-next-model')).status).toBe(200);
  }
  const answers = await asking.end();
  expect(answers.filter(({ status, label, version }) => status !== 200 || String(label) !== version)).toEqual([]);
  expect(new Set(answers.map(({ version }) => version))).toEqual(new Set(['1', '2', '3']));
});

it.each([
  ['unloaded from next', 'next', async () => server.http.post('/deployments/default/unload-next')],
  ['replaced in next', 'next', async () => server.change('/update-model', { model_uri: URI(2) })],
  [
    'rolled back, then forgotten',
    'current',
    async () => {
      await server.http.post('/rollback');
      await server.change('/update-model', { model_uri: URI(2) });
      return server.http.post('/accept-next-model');
    },
  ],
] as const)('[case 102] a version that is %s finishes what it was asked', async (_, slot, leave) => {
  await start((version) => busyModel(version === 3 ? SLOW : 1));
  expect((await server.change('/update-model', { model_uri: URI(3) })).status).toBe(200);
  if (slot === 'current') await server.http.post('/accept-next-model');
  const pid = (await server.status())[slot]?.runner.pid;
  const answered: string[] = [];
  const underWay = Array.from({ length: 4 }, async () => {
    const answer = await server.predict([ROW], { 'X-Model-Slot': slot, 'X-Request-Timeout-Ms': '60000' });
    answered.push('prediction');
    return [answer.status, answer.headers['x-model-version'], answer.body as object];
  });
  await server.until(async () => ((await server.status())[slot]?.runner.waitingRequests ?? 0) > 0);
  expect((await leave()).status).toBe(200);
  answered.push('change');
  const { current, next, previous } = await server.status();
  expect([current, next, previous].map((held) => held?.runner.pid)).not.toContain(pid);
  expect(await Promise.all(underWay)).toEqual(
    Array.from({ length: 4 }, () => [200, '3', { predictions: [10], model_used: slot }]),
  );
  // It was asked by the time it left, and answered afterwards.
  expect(answered.at(-1)).toBe('prediction');
  await server.until(() => isGone(pid ?? NaN));
});

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}
