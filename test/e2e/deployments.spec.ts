import { randomUUID } from 'node:crypto';
import { DeploymentRoutes, type Shown } from '../support/deployment-routes';
import { ModelFolder } from '../support/model-folder';
import { buildModel } from '../support/onnx/build-model';
import { constantModel, heavyModel } from '../support/onnx/models';
import { RunningServer } from '../support/running-server';

/** Any number of deployments: what is asked of them, and on which conditions. */

const ROW = [1, 2, 3, 4];
const URI = (version: number): string => `models:/tracking-quickstart/${version}`;

let models: ModelFolder;
let server: RunningServer;
const { put, post, show, events } = new DeploymentRoutes(() => server);

beforeAll(async () => {
  models = new ModelFolder();
  for (const version of [1, 2, 3]) models.publish('tracking-quickstart', version, constantModel(version));
  server = await RunningServer.start({ settings: { UNDERSTUDY_REGISTRY_DIR: models.path } });
});

afterAll(async () => {
  await server.stop();
  models.remove();
});

describe('a deployment', () => {
  it('comes into being, answers, is listed, and goes', async () => {
    const created = await put('shop', { current: URI(1), next: URI(2), canaryProbability: 0.5, reason: 'opening' });
    expect([created.status, created.headers['etag']]).toEqual([201, '"g1"']);
    expect(created.body).toMatchObject({
      name: 'shop',
      generation: 1,
      converged: true,
      wanted: { current: { uri: URI(1) }, next: { uri: URI(2) }, previous: null, canaryProbability: 0.5 },
      actual: { generation: 1, current: { runner: { state: 'ready' } } },
      lastChange: { action: 'create', actor: 'anonymous', reason: 'opening' },
    });
    const answer = await post('shop/predict', { data: [ROW] }, { 'X-Model-Slot': 'next' });
    expect(answer.body).toEqual({ predictions: [2], model_used: 'next' });
    const infer = { inputs: [{ name: 'X', datatype: 'FP32', shape: [1, 4], data: ROW }] };
    expect((await server.http.post('/v2/models/shop/infer').send(infer)).body).toMatchObject({ model_name: 'shop' });
    const { deployments } = (await server.http.get('/deployments')).body as { deployments: { name: string }[] };
    expect(deployments.map(({ name }) => name)).toEqual(['default', 'shop']);
    const deleted = await server.http.delete('/deployments/shop').set('X-Change-Reason', 'closing');
    expect([deleted.status, deleted.body]).toEqual([200, expect.objectContaining({ name: 'shop', generation: 1 })]);
    expect(deleted.headers).not.toHaveProperty('etag');
    expect((await server.http.get('/deployments/shop')).body).toMatchObject({ code: 'deployment-not-found' });
    expect((await post('shop/predict', { data: [ROW] })).body).toMatchObject({ code: 'deployment-not-found' });
    const history = await events('shop');
    expect(history.map(({ action, origin }) => [action, origin.reason])).toEqual([
      ['remove', 'closing'],
      ['create', 'opening'],
    ]);
    expect((await put('shop', { current: URI(3) })).body).toMatchObject({ generation: 3 });
    await server.http.delete('/deployments/shop');
  });

  it('is changed by the verbs that default has at the root, without touching default', async () => {
    const before = await show('default');
    await put('verbs', { current: URI(1) });
    const updated = await post('verbs/update-model', { model_uri: URI(2) });
    expect([updated.text, updated.headers['etag']]).toEqual([
      `{"status":"Next model updated from ${URI(2)}","canary_probability":1.0}`,
      '"g2"',
    ]);
    expect((await post('verbs/set-canary-probability', { probability: 0 })).body).toMatchObject({
      next_model_percentage: '100.0%',
    });
    expect((await post('verbs/predict', { data: [ROW] })).body).toEqual({ predictions: [2], model_used: 'next' });
    expect((await post('verbs/unload-next')).body).toMatchObject({ status: 409, code: 'next-in-use' });
    expect((await post('verbs/accept-next-model')).status).toBe(200);
    expect((await post('verbs/rollback')).body).toMatchObject({ current_model: URI(1), previous_model: URI(2) });
    expect((await post('verbs/unload-next')).body).toMatchObject({ wanted: { next: null }, actual: { next: null } });
    const restored = await post('verbs/restore', { generation: 3 });
    expect(restored.body).toMatchObject({
      generation: 7,
      wanted: { current: { uri: URI(1) }, next: { uri: URI(2) }, canaryProbability: 0 },
    });
    expect((await post('verbs/restore', { generation: 99 })).body).toMatchObject({ code: 'generation-not-found' });
    expect(await show('default')).toMatchObject({ generation: before.generation });
  });

  it('named default cannot be deleted', async () => {
    const answer = await server.http.delete('/deployments/default');
    expect(answer.body).toMatchObject({ status: 409, code: 'deployment-protected' });
    expect((await server.predict([ROW])).status).toBe(200);
  });

  it('keeps its version to go back to when a whole new state is set', async () => {
    await put('whole', { current: URI(1), next: URI(2) });
    const replaced = await put('whole', { current: URI(3), canaryProbability: 1 });
    expect([replaced.status, (replaced.body as Shown).wanted]).toMatchObject([
      200,
      { current: { uri: URI(3) }, next: null, previous: { uri: URI(1) } },
    ]);
    expect((await post('whole/rollback')).body).toMatchObject({ current_model: URI(1) });
  });

  it('answers with the output that its settings name, and refuses a version without it', async () => {
    models.publish('two-outputs', 1, twoOutputs(['a', 'b']));
    models.publish('two-outputs', 2, twoOutputs(['a', 'c']));
    const created = await put('named', {
      current: 'models:/two-outputs/1',
      settings: { outputName: 'b', batching: false, threads: 1, requestTimeoutMs: 5_000 },
    });
    expect(created.status).toBe(201);
    const lacking = { current: 'models:/two-outputs/1', settings: { outputName: 'd', batching: false, threads: 1 } };
    for (const path of ['named', 'named?dryRun=true'])
      expect((await put(path, lacking)).body).toMatchObject({ status: 409, code: 'signature-conflict' });
    expect((await post('named/predict', { data: [[1, 2]] })).body).toMatchObject({ predictions: [[-1, -2]] });
    const shown = await server.http.get('/deployments/named');
    expect(shown.body).toMatchObject({
      actual: { current: { batching: { batched: false, because: expect.stringContaining('setting') } } },
    });
    expect((await post('named/update-model', { model_uri: 'models:/two-outputs/2' })).body).toMatchObject({
      status: 409,
      code: 'signature-conflict',
      detail: expect.stringContaining('has no output "b"'),
    });
  });

  it('with another salt sends keys elsewhere, and with the same salt to the same slots', async () => {
    for (const [name, stickySalt] of Object.entries({ one: 'x', two: 'x', three: 'y' }))
      await put(name, { current: URI(1), next: URI(2), canaryProbability: 0.5, settings: { stickySalt } });
    const slots = async (name: string): Promise<string> => {
      const used = await Promise.all(
        Array.from({ length: 40 }, async (_, key) => {
          const answer = await post(`${name}/predict`, { data: [ROW] }, { 'X-Canary-Key': `user-${key}` });
          return answer.headers['x-model-used'] as string;
        }),
      );
      return used.join(' ');
    };
    const one = await slots('one');
    expect(await slots('two')).toBe(one);
    expect(await slots('three')).not.toBe(one);
  });

  it.each<[object, RegExp]>([
    [{ current: 5 }, /^current: expected a model URI/],
    [{}, /^current: .*it is missing$/],
    [{ current: URI(1), next: 7 }, /^next: expected a model URI/],
    [{ current: URI(1), canaryProbability: 2 }, /^canaryProbability: expected a number from 0/],
    [{ current: URI(1), weight: 1 }, /^weight: not known here/],
    [{ current: URI(1), settings: { cores: 4 } }, /^settings: cores is not known here; the settings are threads/],
    [{ current: URI(1), settings: { threads: 0 } }, /^settings.threads: expected at least 1$/],
    [{ current: URI(1), settings: { batching: 'no' } }, /^settings.batching: expected true or false$/],
    [{ current: URI(1), settings: [] }, /^settings: expected an object$/],
    [{ current: URI(1), reason: 'x'.repeat(501) }, /^reason: expected at most 500 characters/],
  ])('whose wanted state is %j is refused', async (body, detail) => {
    const answer = await put('refused', body);
    expect(answer.body).toMatchObject({ status: 400, code: 'invalid-body', detail: expect.stringMatching(detail) });
    expect((await server.http.get('/deployments/refused')).status).toBe(404);
  });
});

