import { createHash } from 'node:crypto';
import { heavyModel, constantModel, rowSumModel } from '../support/onnx/models';
import { mlModelText, ModelFolder } from '../support/model-folder';
import { RunningServer } from '../support/running-server';

/**
 * The service as its users meet it: the real application, real runner processes, real ONNX files. The four classes are the spec's;
 * run one alone with `npm run test:e2e -- -t "Canary deployment"`.
 */

const ROW = [5.1, 3.5, 1.4, 0.2];
const TWO_ROWS = [ROW, [6.2, 3.4, 5.4, 2.3]];

let models: ModelFolder;
let server: RunningServer;

beforeAll(async () => {
  models = new ModelFolder();
  for (const version of [1, 2, 3]) models.publish('tracking-quickstart', version, constantModel(version));
  models.setAlias('tracking-quickstart', 'champion', 2);
});

afterAll(() => {
  models.remove();
});

beforeEach(async () => {
  server = await RunningServer.start({ settings: { UNDERSTUDY_REGISTRY_DIR: models.path } });
});

afterEach(async () => {
  await server.stop();
});

describe('Basic endpoints', () => {
  it('GET / tells that the service runs and which slots are loaded, to the letter', async () => {
    const answer = await server.http.get('/');
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    expect(answer.text).toBe(
      '{"status":"Understudy MLflow service running","canary_probability":1.0,"current_model_loaded":true,"next_model_loaded":true}',
    );
  });

  it('GET /predict answers a constant', async () => {
    const answer = await server.http.get('/predict');
    expect([answer.status, answer.body]).toEqual([200, { y_pred: 2 }]);
  });

  it('GET /livez and /readyz tell how it is', async () => {
    expect((await server.http.get('/livez')).body).toEqual({ live: true });
    expect((await server.http.get('/readyz')).body).toEqual({
      ready: true,
      checks: [
        { name: 'running', ok: true, required: true, found: 'the server takes requests' },
        { name: 'current', ok: true, required: true, found: 'models:/tracking-quickstart/1 is ready' },
        { name: 'database', ok: true, required: false, found: 'it answers' },
      ],
    });
  });

  it('answers an unknown route with a problem document that says where the known ones are', async () => {
    const answer = await server.http.get('/nope').set('X-Request-Id', 'my-request-1');
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.body).toEqual({
      type: 'urn:understudy:problem:not-found',
      title: 'There is nothing here',
      status: 404,
      detail: 'There is no GET /nope here; /docs lists what there is',
      code: 'not-found',
      requestId: 'my-request-1',
    });
  });

  it('echoes a request id that can be echoed, and makes one otherwise', async () => {
    const echoed = await server.http.get('/').set('X-Request-Id', 'abc-123');
    expect(echoed.headers['x-request-id']).toBe('abc-123');
    const fresh = await server.http.get('/').set('X-Request-Id', 'a b"<script>');
    expect(fresh.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('Prediction', () => {
  it('POST /predict answers one prediction for each row and the slot that answered', async () => {
    const answer = await server.predict(TWO_ROWS, { 'X-Request-Id': 'predict-1' });
    expect(answer.status).toBe(200);
    expect(answer.text).toBe('{"predictions":[1,1],"model_used":"current"}');
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'x-request-id': 'predict-1',
      'x-model-used': 'current',
      'x-model-version': '1',
      'cache-control': 'no-store',
    });
  });

  it('answers the bundled Iris versions as the spec does', async () => {
    const bundled = await RunningServer.start();
    try {
      const answer = await bundled.predict(TWO_ROWS);
      expect(answer.text).toBe('{"predictions":[0,2],"model_used":"current"}');
      const named = { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 };
      expect((await bundled.predict([named])).body).toEqual({ predictions: [0], model_used: 'current' });
    } finally {
      await bundled.stop();
    }
  });

  it('answers many requests at once, each with its own rows', async () => {
    models.publish('sum', 1, rowSumModel());
    const sums = await RunningServer.start({
      settings: { UNDERSTUDY_REGISTRY_DIR: models.path, UNDERSTUDY_MODEL_URI: 'models:/sum/1' },
    });
    try {
      const answers = await Promise.all(
        Array.from({ length: 200 }, async (_, request) => {
          const rows = Array.from({ length: 1 + (request % 3) }, (__, row) => [request, row, 0.5]);
          return { rows, body: (await sums.predict(rows)).body as unknown };
        }),
      );
      for (const { rows, body } of answers) {
        expect(body).toEqual({ predictions: rows.map(([a, b, c]) => a! + b! + c!), model_used: 'current' });
      }
    } finally {
      await sums.stop();
    }
  });

  it('takes a body of the limit, refuses one byte more, and 10 MB at once', async () => {
    const limit = 4 * 1024 * 1024;
    const bodyOf = (bytes: number): string => `{"data":[[1,2,3,4]],"pad":"${'x'.repeat(bytes - 31)}"}`.padEnd(bytes);
    const exact = await server.http.post('/predict').set('Content-Type', 'application/json').send(bodyOf(limit));
    expect(exact.status).toBe(200);
    for (const bytes of [limit + 1, 10_000_000]) {
      const refused = await server.http.post('/predict').set('Content-Type', 'application/json').send(bodyOf(bytes));
      expect(refused.body).toMatchObject({ status: 413, code: 'body-too-large' });
    }
    expect((await server.predict([ROW])).status).toBe(200);
  });

  it('forces a slot with X-Model-Slot, and refuses any other word there', async () => {
    await server.change('/update-model', { model_uri: 'models:/tracking-quickstart/2' });
    expect((await server.predict([ROW], { 'X-Model-Slot': 'next' })).body).toEqual({
      predictions: [2],
      model_used: 'next',
    });
    expect((await server.predict([ROW], { 'X-Model-Slot': 'current' })).body).toEqual({
      predictions: [1],
      model_used: 'current',
    });
    expect((await server.predict([ROW], { 'X-Model-Slot': 'previous' })).body).toMatchObject({
      status: 400,
      code: 'invalid-header',
      detail: 'X-Model-Slot: expected current or next, got "previous"',
    });
  });
});

describe('Model management', () => {
  it('POST /update-model loads a version into next and leaves current alone', async () => {
    const answer = await server.change('/update-model', { model_uri: 'models:/tracking-quickstart/2' });
    expect(answer.status).toBe(200);
    expect(answer.text).toBe(
      '{"status":"Next model updated from models:/tracking-quickstart/2","canary_probability":1.0}',
    );
    const { current, next } = await server.status();
    expect([current?.uri, next?.uri]).toEqual(['models:/tracking-quickstart/1', 'models:/tracking-quickstart/2']);
    expect((await server.predict([ROW])).body).toEqual({ predictions: [1], model_used: 'current' });
  });

  it.each([
    ['models:/tracking-quickstart@champion', 'models:/tracking-quickstart/2'],
    ['models:/tracking-quickstart/latest', 'models:/tracking-quickstart/3'],
  ])('pins %s to %s', async (model_uri, uri) => {
    const answer = await server.change('/update-model', { model_uri });
    expect(answer.body).toEqual({ status: `Next model updated from ${model_uri}`, canary_probability: 1 });
    expect((await server.status()).next).toMatchObject({ uri, requestedUri: model_uri });
  });

  it('takes a version that is published while it runs', async () => {
    models.publish('tracking-quickstart', 12, constantModel(12));
    try {
      await server.change('/update-model', { model_uri: 'models:/tracking-quickstart/latest' });
      expect((await server.predict([ROW], { 'X-Model-Slot': 'next' })).body).toMatchObject({ predictions: [12] });
    } finally {
      models.unpublish('tracking-quickstart', 12);
    }
  });

  it('shares one runner between slots that hold the same version, and ends it when no slot needs it', async () => {
    const first = await server.status();
    expect(first.next?.runner.pid).toBe(first.current?.runner.pid);
    await server.change('/update-model', { model_uri: 'models:/tracking-quickstart/2' });
    const second = await server.status();
    expect(second.next?.runner.pid).not.toBe(first.current?.runner.pid);
    await server.change('/update-model', { model_uri: 'models:/tracking-quickstart/3' });
    await server.until(() => !isAlive(second.next!.runner.pid));
    expect(isAlive(first.current!.runner.pid)).toBe(true);
  });

  it('GET /registry/models and its versions list what could be loaded', async () => {
    models.publish('not-onnx', 3, { MLmodel: mlModelText({ python_function: {}, sklearn: {} }) });
    const listed = await server.http.get('/registry/models');
    expect(listed.body).toMatchObject({
      models: expect.arrayContaining([
        expect.objectContaining({ name: 'tracking-quickstart', aliases: { champion: '2' }, latestVersion: '3' }),
      ]),
      nextPageToken: null,
    });
    const versions = await server.http.get('/registry/models/tracking-quickstart/versions').query({ pageSize: 2 });
    expect(versions.body).toMatchObject({
      versions: [
        { version: '3', uri: 'models:/tracking-quickstart/3', servable: true, notServableBecause: null, aliases: [] },
        { version: '2', aliases: ['champion'], flavors: ['onnx'] },
      ],
      nextPageToken: '2',
    });
    const rest = await server.http
      .get('/registry/models/tracking-quickstart/versions')
      .query({ pageSize: 2, pageToken: '2' });
    expect(rest.body).toMatchObject({ versions: [{ version: '1' }], nextPageToken: null });
    const unservable = await server.http.get('/registry/models/not-onnx/versions');
    expect(unservable.body).toMatchObject({
      versions: [
        {
          servable: false,
          notServableBecause:
            'version 3 of "not-onnx" has flavors python_function, sklearn; none is onnx. ' +
            'Log it with mlflow.onnx.log_model, or run training/export_onnx.py --model-uri models:/not-onnx/3',
        },
      ],
    });
  });

  it.each([
    ['/registry/models?pageSize=0', 400, 'invalid-body'],
    ['/registry/models?pageSize=101', 400, 'invalid-body'],
    ['/registry/models?pageSize=x', 400, 'invalid-body'],
    ['/registry/models?pageToken=x', 400, 'invalid-body'],
    ['/registry/models?pageToken[a]=x', 400, 'invalid-body'],
    ['/registry/models?order=name', 400, 'invalid-body'],
    ['/registry/models/unknown/versions', 404, 'model-not-found'],
    ['/registry/models/..%2f..%2fetc/versions', 400, 'invalid-body'],
  ])('GET %s is refused', async (path, status, code) => {
    expect((await server.http.get(path)).body).toMatchObject({ status, code });
  });

  it('pins the digest of the files it serves', async () => {
    const bytes = constantModel(1);
    const manifest = JSON.stringify([
      { path: 'model.onnx', bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') },
    ]);
    expect((await server.status()).current).toMatchObject({
      digest: createHash('sha256').update(manifest).digest('hex'),
    });
  });
});

describe('Canary deployment', () => {
  it('goes from load to split to promotion and back, as the workflow of the spec', async () => {
    await server.change('/update-model', { model_uri: 'models:/tracking-quickstart/3' });
    const split = await server.change('/set-canary-probability', { probability: 0.7 });
    expect(split.text).toBe(
      '{"status":"Canary probability updated","canary_probability":0.7,"current_model_percentage":"70.0%","next_model_percentage":"30.0%"}',
    );
    const all = await server.change('/set-canary-probability', { probability: 0.0 });
    expect(all.text).toBe(
      '{"status":"Canary probability updated","canary_probability":0.0,"current_model_percentage":"0.0%","next_model_percentage":"100.0%"}',
    );
    expect((await server.predict([ROW])).body).toEqual({ predictions: [3], model_used: 'next' });
    const promoted = await server.http.post('/accept-next-model');
    expect([promoted.status, promoted.body]).toEqual([
      200,
      {
        status: 'Next model promoted to current. Both slots now use the same model.',
        current_model_loaded: true,
        next_model_loaded: true,
      },
    ]);
    await server.change('/set-canary-probability', { probability: 1.0 });
    expect((await server.predict([ROW])).body).toEqual({ predictions: [3], model_used: 'current' });
    const rolledBack = await server.http.post('/rollback');
    expect([rolledBack.status, rolledBack.body]).toEqual([
      200,
      {
        status: 'Rolled back to models:/tracking-quickstart/1, which now answers every request.',
        canary_probability: 1,
        current_model: 'models:/tracking-quickstart/1',
        previous_model: 'models:/tracking-quickstart/3',
      },
    ]);
    expect((await server.predict([ROW])).body).toEqual({ predictions: [1], model_used: 'current' });
  });

  it('sends no request to a promoted version that is rolled back, even after a full canary', async () => {
    await server.change('/update-model', { model_uri: 'models:/tracking-quickstart/2' });
    await server.change('/set-canary-probability', { probability: 0 });
    await server.http.post('/accept-next-model');
    await server.http.post('/rollback');
    const answers = await Promise.all(
      Array.from({ length: 50 }, async () => (await server.predict([ROW])).body as object),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer)))).toEqual(
      new Set(['{"predictions":[1],"model_used":"current"}']),
    );
  });

  it('shares requests out as asked, and keeps a canary key in its slot', async () => {
    await server.change('/update-model', { model_uri: 'models:/tracking-quickstart/2' });
    await server.change('/set-canary-probability', { probability: 0.5 });
    const slots = await Promise.all(
      Array.from({ length: 400 }, async () => (await server.predict([ROW])).headers['x-model-used'] as unknown),
    );
    const next = slots.filter((slot) => slot === 'next').length;
    expect(next).toBeGreaterThan(130);
    expect(next).toBeLessThan(270);
    for (const key of ['user-1', 'user-2', 'user-3', 'user-4']) {
      const used = new Set<unknown>();
      for (let again = 0; again < 5; again++)
        used.add((await server.predict([ROW], { 'X-Canary-Key': key })).headers['x-model-used']);
      expect(used.size).toBe(1);
    }
  });

  it('[case 98] names in every answer the version that computed it, while versions change under load', async () => {
    let stop = false;
    const mismatches: unknown[] = [];
    let answered = 0;
    const load = Array.from({ length: 8 }, async () => {
      while (!stop) {
        const answer = await server.predict([ROW]);
        const { predictions } = answer.body as { predictions: [number] };
        if (answer.status !== 200 || String(predictions[0]) !== answer.headers['x-model-version'])
          mismatches.push(answer.body);
        answered++;
      }
    });
    for (const version of [2, 3, 1, 2, 3]) {
      await server.change('/update-model', { model_uri: `models:/tracking-quickstart/${version}` });
      await server.change('/set-canary-probability', { probability: 0.5 });
      await server.http.post('/accept-next-model');
      await server.http.post('/rollback');
    }
    stop = true;
    await Promise.all(load);
    expect(mismatches).toEqual([]);
    expect(answered).toBeGreaterThan(100);
  });

  it('[case 94] does not promote while a version is being loaded, nor load two at once', async () => {
    models.publish('tracking-quickstart', 9, heavyModel(1500));
    try {
      const loading = server
        .change('/update-model', { model_uri: 'models:/tracking-quickstart/9' })
        .then((answer) => answer);
      await server.until(async () => (await server.status()).loading !== null);
      const [second, promotion] = await Promise.all([
        server.change('/update-model', { model_uri: 'models:/tracking-quickstart/2' }),
        server.http.post('/accept-next-model'),
      ]);
      expect(second.body).toMatchObject({ status: 409, code: 'change-conflict' });
      expect(promotion.body).toMatchObject({ status: 409, code: 'change-conflict' });
      expect((await loading).status).toBe(200);
      expect((await server.status()).next?.uri).toBe('models:/tracking-quickstart/9');
    } finally {
      models.unpublish('tracking-quickstart', 9);
    }
  });

  it('[case 91] lets exactly one of 32 loads at once through, and refuses the others', async () => {
    const before = (await server.status()).generation;
    const answers = await Promise.all(
      Array.from({ length: 32 }, async (_, client) =>
        server.change('/update-model', { model_uri: `models:/tracking-quickstart/${2 + (client % 2)}` }),
      ),
    );
    const statuses = answers.map(({ status }) => status);
    const won = statuses.filter((status) => status === 200).length;
    expect(statuses.every((status) => status === 200 || status === 409)).toBe(true);
    expect(won).toBeGreaterThan(0);
    const after = await server.status();
    expect(after.generation).toBeLessThanOrEqual(before + won);
    expect(after.loading).toBeNull();
  });

  it('[case 95] has nothing to roll back to at first', async () => {
    expect((await server.http.post('/rollback')).body).toMatchObject({ status: 409, code: 'no-previous-version' });
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
