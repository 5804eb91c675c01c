import { ModelFolder } from '../support/model-folder';
import { everyTypeModel } from '../support/onnx/protocol-models';
import { RunningServer } from '../support/running-server';
import { describeWithPython, runPython } from './support/python';

/** Clients that others have written, as they are installed, against the real server. */

describeWithPython('unmodified clients', () => {
  const models = new ModelFolder();
  const nothing = new ModelFolder();
  const servers: Record<string, RunningServer> = {};

  beforeAll(async () => {
    models.publish('tracking-quickstart', 1, everyTypeModel());
    servers['UNDERSTUDY_TEST_IRIS'] = await RunningServer.start();
    await servers['UNDERSTUDY_TEST_IRIS'].change('/update-model', { model_uri: 'models:/tracking-quickstart/3' });
    servers['UNDERSTUDY_TEST_EVERY_TYPE'] = await RunningServer.start({
      settings: { UNDERSTUDY_REGISTRY_DIR: models.path },
    });
    servers['UNDERSTUDY_TEST_EMPTY'] = await RunningServer.start({
      settings: { UNDERSTUDY_REGISTRY_DIR: nothing.path },
      waitUntilReady: false,
    });
  });

  afterAll(async () => {
    for (const server of Object.values(servers)) await server.stop();
    models.remove();
    nothing.remove();
  });

  it.each([
    ['tritonclient', 'test_tritonclient.py'],
    ["MLflow's scoring client", 'test_mlflow_client.py'],
    ['requests', 'test_requests.py'],
  ])(
    '%s gets what it expects',
    async (_, file) => {
      const addresses = Object.entries(servers).map(([name, { url }]) => [name, url.replace('http://', '')]);
      const printed = await runPython(
        ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', `test/clients/${file}`],
        Object.fromEntries(addresses) as Record<string, string>,
      );
      expect(printed).toMatch(/\d+ passed/);
      expect(printed).not.toMatch(/skipped|xfailed/);
    },
    180_000,
  );
});