describe('the conditions of a change', () => {
  it('[cases 105, 139b] refuse a change that was decided on an older generation', async () => {
    await put('stale', { current: URI(1), next: URI(2) });
    const tag = (await server.http.get('/deployments/stale')).headers['etag'] as string;
    const first = await post('stale/set-canary-probability', { probability: 0.5 }, { 'If-Match': tag });
    expect([first.status, first.headers['etag']]).toEqual([200, '"g2"']);
    const verbs = {
      'set-canary-probability': { probability: 0.1 },
      'accept-next-model': {},
      rollback: {},
      'unload-next': {},
    };
    for (const [verb, body] of Object.entries(verbs)) {
      const again = await post(`stale/${verb}`, body, { 'If-Match': tag });
      expect([verb, again.body]).toMatchObject([verb, { status: 412, code: 'generation-mismatch' }]);
    }
    // A stale request says nothing of the deployment.
    expect(await show('stale')).toMatchObject({ change: null, lastError: null });
    const weak = await post('stale/set-canary-probability', { probability: 0.1 }, { 'If-Match': `W/${tag}` });
    expect(weak.body).toMatchObject({ status: 412, code: 'generation-mismatch' });
    expect(await show('stale')).toMatchObject({ generation: 2, wanted: { canaryProbability: 0.5 } });
    const same = await post('stale/set-canary-probability', { probability: 0.5 }, { 'If-Match': 'W/"g2"' });
    expect(same.status).toBe(200);
    expect((await put('stale', { current: URI(1) }, { 'If-None-Match': '*' })).body).toMatchObject({ status: 412 });
    expect((await put('never', { current: URI(1) }, { 'If-Match': '*' })).body).toMatchObject({ status: 412 });
  });

  it.each([
    ['If-Match', 'g1'],
    ['If-Match', 'W/"1"'],
    ['If-None-Match', '"g1"'],
    ['Idempotency-Key', 'x'.repeat(256)],
    ['X-Change-Reason', 'x'.repeat(501)],
  ])('%s: %s is refused', async (header, value) => {
    const answer = await server.http.post('/rollback').set(header, value);
    expect(answer.body).toMatchObject({ status: 400, code: 'invalid-header' });
  });

  it('[case 93] make a retry act once, and refuse the key with another body', async () => {
    await put('retried', { current: URI(1), next: URI(2) });
    await post('retried/accept-next-model');
    const headers = { 'Idempotency-Key': randomUUID() };
    const first = await post('retried/rollback', {}, headers);
    const [second, third] = await Promise.all([
      post('retried/rollback', {}, headers),
      post('retried/rollback', {}, headers),
    ]);
    expect([second.text, third.text]).toEqual([first.text, first.text]);
    expect(await show('retried')).toMatchObject({ generation: 3, wanted: { current: { uri: URI(1) } } });
    const other = await post('retried/set-canary-probability', { probability: 0.5 }, headers);
    expect(other.body).toMatchObject({ status: 422, code: 'idempotency-key-reused' });
  });

  it('say what would change, without changing or recording anything', async () => {
    await put('foreseen', { current: URI(1) });
    const before = (await events('foreseen')).length;
    const load = await server.http.post('/deployments/foreseen/update-model?dryRun=true').send({ model_uri: URI(2) });
    expect(load.body).toMatchObject({ wouldChange: true, before: { next: null }, after: { next: { uri: URI(2) } } });
    const same = await server.http
      .post('/deployments/foreseen/set-canary-probability?dryRun=true')
      .send({ probability: 1 });
    expect(same.body).toMatchObject({ wouldChange: false });
    expect((await server.http.post('/deployments/foreseen/rollback?dryRun=true')).body).toMatchObject({
      code: 'no-previous-version',
    });
    const wrong = await server.http
      .post('/deployments/foreseen/set-canary-probability?dryRun')
      .send({ probability: 2 });
    expect(wrong.status).toBe(400);
    const create = await server.http.put('/deployments/nobody?dryRun=true').send({ current: URI(1) });
    expect(create.body).toMatchObject({ wouldChange: true, before: null, after: { current: { uri: URI(1) } } });
    expect(await show('foreseen')).toMatchObject({ generation: 1, wanted: { next: null } });
    expect(await events('foreseen')).toHaveLength(before);
    expect((await server.http.get('/deployments/nobody')).status).toBe(404);
  });

  it('[case 23] leave nothing that is misspelt to act: a dry run, a reason, a switch', async () => {
    await put('spelt', { current: URI(1), next: URI(2) });
    const asked = [
      post('spelt/accept-next-model?dry_run=true'),
      post('spelt/accept-next-model?dryRun=true&dryrun=true'),
      post('spelt/accept-next-model', { dryRun: true }),
      post('spelt/unload-next', { raeson: 'a typo' }),
      post('spelt/rollback', { force: true }),
      server.http.put('/deployments/spelt?dryrun=1').send({ current: URI(1) }),
      server.http.delete('/deployments/spelt?dryrun=1'),
      server.http.post('/accept-next-model').send({ dryRun: true }),
    ];
    for (const answer of await Promise.all(asked))
      expect(answer.body).toMatchObject({
        status: 400,
        code: 'invalid-body',
        detail: expect.stringContaining('not known here; leave it out'),
      });
    expect(await show('spelt')).toMatchObject({ generation: 1 });
  });

  it('[case 92] let one of many changes at once win each generation, and the history explains the end', async () => {
    await put('raced', { current: URI(1), next: URI(2) });
    const answers = await Promise.all(
      Array.from({ length: 60 }, async (_, client) => {
        const verb = ['accept-next-model', 'rollback', 'set-canary-probability'][client % 3] as string;
        const { status } = await post(`raced/${verb}`, client % 3 === 2 ? { probability: client / 100 } : {});
        return status;
      }),
    );
    expect([...new Set(answers)].sort()).toEqual(expect.arrayContaining([200]));
    expect(answers.every((status) => status === 200 || status === 409)).toBe(true);
    const done = (await events('raced')).filter(({ outcome }) => outcome === 'done').reverse();
    const changes = done.filter(({ before, after }) => before?.generation !== after?.generation);
    expect(changes.map(({ after }) => after?.generation)).toEqual(changes.map((_, index) => index + 1));
    const shown = await show('raced');
    expect(changes.at(-1)?.after).toMatchObject({
      generation: shown.generation,
      canaryProbability: shown.wanted.canaryProbability,
      current: { uri: shown.wanted.current?.uri },
    });
  });
});

