import { zipMapModel } from '../support/onnx/models';
import { ModelFolder } from '../support/model-folder';
import { RunningServer } from '../support/running-server';

/** A classifier exported with ZipMap, as skl2onnx does unless it is told not to. */

const models = new ModelFolder();
let server: RunningServer;

beforeAll(async () => {
  models.publish('tracking-quickstart', 1, zipMapModel(['low', 'middle', 'high']));
  server = await RunningServer.start({ settings: { UNDERSTUDY_REGISTRY_DIR: models.path } });
});

afterAll(async () => {
  await server.stop();
  models.remove();
});

const ROWS = [
  [1, 2, 3],
  [30, 2, 1],
];

it('answers labels on /predict', async () => {
  expect((await server.predict(ROWS)).body).toEqual({ predictions: [2, 0], model_used: 'current' });
});

it('answers the probabilities as a tensor, with its classes by name', async () => {
  const input = { name: 'X', datatype: 'FP32', shape: [2, 3], data: ROWS.flat() };
  const outputs = [{ name: 'output_probability', parameters: { classification: 1 } }];
  const answer = await server.change('/v2/models/default/infer', { inputs: [input], outputs });
  expect(answer.body).toMatchObject({
    outputs: [{ shape: [2, 1], data: ['0.665241:2:high', '1.000000:0:low'] }],
  });
});

it('shares runs, since the rows of such a model do not meet', async () => {
  expect((await server.status()).current?.batching.batched).toBe(true);
});

it('is started again after a crash as it was loaded', async () => {
  process.kill((await server.status()).current!.runner.pid, 'SIGKILL');
  await server.until(async () => (await server.predict(ROWS)).status === 200);
  expect((await server.predict(ROWS)).body).toEqual({ predictions: [2, 0], model_used: 'current' });
});
