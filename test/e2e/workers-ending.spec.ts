import { CRASHES_ON, countingModel, crashingModel } from '../support/onnx/misbehaving-models';
import { gone } from '../support/running-server';
import { CLIENTS, enough, ServerWithWorkers, until } from '../support/server-with-workers';

/** What ends while two workers serve: one of them, a runner, the control process, all of it. */

let server: ServerWithWorkers;

beforeEach(() => {
  server = new ServerWithWorkers();
});

afterEach(async () => {
  await server.end();
});

describe('a process that is killed', () => {
  it('[case 79] a worker: only its own connections fail, and it is replaced', async () => {
    await server.start();
    await server.connect();
    const traffic = server.steadyLoad();
    await enough(traffic.seen, 50);
    const [victim, other] = (await server.status()).workers;
    process.kill(victim!.pid, 'SIGKILL');
    await gone(victim!.pid);
    // The observer may have been on its connection.
    server.observeAnew();
    await server.untilReady();
    await enough(traffic.seen, 100);
    await traffic.stop();
    const broken = traffic.seen.filter((answer) => answer.status !== 200);
    expect(broken.every(({ status: code }) => code === 0)).toBe(true);
    // Those that were on it; one that comes back before its end was noticed may be given to it once more.
    expect(new Set(broken.map(({ client }) => client)).size).toBeLessThanOrEqual(CLIENTS / 2);
    const pids = (await server.status()).workers.map(({ pid }) => pid);
    expect(pids).toContain(other!.pid);
    expect(pids).not.toContain(victim!.pid);
  });

  it('[case 79] a worker, again and again: no client is left waiting', async () => {
    await server.start();
    await server.connect();
    const traffic = server.steadyLoad();
    for (let kill = 1; kill <= 15; kill++) {
      await enough(traffic.seen, 20);
      const { pid } = (await server.status()).workers[0]!;
      process.kill(pid, 'SIGKILL');
      await gone(pid);
      server.observeAnew();
      await server.untilReady();
    }
    await enough(traffic.seen, 100);
    await traffic.stop();
    expect(traffic.seen.filter(({ status: code }) => code !== 200 && code !== 0)).toEqual([]);
  });

  it('[case 79] the runner: no prediction fails', async () => {
    await server.start();
    await server.connect();
    const traffic = server.steadyLoad();
    for (let kill = 1; kill <= 2; kill++) {
      await enough(traffic.seen, 50);
      process.kill((await server.status()).current!.runner.pid, 'SIGKILL');
      await until(async () => (await server.status()).current!.runner.restarts === kill);
    }
    await enough(traffic.seen, 50);
    await traffic.stop();
    expect(traffic.seen.filter((answer) => answer.status !== 200)).toEqual([]);
  });

  it('[case 110] the control process: nothing is left, with kill -9 too', async () => {
    await server.start();
    const { workers, current } = await server.status();
    const pids = [...workers.map(({ pid }) => pid), ...current!.runner.runners.map(({ pid }) => pid)];
    expect(pids).toHaveLength(3);
    server.process.signal('SIGKILL');
    await server.process.exited();
    await Promise.all(pids.map(gone));
  });
});

describe('a bad request on one worker', () => {
  it('[case 79] that ends the runner twice is refused; those of the other worker are not taken for the cause', async () => {
    server.models.publish('crashing', 1, crashingModel());
    await server.start({ UNDERSTUDY_MODEL_URI: 'models:/crashing/1' });
    await server.connect();
    const [first, ...others] = server.clients;
    const [bad, ...good] = await Promise.all([
      first!.predict([[CRASHES_ON]]),
      ...others.map(async (client, row) => client.predict([[row]])),
    ]);
    expect([bad.status, bad.body]).toMatchObject([500, { code: 'inference-failed' }]);
    expect(good.map(({ status: code }) => code)).toEqual(good.map(() => 200));
  });

  it('[case 78] that hangs is found out by its worker; the control process ends the runner and starts it again', async () => {
    server.models.publish('counting', 1, countingModel());
    await server.start({ UNDERSTUDY_MODEL_URI: 'models:/counting/1', UNDERSTUDY_RUN_TIMEOUT_MS: '1000' });
    await server.connect();
    const [first, ...others] = server.clients;
    const hanging = first!.predict([[1e12]]);
    const good = await Promise.all(others.map(async (client) => client.predict([[1]])));
    expect(good.map(({ status: code }) => code)).toEqual(good.map(() => 200));
    const { status: code, body } = await hanging;
    expect([code, body]).toMatchObject([504, { code: 'inference-timeout' }]);
    await until(async () => (await server.status()).current!.runner.restarts === 2);
    expect((await server.status()).current!.runner.lastProblem).toMatch(/did not end within 1000 ms/);
  });
});

describe('SIGTERM', () => {
  it('[case 111] loses no request, and ends the workers, then the runners', async () => {
    await server.start();
    await server.connect();
    const { workers, current } = await server.status();
    const traffic = server.steadyLoad();
    await enough(traffic.seen, 100);
    server.process.signal('SIGTERM');
    await traffic.ended;
    expect(await server.process.exited()).toEqual({ code: 0, signal: null });
    expect(traffic.seen.filter((answer) => answer.status !== 200 && answer.error !== 'ECONNREFUSED')).toEqual([]);
    await Promise.all([...workers.map(({ pid }) => pid), current!.runner.pid].map(gone));
  });
});