describe('a long change', () => {
  it('is answered at once where that is preferred, can be followed, and cancelled', async () => {
    models.publish('heavy', 1, heavyModel(2000));
    await put('long', { current: 'models:/heavy/1' });
    models.publish('heavy', 2, heavyModel(2001));
    const started = await post('long/update-model', { model_uri: 'models:/heavy/2' }, { Prefer: 'respond-async' });
    expect([started.status, started.headers['preference-applied']]).toEqual([202, 'respond-async']);
    const location = started.headers['location'] as string;
    expect(started.body).toMatchObject({ action: 'load-next', modelUri: 'models:/heavy/2', state: 'running' });
    await server.until(async () => ((await server.http.get(location)).body as { step: string }).step !== 'decide');
    expect((await show('long')) as object).toMatchObject({ change: { state: 'running' } });
    const cancelled = await server.http.delete(location);
    expect(cancelled.status).toBe(200);
    await server.until(async () => ((await server.http.get(location)).body as { state: string }).state === 'cancelled');
    expect(await show('long')).toMatchObject({ generation: 1, wanted: { next: null } });
    expect((await server.http.delete(location)).body).toMatchObject({ status: 409, code: 'change-conflict' });
    const again = await post('long/update-model', { model_uri: 'models:/heavy/2' }, { Prefer: 'respond-async' });
    const followed = again.headers['location'] as string;
    await server.until(async () => ((await server.http.get(followed)).body as { state: string }).state === 'done');
    const { steps } = (await server.http.get(followed)).body as { steps: { step: string; ms: number }[] };
    expect(steps.map(({ step }) => step)).toEqual(['decide', 'resolve', 'fetch', 'check', 'start', 'warm', 'record']);
    expect(await show('long')).toMatchObject({ generation: 2, wanted: { next: { uri: 'models:/heavy/2' } } });
  });

  it('that is refused at once is refused where somebody would follow it, too', async () => {
    await put('early', { current: URI(1) });
    const follow = { Prefer: 'respond-async' };
    const load = { model_uri: URI(2) };
    const stale = await post('early/update-model', load, { ...follow, 'If-Match': '"g7"' });
    expect(stale.body).toMatchObject({ status: 412, code: 'generation-mismatch' });
    expect((await post('nowhere/update-model', load, follow)).body).toMatchObject({ code: 'deployment-not-found' });
    expect((await post('early/accept-next-model', {}, follow)).body).toMatchObject({ code: 'next-not-ready' });
    expect(await show('early')).toMatchObject({ generation: 1, change: null, lastError: null });
  });

  it('that failed is told with the deployment until another load came to its end', async () => {
    await put('mended', { current: URI(1) });
    expect((await post('mended/update-model', { model_uri: URI(99) })).status).toBe(404);
    const failed = { change: { state: 'failed', modelUri: URI(99) }, lastError: { code: 'model-version-not-found' } };
    expect(await show('mended')).toMatchObject(failed);
    await post('mended/set-canary-probability', { probability: 1 });
    expect((await post('mended/rollback')).body).toMatchObject({ code: 'no-previous-version' });
    expect(await show('mended')).toMatchObject(failed);
    expect((await post('mended/update-model', { model_uri: URI(2) })).status).toBe(200);
    expect(await show('mended')).toMatchObject({ change: null, lastError: null });
  });

  it('is not known to anybody by another id', async () => {
    const answer = await server.http.get(`/deployments/default/changes/${randomUUID()}`);
    expect(answer.body).toMatchObject({ status: 404, code: 'change-not-found' });
  });
});

describe('unloading next by the Open Inference Protocol', () => {
  it('is done where next is named, and refused for a whole deployment', async () => {
    await put('emptied', { current: URI(1), next: URI(2) });
    const body = { parameters: { slot: 'next' } };
    const unloaded = await server.http.post('/v2/repository/models/emptied/unload').send(body);
    expect([unloaded.status, unloaded.body]).toEqual([200, { name: 'emptied', ready: false }]);
    expect(await show('emptied')).toMatchObject({ wanted: { next: null } });
    expect((await server.http.post('/v2/repository/models/emptied/unload')).status).toBe(503);
  });
});

/** A model with two outputs of one input: as it came, and negated. */
function twoOutputs([first, second]: readonly [string, string]): Uint8Array {
  return buildModel({
    inputs: [{ name: 'X', type: 'FP32', shape: [-1, 2] }],
    outputs: [
      { name: first, type: 'FP32', shape: [-1, 2] },
      { name: second, type: 'FP32', shape: [-1, 2] },
    ],
    nodes: [
      { op: 'Identity', inputs: ['X'], outputs: [first] },
      { op: 'Neg', inputs: ['X'], outputs: [second] },
    ],
  });
}
