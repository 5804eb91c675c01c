import { renameSync } from 'node:fs';
import { mlModelText, ModelFolder } from '../support/model-folder';
import { rowSumModel } from '../support/onnx/models';
import { RunningServer } from '../support/running-server';

/** GET /deployments/{deployment}/input-example: what a model was logged with, to try it. */

const MANY_ROWS = Array.from({ length: 25 }, (_, row) => [row, row + 1]);
const LARGE = Array.from({ length: 40_000 }, (_, row) => [row, row]);

const withExample = (example: string) => ({
  MLmodel: mlModelText(
    { onnx: { data: 'model.onnx' } },
    'saved_input_example_info: {artifact_path: input_example.json, type: ndarray}\n',
  ),
  'model.onnx': rowSumModel(2),
  'input_example.json': example,
});

describe("a deployment's input example", () => {
  const registry = new ModelFolder();
  let server: RunningServer;

  const example = async (query = '') => server.http.get(`/deployments/default/input-example${query}`);
  const loadNext = async (uri: string) => {
    expect((await server.change('/update-model', { model_uri: uri })).status).toBe(200);
    return example('?slot=next');
  };

  beforeAll(async () => {
    registry.publish('sum', 1, withExample(JSON.stringify(MANY_ROWS)));
    registry.publish('sum', 2, rowSumModel(2));
    registry.publish('sum', 3, withExample(JSON.stringify(LARGE)));
    registry.publish('sum', 4, withExample('[[1, 2, 3]]'));
    server = await RunningServer.start({
      settings: { UNDERSTUDY_REGISTRY_DIR: registry.path, UNDERSTUDY_MODEL_URI: 'models:/sum/1' },
    });
  });

  afterAll(async () => {
    await server.stop();
    registry.remove();
  });

  it('holds the first rows, which /predict takes as they are', async () => {
    const { status, body } = await example();
    expect([status, body]).toEqual([
      200,
      { slot: 'current', uri: 'models:/sum/1', rows: MANY_ROWS.slice(0, 10), totalRows: 25, noneBecause: null },
    ]);
    expect((await server.predict(body.rows)).body.predictions).toHaveLength(10);
  });

  it.each([
    ['it was logged without one', 2, 'the version was logged without an input example'],
    ['it is large', 3, 'its input example has more than 256 kB'],
    ['it does not fit', 4, 'its input example does not fit its signature'],
  ])('says why there is none where %s', async (_, version, noneBecause) => {
    const { status, body } = await loadNext(`models:/sum/${version}`);
    expect([status, body]).toEqual([
      200,
      { slot: 'next', uri: `models:/sum/${version}`, rows: null, totalRows: 0, noneBecause },
    ]);
  });

  it('is refused for slots that answer nobody, other methods and deployments that are not there', async () => {
    expect((await example('?slot=previous')).body.code).toBe('invalid-body');
    expect((await server.http.post('/deployments/default/input-example')).status).toBe(405);
    expect((await server.http.get('/deployments/none/input-example')).body.code).toBe('deployment-not-found');
  });

  it('needs no registry', async () => {
    renameSync(registry.path, `${registry.path}-away`);
    try {
      expect((await server.http.get('/registry/models')).status).not.toBe(200);
      expect((await example()).body.rows).toHaveLength(10);
    } finally {
      renameSync(`${registry.path}-away`, registry.path);
    }
  });
});
