import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { constantModel } from '../support/onnx/models';
import { ModelFolder } from '../support/model-folder';
import { RunningServer } from '../support/running-server';

/** The cache of model files, bounded so that four versions of this test fit. */

const ROW = [5.1, 3.5, 1.4, 0.2];
const VERSION_BYTES = 10_000;
const FITTING = 4;

let models: ModelFolder;
let server: RunningServer;

beforeEach(async () => {
  models = new ModelFolder();
  for (let version = 1; version <= 12; version++) publish(version, VERSION_BYTES);
  server = await RunningServer.start({
    settings: {
      UNDERSTUDY_REGISTRY_DIR: models.path,
      UNDERSTUDY_CACHE_BYTES: String((FITTING + 0.5) * VERSION_BYTES),
    },
  });
});

afterEach(async () => {
  await server.stop();
  models.remove();
});

function publish(version: number, bytes: number): void {
  const model = constantModel(version);
  const rest = 'x'.repeat(bytes - model.byteLength);
  models.publish('tracking-quickstart', version, { 'model.onnx': model, 'notes.txt': rest });
}

const load = async (version: number) =>
  server.change('/update-model', { model_uri: `models:/tracking-quickstart/${version}` });

const stored = (): string[] => readdirSync(join(server.dataFolder, 'models', 'versions'));
const staged = (): string[] => readdirSync(join(server.dataFolder, 'models', 'staging'));

describe('the model cache of a server', () => {
  it('stays within its bound through a row of rollouts, and keeps what the slots need', async () => {
    for (let version = 2; version <= 12; version++) {
      expect((await load(version)).status).toBe(200);
      expect((await server.change('/accept-next-model')).status).toBe(200);
      expect(stored().length).toBeLessThanOrEqual(FITTING);
      const answer = await server.predict([ROW]);
      expect([answer.status, answer.body.predictions]).toEqual([200, [version]]);
    }
    const { current, previous } = await server.status();
    expect([current?.version, previous?.version]).toEqual(['12', '11']);

    // A runner that is started again reads its files again.
    process.kill(current!.runner.pid, 'SIGKILL');
    await server.until(async () => (await server.status()).current?.runner.restarts === 1);
    await server.until(async () => (await server.status()).current?.runner.state === 'ready');
    expect((await server.predict([ROW])).body.predictions).toEqual([12]);
    expect((await server.change('/rollback')).status).toBe(200);
    expect((await server.predict([ROW])).body.predictions).toEqual([11]);
  });

  it('[case 113] refuses a version that has no room beside what is needed, and goes on as before', async () => {
    publish(20, 5 * VERSION_BYTES);
    const answer = await load(20);
    expect(answer.status).toBe(507);
    expect(answer.body).toMatchObject({
      code: 'storage-failed',
      detail: expect.stringMatching(
        /no room for the 50000 bytes .* UNDERSTUDY_CACHE_BYTES allows 45000, and 10000 are/,
      ),
    });
    expect(staged()).toEqual([]);
    expect((await server.predict([ROW])).body.predictions).toEqual([1]);
    expect((await load(2)).status).toBe(200);
  });

  it('[case 115] that somebody empties costs no prediction, and is filled again', async () => {
    rmSync(join(server.dataFolder, 'models'), { recursive: true });
    expect((await server.predict([ROW])).body.predictions).toEqual([1]);
    expect((await load(2)).status).toBe(200);
    expect(stored()).toHaveLength(1);
  });
});
