import { randomUUID } from 'node:crypto';
import { ModelFolder } from '../support/model-folder';
import { buildModel } from '../support/onnx/build-model';
import { constantModel, heavyModel } from '../support/onnx/models';
import { RunningServer } from '../support/running-server';

/** Any number of deployments: what is asked of them, on which conditions, and what the history tells of it. */

const ROW = [1, 2, 3, 4];
const URI = (version: number): string => `models:/tracking-quickstart/${version}`;

interface Wanted {
  readonly current: { readonly uri: string } | null;
  readonly next: { readonly uri: string } | null;
  readonly previous: { readonly uri: string } | null;
  readonly canaryProbability: number;
  readonly settings: object;
}

interface Shown {
  readonly generation: number;
  readonly wanted: Wanted;
  readonly converged: boolean;
}

interface Event {
  readonly action: string;
  readonly outcome: string;
  readonly origin: { readonly actor: string; readonly reason: string | null; readonly requestId: string };
  readonly problem: { readonly code: string } | null;
  readonly sequence: number;
  readonly before: { readonly generation: number } | null;
  readonly after: { readonly generation: number } | null;
}

let models: ModelFolder;
let server: RunningServer;

beforeAll(async () => {
  models = new ModelFolder();
  for (const version of [1, 2, 3]) models.publish('tracking-quickstart', version, constantModel(version));
  server = await RunningServer.start({ settings: { UNDERSTUDY_REGISTRY_DIR: models.path } });
});

afterAll(async () => {
  await server.stop();
  models.remove();
});

const put = (name: string, body: object, headers: Readonly<Record<string, string>> = {}) =>
  server.http.put(`/deployments/${name}`).set(headers).send(body);
const post = (path: string, body: object = {}, headers: Readonly<Record<string, string>> = {}) =>
  server.http.post(`/deployments/${path}`).set(headers).send(body);
const show = async (name: string): Promise<Shown> => (await server.http.get(`/deployments/${name}`)).body as Shown;
const events = async (name: string): Promise<Event[]> =>
  ((await server.http.get(`/deployments/${name}/events?limit=1000`)).body as { events: Event[] }).events;

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
    for (const verb of ['set-canary-probability', 'accept-next-model', 'rollback', 'unload-next']) {
      const again = await post(`stale/${verb}`, { probability: 0.1 }, { 'If-Match': tag });
      expect([verb, again.body]).toMatchObject([verb, { status: 412, code: 'generation-mismatch' }]);
    }
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

  it('that failed is told with the deployment until another load came to its end', async () => {
    await put('mended', { current: URI(1) });
    expect((await post('mended/update-model', { model_uri: URI(99) })).status).toBe(404);
    const failed = { change: { state: 'failed', modelUri: URI(99) }, lastError: { code: 'model-version-not-found' } };
    expect(await show('mended')).toMatchObject(failed);
    await post('mended/set-canary-probability', { probability: 1 });
    expect(await show('mended')).toMatchObject(failed);
    expect((await post('mended/update-model', { model_uri: URI(2) })).status).toBe(200);
    expect(await show('mended')).toMatchObject({ change: null, lastError: null });
  });

  it('is not known to anybody by another id', async () => {
    const answer = await server.http.get(`/deployments/default/changes/${randomUUID()}`);
    expect(answer.body).toMatchObject({ status: 404, code: 'change-not-found' });
  });
});

