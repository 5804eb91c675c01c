import { AuditTrail } from '@understudy/store';
import { ADMIN_TOKEN, signIn } from '../support/access-matrix';
import { RunningServer } from '../support/running-server';

/** What is told of changes that somebody tried who may not make them, or that could not be read: the answer, and the audit trail. */

const ADMIN = { Authorization: `Bearer ${ADMIN_TOKEN}` };

let server: RunningServer;

beforeEach(async () => {
  server = await RunningServer.start({
    settings: { UNDERSTUDY_AUTH: 'tokens', UNDERSTUDY_ADMIN_TOKEN: ADMIN_TOKEN },
  });
});

afterEach(async () => {
  await server.stop();
});

/** The header of a new token. */
async function bearer(scope: string): Promise<{ Authorization: string }> {
  const answer = await server.http
    .post('/tokens')
    .set(ADMIN)
    .send({ name: `ci ${scope}`, scopes: [scope] });
  expect(answer.status).toBe(201);
  return { Authorization: `Bearer ${(answer.body as { token: string }).token}` };
}

/** The entries of the trail about who was refused and who came in, oldest first, once there are so many. */
async function trail(count: number) {
  const { app } = server;
  const read = async () => {
    const { events } = await app.get(AuditTrail, { strict: false }).page({}, 1_000);
    return events.filter(({ outcome, action }) => outcome === 'refused' || action === 'sign-in').reverse();
  };
  await server.until(async () => (await read()).length >= count);
  return read();
}

const rowsOf = (events: Awaited<ReturnType<typeof trail>>) =>
  events.map(({ action, subject, problem, origin }) => [action, subject, problem?.code, origin.reason]);

describe('who lacks the scope', () => {
  it.each(['predict', 'view'])('%s: is refused for that, whatever the body is', async (scope) => {
    const mayNot = await bearer(scope);
    for (const [method, path] of [
      ['put', '/deployments/flood'],
      ['delete', '/deployments/flood'],
      ['post', '/rollback'],
      ['post', '/tokens'],
      ['post', '/v2/repository/models/flood/load'],
    ] as const)
      for (const [type, body] of [
        ['text/plain', '{}'],
        ['application/json', '{'],
        ['application/json', '{"reason":"a","reason":"b"}'],
      ] as const) {
        const answer = await server.http[method](path).set(mayNot).set('Content-Type', type).send(body);
        expect([path, type, body, answer.status]).toEqual([path, type, body, 403]);
      }
    expect(await trail(10)).toHaveLength(10);
  });

  it('operate: is refused tokens for that, and is read where it may send something', async () => {
    const mayOperate = await bearer('operate');
    const json = { ...mayOperate, 'Content-Type': 'application/json' };
    expect((await server.http.post('/tokens').set(json).send('{')).status).toBe(403);
    expect((await server.http.post('/rollback').set(json).send('{')).status).toBe(400);
    const mayView = await bearer('view');
    expect((await server.http.post('/v2/repository/index').set(mayView).send({ ready: 'x' })).status).toBe(400);
  });

  it('is in the history of the deployment, with what was tried and why, and not for what only reads', async () => {
    const mayNot = await bearer('predict');
    for (let time = 0; time < 12; time++) {
      expect((await server.http.get('/audit').set(mayNot)).status).toBe(403);
      expect((await server.http.head('/tokens').set(mayNot)).status).toBe(403);
    }
    await server.http.post('/deployments/iris/rollback').set(mayNot).set('X-Change-Reason', 'sneaky');
    await server.http.delete('/deployments/iris').set(mayNot).set('X-Change-Reason', 'x'.repeat(600));
    await server.http.delete('/tokens/ust_0123456789abcdef_secret').set(mayNot);
    await server.http.post('/rollback?dryRun=true').set(mayNot);
    expect(rowsOf(await trail(4))).toEqual([
      ['roll-back', 'deployment:iris', 'forbidden', 'sneaky'],
      ['remove', 'deployment:iris', 'forbidden', 'x'.repeat(500)],
      ['revoke-token', 'token', 'forbidden', null],
      ['ask', 'route:POST /rollback', 'forbidden', null],
    ]);
    const history = await server.http.get('/deployments/iris/events').set(ADMIN);
    expect((history.body as { events: object[] }).events).toHaveLength(2);
  });

  it('leaves a bounded trace, also on paths that no route has, and hides no sign-in', async () => {
    for (let time = 0; time < 15; time++) {
      await server.http.post('/restore');
      await server.http.put('/deployments/%zz');
      await server.http.post('/rollback');
    }
    await signIn(server, ADMIN_TOKEN);
    const events = await trail(11);
    expect(events.map(({ action, after }) => [action, after])).toEqual([
      ...Array.from({ length: 10 }, () => ['roll-back', null]),
      ['sign-in', null],
    ]);
  });
});

describe('who may change something', () => {
  it('is in the trail with tokens that could not be created or revoked, without what was sent', async () => {
    const post = (body: object) => server.http.post('/tokens').set(ADMIN).send(body);
    expect((await post({ name: 'x', scopes: ['root'], reason: 'a try' })).status).toBe(400);
    expect((await post({ name: 'guard', scopes: ['view'] })).status).toBe(400);
    expect((await server.http.delete('/tokens/0123456789abcdef').set(ADMIN)).status).toBe(404);
    expect((await server.http.delete('/tokens/ust_0123456789abcdef_secret').set(ADMIN)).status).toBe(404);
    const events = await trail(4);
    expect(rowsOf(events)).toEqual([
      ['create-token', 'token', 'invalid-body', 'a try'],
      ['create-token', 'token', 'invalid-body', null],
      ['revoke-token', 'token:0123456789abcdef', 'token-not-found', null],
      ['revoke-token', 'token', 'token-not-found', null],
    ]);
    expect(JSON.stringify(events)).not.toContain('secret');
  });

  it('is in the trail with the reason of a body that was refused for something else', async () => {
    const post = (body: object) =>
      server.http.post('/set-canary-probability').set(ADMIN).set('X-Change-Reason', 'INC-2').send(body);
    await post({ probability: 7, reason: 'INC-1' });
    await post({ probability: 7 });
    await post({ probability: 7, reason: 7 });
    await post({ probability: 0.5, reason: 'x'.repeat(600) });
    expect(rowsOf(await trail(4)).map(([, , code, reason]) => [code, reason])).toEqual([
      ['invalid-body', 'INC-1'],
      ['invalid-body', 'INC-2'],
      ['invalid-body', 'INC-2'],
      ['invalid-body', 'x'.repeat(500)],
    ]);
  });
});
