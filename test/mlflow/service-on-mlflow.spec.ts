import { RunningServer } from '../support/running-server';
import { changeOnMlflow, describeOnMlflow, logVersions, mlflowUri, runPython, runShell } from './support/python';
import { restartable } from './support/tcp-relay';

/** The whole service on a real MLflow server: versions that training/ made, loaded, shared out, promoted and taken back. */

const ROW = [5.1, 3.5, 1.4, 0.2];
const TWO_ROWS = [ROW, [6.2, 3.4, 5.4, 2.3]];
const MODEL = `iris-${process.pid}`;

describeOnMlflow('the service on a real MLflow server', () => {
  let relay: Awaited<ReturnType<typeof restartable>>;
  let server: RunningServer;

  beforeAll(async () => {
    // Through a relay, so that "the server is stopped" can be played without stopping the one that others share.
    relay = await restartable(new URL(mlflowUri));
    server = await RunningServer.start({
      waitUntilReady: false,
      settings: {
        MLFLOW_TRACKING_URI: relay.url,
        UNDERSTUDY_MODEL_URI: `models:/${MODEL}/1`,
        MLFLOW_HTTP_REQUEST_TIMEOUT: '5',
        MLFLOW_HTTP_REQUEST_MAX_RETRIES: '1',
      },
    });
  });

  afterAll(async () => {
    await server.stop();
    await relay.close();
  });

  it('is up before the first version exists, and takes it when it is trained', async () => {
    await server.until(async () =>
      JSON.stringify((await server.http.get('/readyz')).body).includes(`There is no model`),
    );
    const printed = await runPython('training/train.py', ['--model-name', MODEL, '--C', '0.001']);
    expect(printed).toContain(`models:/${MODEL}/1`);
    await server.until(async () => (await server.http.get('/readyz')).status === 200);
    expect((await server.predict(TWO_ROWS)).body).toMatchObject({
      predictions: [0, expect.any(Number)],
      model_used: 'current',
    });
  });

  it('goes through the canary workflow with versions of a sweep', async () => {
    await runPython('training/train.py', ['--model-name', MODEL, '--sweep', 'C=0.1,10']);
    const updated = await server.change('/update-model', { model_uri: `models:/${MODEL}/3` });
    expect(updated.body).toEqual({ status: `Next model updated from models:/${MODEL}/3`, canary_probability: 1 });
    await server.change('/set-canary-probability', { probability: 0 });
    const answer = await server.predict(TWO_ROWS);
    expect([answer.body, answer.headers['x-model-version']]).toEqual([
      { predictions: [0, 2], model_used: 'next' },
      '3',
    ]);
    expect((await server.http.post('/accept-next-model')).status).toBe(200);
    await server.change('/set-canary-probability', { probability: 1 });
    expect((await server.predict([ROW])).headers['x-model-version']).toBe('3');
    await server.http.post('/rollback');
    expect((await server.predict([ROW])).headers['x-model-version']).toBe('1');
  });

  it('knows the columns, classes and example of a version that train.py made', async () => {
    const { current } = await server.status();
    expect(current).toMatchObject({
      warmedWith: 'example',
      classNames: ['setosa', 'versicolor', 'virginica'],
      signature: { source: 'mlmodel', columns: ['sepal_length', 'sepal_width', 'petal_length', 'petal_width'] },
      batching: { batched: true },
    });
    const named = { petal_width: 0.2, sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4 };
    expect((await server.predict([named])).body).toMatchObject({ predictions: [0] });
  });

  it('pins aliases and latest', async () => {
    for (const uri of [`models:/${MODEL}@candidate`, `models:/${MODEL}/latest`, `models:/${MODEL}@champion`]) {
      const answer = await server.change('/update-model', { model_uri: uri });
      expect([uri, answer.status]).toEqual([uri, 200]);
      expect((await server.status()).next).toMatchObject({ requestedUri: uri });
    }
    expect((await server.status()).next?.uri).toBe(`models:/${MODEL}/1`);
  });

  it('lists versions with params, metrics, aliases and their run', async () => {
    const listed = await server.http.get(`/registry/models/${MODEL}/versions`);
    expect(listed.body).toMatchObject({
      versions: [
        {
          version: '3',
          params: { C: '10.0', solver: 'lbfgs' },
          metrics: { accuracy: expect.any(Number) },
          aliases: ['candidate'],
        },
        { version: '2', params: { C: '0.1' } },
        {
          version: '1',
          aliases: ['champion'],
          flavors: ['onnx', 'python_function'],
          servable: true,
          run: { url: expect.stringContaining('/#/experiments/') },
        },
      ],
    });
    const models = await server.http.get('/registry/models').query({ pageSize: 100 });
    expect(models.body).toMatchObject({
      models: expect.arrayContaining([expect.objectContaining({ name: MODEL, latestVersion: '3' })]),
    });
  });

  it('refuses a scikit-learn version with a command, and serves what that command makes', async () => {
    const name = `${MODEL}-forest`;
    await logVersions(name, 'sklearn');
    const refused = await server.change('/update-model', { model_uri: `models:/${name}/1` });
    expect(refused.body).toMatchObject({ status: 422, code: 'model-not-servable' });
    const { detail } = refused.body as { detail: string };
    expect(detail).toBe(
      `version 1 of "${name}" has flavors python_function, sklearn; none is onnx. ` +
        `Log it with mlflow.onnx.log_model, or run training/export_onnx.py --model-uri models:/${name}/1`,
    );
    await runShell(detail.split('or run ')[1]!);
    const exported = await server.change('/update-model', { model_uri: `models:/${name}/2` });
    expect(exported.body).toEqual({ status: `Next model updated from models:/${name}/2`, canary_probability: 1 });
    expect((await server.predict(TWO_ROWS, { 'X-Model-Slot': 'next' })).body).toEqual({
      predictions: [0, 2],
      model_used: 'next',
    });
  });

  it('serves a version whose weights are in a second file, by version, logged model and run', async () => {
    const name = `${MODEL}-external`;
    const [made] = await logVersions(name, 'external-data');
    const other = await RunningServer.start({
      settings: { MLFLOW_TRACKING_URI: mlflowUri, UNDERSTUDY_MODEL_URI: `models:/${name}/${made!.version}` },
    });
    try {
      for (const uri of [`models:/${made!.model_id}`, `runs:/${made!.run_id}/model`]) {
        expect((await other.change('/update-model', { model_uri: uri })).body).toMatchObject({
          status: `Next model updated from ${uri}`,
        });
        const { body } = await other.predict([[1, 2, 3, 4]], { 'X-Model-Slot': 'next' });
        const [row] = (body as { predictions: [number[]] }).predictions;
        expect(row).toHaveLength(1024);
        expect(row[0]).toBeCloseTo(20 / 1024, 6);
      }
    } finally {
      await other.stop();
    }
  });

  it('goes on with a version that is deleted meanwhile, and cannot load it again', async () => {
    const name = `${MODEL}-deleted`;
    await runPython('training/train.py', ['--model-name', name]);
    await server.change('/update-model', { model_uri: `models:/${name}/1` });
    await changeOnMlflow('DELETE', 'model-versions/delete', { name, version: '1' });
    expect((await server.predict([ROW], { 'X-Model-Slot': 'next' })).status).toBe(200);
    expect((await server.change('/update-model', { model_uri: `models:/${name}/1` })).body).toMatchObject({
      status: 404,
      code: 'model-version-not-found',
    });
    expect((await server.predict([ROW], { 'X-Model-Slot': 'next' })).status).toBe(200);
  });

  it('goes on while the MLflow server is stopped: predictions, promotion and rollback need it not', async () => {
    await relay.stop();
    expect((await server.predict([ROW])).status).toBe(200);
    const refused = await server.change('/update-model', { model_uri: `models:/${MODEL}/2` });
    expect(refused.body).toMatchObject({ status: 503, code: 'registry-unavailable' });
    expect(refused.headers['retry-after']).toBe('5');
    expect((await server.http.get('/registry/models')).body).toMatchObject({
      status: 503,
      code: 'registry-unavailable',
    });
    expect((await server.http.post('/accept-next-model')).status).toBe(200);
    expect((await server.http.post('/rollback')).status).toBe(200);
    expect((await server.http.get('/readyz')).status).toBe(200);
    await relay.start();
    expect((await server.change('/update-model', { model_uri: `models:/${MODEL}/2` })).status).toBe(200);
  });

  it.each([
    [`models:/${MODEL}/999`, 'model-version-not-found'],
    [`models:/${MODEL}@nobody`, 'model-alias-not-found'],
    ['models:/no-such-model/1', 'model-not-found'],
    ['models:/no-such-model/latest', 'model-not-found'],
    ['models:/no-such-model@champion', 'model-not-found'],
    [`models:/m-${'0'.repeat(32)}`, 'model-not-found'],
    [`runs:/${'0'.repeat(32)}/model`, 'run-not-found'],
  ])('says that %s is not there: %s', async (model_uri, code) => {
    expect((await server.change('/update-model', { model_uri })).body).toMatchObject({ status: 404, code });
  });
});