describe('the history', () => {
  it('[cases 158, 160] has each attempt once, refused ones too, with who, when, why, before and after', async () => {
    await put('told', { current: URI(1), reason: 'first' }, { 'X-Request-Id': 'told-1' });
    await post('told/update-model', { model_uri: 'models:/nobody/1' }, { 'X-Change-Reason': 'a typo' });
    await post('told/set-canary-probability', { probability: 7 });
    await post('told/accept-next-model');
    await server.http.post('/deployments/told/rollback').set('Content-Type', 'application/json').send('{"reason":');
    await post('told/set-canary-probability', { probability: 0.5, reason: 'go' }, { 'If-Match': '"g9"' });
    await post('told/set-canary-probability', { probability: 0.5, reason: 'go' });
    const history = (await events('told')).reverse();
    expect(
      history.map(({ action, outcome, problem, origin }) => [action, outcome, problem?.code, origin.reason]),
    ).toEqual([
      ['create', 'done', undefined, 'first'],
      ['load-next', 'refused', 'model-not-found', 'a typo'],
      ['set-split', 'refused', 'invalid-body', null],
      ['promote', 'refused', 'next-not-ready', null],
      ['roll-back', 'refused', 'invalid-json', null],
      ['set-split', 'refused', 'generation-mismatch', 'go'],
      ['set-split', 'done', undefined, 'go'],
    ]);
    expect(history[0]).toMatchObject({
      origin: { actor: 'anonymous', tokenId: null, address: '127.0.0.1', requestId: 'told-1' },
      subject: 'deployment:told',
      before: null,
      after: { generation: 1, current: { uri: URI(1) } },
    });
    expect(history.at(-1)).toMatchObject({ before: { generation: 1 }, after: { generation: 2 } });
  });

  it('is told by the log alone too: who, from where and why, of what was done and of what was refused', async () => {
    await put('logged', { current: URI(1), reason: 'first' });
    await post('logged/set-canary-probability', { probability: 0.5, reason: 'go' });
    await post('logged/accept-next-model');
    const who = { actor: 'anonymous', tokenId: null, address: '127.0.0.1', requestId: expect.any(String) };
    const lines = server.log.filter(
      ({ deployment, path }) => deployment === 'logged' || String(path).startsWith('/deployments/logged'),
    );
    expect(lines.filter(({ actor }) => actor !== undefined)).toEqual([
      expect.objectContaining({ ...who, msg: 'A deployment was changed', change: 'replace', reason: 'first' }),
      expect.objectContaining({ ...who, msg: 'A deployment was changed', change: 'set-split', reason: 'go' }),
      expect.objectContaining({ ...who, msg: 'A request was refused', code: 'next-not-ready' }),
    ]);
  });

  it('comes in pages, by filters, and as JSON Lines', async () => {
    await put('paged', { current: URI(1), next: URI(2) });
    for (const probability of [0.1, 0.2, 0.3, 0.4]) await post('paged/set-canary-probability', { probability });
    const page = (await server.http.get('/deployments/paged/events?limit=2')).body as {
      events: Event[];
      nextBefore: number;
    };
    expect(page.events.map(({ after }) => after?.generation)).toEqual([5, 4]);
    const older = await server.http.get(`/deployments/paged/events?limit=2&before=${page.nextBefore}`);
    expect((older.body as { events: Event[] }).events.map(({ after }) => after?.generation)).toEqual([3, 2]);
    const created = await server.http.get('/deployments/paged/events?action=create&outcome=done&actor=anonymous');
    expect((created.body as { events: Event[] }).events).toHaveLength(1);
    const lines = await server.http.get('/deployments/paged/events/export').buffer(true);
    expect(lines.headers['content-type']).toBe('application/x-ndjson; charset=utf-8');
    const parsed = lines.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Event);
    expect(parsed.map(({ after }) => after?.generation)).toEqual([1, 2, 3, 4, 5]);
    const wholeTrail = await server.http.get('/audit?subject=deployment:paged&limit=1');
    expect((wholeTrail.body as { events: Event[] }).events[0]).toMatchObject({ after: { generation: 5 } });
    const verdict = await server.http.get('/audit/verify');
    expect(verdict.body).toMatchObject({ ok: true, head: { sequence: expect.any(Number) } });
  });

  it.each(['limit=0', 'limit=x', 'before=-1', 'outcome=maybe', 'order=actor', 'from=yesterday', 'actor=a&actor=b'])(
    '[case 50] asked with %s is refused',
    async (query) => {
      const answer = await server.http.get(`/deployments/default/events?${query}`);
      expect(answer.body).toMatchObject({ status: 400, code: 'invalid-body' });
    },
  );

  it('[case 49] keeps quotes, wildcards and what is no text as they came', async () => {
    await put('quoted', { current: URI(1) });
    const reason = `'; DROP TABLE understudy_audit; -- %_$1 \u0000 \u202e é`;
    await post('quoted/set-canary-probability', { probability: 0.5, reason });
    const [event] = await events('quoted');
    expect(event?.origin.reason).toContain(`'; DROP TABLE understudy_audit; -- %_$1`);
    expect((await server.http.get('/audit/verify')).body).toMatchObject({ ok: true });
    expect((await server.http.get(`/audit?actor=${encodeURIComponent("' OR 1=1 --")}`)).body).toMatchObject({
      events: [],
    });
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
