import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ModelFolder } from '../support/model-folder';
import { constantModel, heavyModel } from '../support/onnx/models';
import { RunningServer, type Status } from '../support/running-server';
import { ServerProcess } from '../support/server-process';
import { temporaryFolder } from '../support/temporary-folder';

/** What a server knows again after it ended, in good order or not. */

const ROW = [1, 2, 3, 4];
const URI = (version: number): string => `models:/tracking-quickstart/${version}`;

function publish(): ModelFolder {
  const models = new ModelFolder();
  for (const version of [1, 2, 3]) models.publish('tracking-quickstart', version, constantModel(version));
  return models;
}

const slotsOf = ({ current, next, previous }: Status): (string | undefined)[] =>
  [current, next, previous].map((slot) => slot?.uri);

describe('after a restart', () => {
  let models: ModelFolder;
  let server: RunningServer;

  beforeEach(async () => {
    models = publish();
    server = await RunningServer.start({ settings: { UNDERSTUDY_REGISTRY_DIR: models.path } });
  });

  afterEach(async () => {
    await server.stop();
    models.remove();
  });

  it('[case 89] every deployment serves what it served, with the registry gone, and can still be rolled back', async () => {
    await server.change('/update-model', { model_uri: URI(2) });
    await server.change('/accept-next-model');
    await server.change('/update-model', { model_uri: URI(3) });
    await server.change('/set-canary-probability', { probability: 0.25 });
    await server.http.put('/deployments/shop').send({ current: URI(2), settings: { requestTimeoutMs: 4_000 } });
    const before = await server.status();
    models.remove();
    // Another first version changes nothing: there is one already.
    server = await server.restart({
      settings: { UNDERSTUDY_REGISTRY_DIR: models.path, UNDERSTUDY_MODEL_URI: 'models:/other/1' },
    });
    await server.until(async () => (await server.status()).previous !== null);
    const after = await server.status();
    expect(slotsOf(after)).toEqual([URI(2), URI(3), URI(1)]);
    expect(after).toMatchObject({
      generation: before.generation,
      canaryProbability: 0.25,
      lastChange: { kind: 'set-split' },
    });
    await server.until(async () => (await server.http.get('/deployments/shop')).status === 200);
    await server.until(
      async () => (await server.http.post('/deployments/shop/predict').send({ data: [ROW] })).status === 200,
    );
    expect((await server.http.get('/deployments/shop')).body).toMatchObject({
      converged: true,
      wanted: { settings: { requestTimeoutMs: 4_000 } },
    });
    expect((await server.http.post('/rollback')).body).toMatchObject({ current_model: URI(1), previous_model: URI(2) });
    expect((await server.predict([ROW])).body).toMatchObject({ predictions: [1] });
    expect((await server.change('/update-model', { model_uri: URI(2) })).status).toBeGreaterThanOrEqual(404);
    expect((await server.http.get('/audit/verify')).body).toMatchObject({ ok: true });
  });

  it('an emptied next stays empty', async () => {
    await server.http.post('/deployments/default/unload-next');
    server = await server.restart({ settings: { UNDERSTUDY_REGISTRY_DIR: models.path } });
    expect(slotsOf(await server.status())).toEqual([URI(1), undefined, undefined]);
    expect((await server.http.post('/accept-next-model')).body).toMatchObject({ code: 'next-not-ready' });
  });

  it('files that the cache has lost are fetched again, and others under the same name are refused', async () => {
    await server.change('/update-model', { model_uri: URI(2) });
    const { current } = await server.status();
    rmSync(join(server.dataFolder, 'models'), { recursive: true });
    models.publish('tracking-quickstart', 2, constantModel(9));
    server = await server.restart({ settings: { UNDERSTUDY_REGISTRY_DIR: models.path } });
    await server.until(async () => (await problems(server)).length > 0);
    expect(await problems(server)).toEqual([
      expect.objectContaining({
        slot: 'next',
        code: 'version-changed',
        detail: expect.stringContaining(`files of ${URI(2)} are not those that were loaded before`),
      }),
    ]);
    expect((await server.status()).current?.uri).toBe(current?.uri);
    expect((await server.predict([ROW])).body).toMatchObject({ predictions: [1], model_used: 'current' });
    expect((await server.http.get('/deployments/default')).body).toMatchObject({
      converged: false,
      wanted: { next: { uri: URI(2) } },
      actual: { next: null },
      lastError: { code: 'version-changed' },
    });
    // The way out that the sentence names.
    expect((await server.change('/update-model', { model_uri: URI(2) })).status).toBe(200);
    expect((await server.predict([ROW], { 'X-Model-Slot': 'next' })).body).toMatchObject({ predictions: [9] });
    expect(await problems(server)).toEqual([]);
  });
});

const problems = async (server: RunningServer): Promise<object[]> =>
  ((await server.http.get('/status')).body as { problems: object[] }).problems;

describe('[case 109] after kill -9', () => {
  const data = temporaryFolder('killed');
  let models: ModelFolder;
  let server: ServerProcess;
  let url: string;

  const start = async (): Promise<void> => {
    server = new ServerProcess({
      environment: { PORT: '0', UNDERSTUDY_DATA_DIR: data.path, UNDERSTUDY_REGISTRY_DIR: models.path },
    });
    url = await server.url();
    await until(async () => (await fetch(`${url}/readyz`)).status === 200);
  };
  const status = async (): Promise<Status> => (await (await fetch(`${url}/status`)).json()) as Status;
  const send = (path: string, body: object = {}): Promise<Response> =>
    fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
  const isConverged = async (): Promise<boolean> =>
    ((await (await fetch(`${url}/deployments/default`)).json()) as { converged: boolean }).converged;
  const killAndStart = async (): Promise<void> => {
    server.signal('SIGKILL');
    await server.exited();
    await start();
  };

  beforeAll(async () => {
    models = publish();
    models.publish('tracking-quickstart', 8, heavyModel(1500));
    await start();
  });

  afterAll(async () => {
    server.signal('SIGKILL');
    await server.exited();
    models.remove();
    data.remove();
  });

  it('each acknowledged change is there: load, split, promotion, rollback', async () => {
    const steps: [string, object, Partial<Status>][] = [
      ['/update-model', { model_uri: URI(2) }, { generation: 2 }],
      ['/set-canary-probability', { probability: 0.5 }, { generation: 3, canaryProbability: 0.5 }],
      ['/accept-next-model', {}, { generation: 4 }],
      ['/rollback', {}, { generation: 5, canaryProbability: 1 }],
    ];
    for (const [path, body, expected] of steps) {
      await until(isConverged);
      expect((await send(path, body)).status).toBe(200);
      await killAndStart();
      expect([path, await status()]).toEqual([path, expect.objectContaining(expected)]);
    }
    await until(async () => (await status()).previous !== null);
    expect(slotsOf(await status())).toEqual([URI(1), URI(2), URI(2)]);
  });

  it('a load that was not acknowledged left nothing behind', async () => {
    await until(isConverged);
    const before = await status();
    const lost = send('/update-model', { model_uri: URI(8) }).catch(() => 'cut');
    await until(async () => (await status()).loading?.modelUri === URI(8));
    await killAndStart();
    await lost;
    await until(isConverged);
    expect(await status()).toMatchObject({ generation: before.generation, next: { uri: URI(2) } });
    expect(await (await fetch(`${url}/audit/verify`)).json()).toMatchObject({ ok: true });
  });
});

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const deadline = performance.now() + 30_000; !(await isSo().catch(() => false));) {
    if (performance.now() > deadline) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
