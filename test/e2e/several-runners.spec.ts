import { CRASHES_ON, crashingModel } from '../support/onnx/misbehaving-models';
import { constantModel } from '../support/onnx/models';
import { ModelFolder } from '../support/model-folder';
import { gone, type RunnerProcessStatus, RunningServer, type SlotStatus } from '../support/running-server';

/** Several runner processes for one version, and one that stands by. */

const ROW = [5.1, 3.5, 1.4, 0.2];
const CLIENTS = 8;

let models: ModelFolder;
let server: RunningServer;

beforeEach(() => {
  models = new ModelFolder();
  models.publish('tracking-quickstart', 1, constantModel(1));
  models.publish('tracking-quickstart', 2, constantModel(2));
});

afterEach(async () => {
  await server.stop();
  models.remove();
});

const start = async (settings: Readonly<Record<string, string>>): Promise<void> => {
  server = await RunningServer.start({ settings: { UNDERSTUDY_REGISTRY_DIR: models.path, ...settings } });
};

const runnersOf = async (slot: 'current' | 'next' | 'previous'): Promise<readonly RunnerProcessStatus[]> =>
  (await server.status())[slot]!.runner.runners;

async function untilAllReady(count: number, slot: 'current' | 'next' = 'current'): Promise<void> {
  await server.until(async () => {
    const runners = await runnersOf(slot);
    return runners.length === count && runners.every(({ state }) => state === 'ready');
  });
}

/** Predictions from several clients at once; what each answer was. */
function steadyLoad() {
  let stopped = false;
  const statuses: number[] = [];
  const clients = Array.from({ length: CLIENTS }, async () => {
    while (!stopped) statuses.push((await server.predict([ROW])).status);
  });
  return {
    statuses,
    stop: async () => {
      stopped = true;
      await Promise.all(clients);
    },
  };
}

/** Kills a runner under load; says how many were answered while it was certainly not back. */
async function killUnderLoad(pid: number, statuses: readonly number[]): Promise<number> {
  await server.until(() => statuses.length >= 50);
  process.kill(pid, 'SIGKILL');
  await gone(pid);
  const from = statuses.length;
  let whileDown = 0;
  await server.until(async () => {
    const answered = statuses.length - from;
    const back = (await runnersOf('current')).every(({ state }) => state === 'ready');
    if (!back) whileDown = answered;
    return back && answered > 0;
  });
  return whileDown;
}

describe('two runners of a version', () => {
  it('come up without holding up the version, do not prove batching again, and are shown each', async () => {
    await start({ UNDERSTUDY_RUNNERS: '2' });
    await untilAllReady(2);
    const { runner } = (await server.status()).current!;
    expect(runner).toMatchObject({ state: 'ready', pid: runner.runners[0]!.pid, restarts: 0 });
    expect(runner.runners).toEqual([
      {
        role: 'active',
        state: 'ready',
        pid: expect.any(Number) as number,
        restarts: 0,
        lastProblem: null,
        memoryBytes: expect.any(Number) as number,
      },
      expect.objectContaining({ role: 'active', state: 'ready' }),
    ]);
    expect(new Set(runner.runners.map(({ pid }) => pid)).size).toBe(2);
    // Slots that hold the same version share both.
    expect(pidsOf((await server.status()).next!)).toEqual(pidsOf((await server.status()).current!));
  });

  it('[case 79] lose one to kill -9 under load: no prediction fails, and none waits until it is back', async () => {
    await start({ UNDERSTUDY_RUNNERS: '2' });
    await untilAllReady(2);
    const load = steadyLoad();
    const [first] = await runnersOf('current');
    const whileDown = await killUnderLoad(first!.pid, load.statuses);
    await load.stop();
    expect(new Set(load.statuses)).toEqual(new Set([200]));
    // Clients that had to wait for the restart would have got one answer each, after it.
    expect(whileDown).toBeGreaterThan(CLIENTS);
    expect((await server.status()).current!.runner).toMatchObject({ state: 'ready', restarts: 1 });
  });

  it('[case 79] do not both fall to one bad request for good: it is refused, the others are answered', async () => {
    models.publish('crashing', 1, crashingModel());
    await start({ UNDERSTUDY_RUNNERS: '2', UNDERSTUDY_MODEL_URI: 'models:/crashing/1' });
    await untilAllReady(2);
    const [bad, ...good] = await Promise.all([
      server.predict([[CRASHES_ON]]),
      ...Array.from({ length: 10 }, async (_, row) => server.predict([[row]])),
    ]);
    expect([bad.status, bad.body]).toMatchObject([500, { code: 'inference-failed' }]);
    expect(good.map(({ status }) => status)).toEqual(good.map(() => 200));
    await untilAllReady(2);
  });

  it('end together when no slot needs their version any more', async () => {
    await start({ UNDERSTUDY_RUNNERS: '2' });
    await untilAllReady(2);
    await server.change('/update-model', { model_uri: 'models:/tracking-quickstart/2' });
    await untilAllReady(2, 'next');
    const old = pidsOf((await server.status()).next!);
    await server.change('/update-model', { model_uri: 'models:/tracking-quickstart/1' });
    expect(old).toHaveLength(2);
    await Promise.all(old.map(gone));
    await untilAllReady(2);
  });
});

describe('a standby', () => {
  it('[case 79] takes over when the runner is killed under load: no prediction fails or waits until it is back', async () => {
    await start({ UNDERSTUDY_STANDBY: 'true' });
    await untilAllReady(2);
    const [active, standby] = await runnersOf('current');
    expect([active!.role, standby!.role]).toEqual(['active', 'standby']);
    expect(standby!.memoryBytes).toBeGreaterThan(1_000_000);
    const load = steadyLoad();
    const whileDown = await killUnderLoad(active!.pid, load.statuses);
    await load.stop();
    expect(new Set(load.statuses)).toEqual(new Set([200]));
    expect(whileDown).toBeGreaterThan(CLIENTS);
  });

  it('is there for the version in current only, and moves with a promotion and a rollback', async () => {
    await start({ UNDERSTUDY_STANDBY: 'true' });
    await untilAllReady(2);
    await server.change('/update-model', { model_uri: 'models:/tracking-quickstart/2' });
    expect(await runnersOf('next')).toHaveLength(1);
    const [, first] = await runnersOf('current');
    await server.change('/accept-next-model');
    await gone(first!.pid);
    await untilAllReady(2);
    expect((await runnersOf('previous')).map(({ role }) => role)).toEqual(['active']);
    expect((await runnersOf('current')).map(({ role }) => role)).toEqual(['active', 'standby']);
    await server.change('/rollback');
    await untilAllReady(2);
    expect((await runnersOf('previous')).map(({ role }) => role)).toEqual(['active']);
  });

  it('that is killed is started again without anybody noticing', async () => {
    await start({ UNDERSTUDY_STANDBY: 'true' });
    await untilAllReady(2);
    const [, standby] = await runnersOf('current');
    process.kill(standby!.pid, 'SIGKILL');
    await server.until(async () => (await runnersOf('current'))[1]!.restarts === 1);
    await untilAllReady(2);
    expect((await runnersOf('current'))[0]).toMatchObject({ role: 'active', restarts: 0 });
  });
});

const pidsOf = ({ runner }: SlotStatus): number[] => runner.runners.map(({ pid }) => pid);
