import { DeploymentRoutes, type Event } from '../support/deployment-routes';
import { ModelFolder } from '../support/model-folder';
import { constantModel } from '../support/onnx/models';
import { RunningServer } from '../support/running-server';

/** What the history of a deployment tells of the attempts to change it. */

const URI = (version: number): string => `models:/tracking-quickstart/${version}`;

let models: ModelFolder;
let server: RunningServer;
const { put, post, events } = new DeploymentRoutes(() => server);

beforeAll(async () => {
  models = new ModelFolder();
  for (const version of [1, 2]) models.publish('tracking-quickstart', version, constantModel(version));
  server = await RunningServer.start({ settings: { UNDERSTUDY_REGISTRY_DIR: models.path } });
});

afterAll(async () => {
  await server.stop();
  models.remove();
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
