import { once } from 'node:events';
import { connect } from 'node:net';
import { AuditTrail } from '@understudy/store';
import { ADMIN_TOKEN, signIn } from '../support/access-matrix';
import { EVERY_PROTOCOL } from '../support/every-protocol';
import { exchange } from '../support/exchange';
import { RunningServer } from '../support/running-server';

/** Tokens, sessions and what browsers are kept from, on the real application; who may do what is in access-matrix.spec.ts. */

const TOKENS = { UNDERSTUDY_AUTH: 'tokens', UNDERSTUDY_ADMIN_TOKEN: ADMIN_TOKEN };
const ADMIN = { Authorization: `Bearer ${ADMIN_TOKEN}` };
const OWN_PAGE = { 'Sec-Fetch-Site': 'same-origin', 'X-Understudy-Csrf': '1' };
const ROW = [5.1, 3.5, 1.4, 0.2];

let server: RunningServer;

const start = async (settings: Readonly<Record<string, string>> = {}, hotDoor = true): Promise<RunningServer> => {
  server = await RunningServer.start({ settings: { ...TOKENS, ...settings }, hotDoor });
  return server;
};

afterEach(async () => {
  await server.stop();
});

async function create(scopes: readonly string[], more: object = {}): Promise<{ id: string; token: string }> {
  const answer = await server.http
    .post('/tokens')
    .set(ADMIN)
    .send({ name: 'ci', scopes, ...more });
  expect([answer.status, answer.text]).toEqual([201, expect.any(String)]);
  return answer.body as { id: string; token: string };
}

/** What the audit trail has about access, newest first; what was done to deployments has tests of its own. */
async function trail(limit = 20) {
  const { events } = await server.app.get(AuditTrail, { strict: false }).page({}, 1_000);
  return events
    .filter(({ subject, outcome }) => !subject.startsWith('deployment:') || outcome !== 'done')
    .slice(0, limit);
}

/** Sends bytes as they are and returns what comes back. */
async function raw(text: string): Promise<string> {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  let answer = '';
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
  socket.write(text);
  await once(socket, 'close');
  return answer;
}

describe('tokens', () => {
  it('[cases 139, 139b] are shown once, listed without their secret, used at once, and revoked at once', async () => {
    await start();
    const { id, token } = await create(['predict'], { expiresAt: '2099-01-01T00:00:00Z', reason: 'for the tests' });
    const bearer = { Authorization: `Bearer ${token}` };
    const predict = async () =>
      (
        await server.http
          .post('/predict')
          .set(bearer)
          .send({ data: [ROW] })
      ).status;
    expect(await predict()).toBe(200);
    const { body } = await server.http.get('/tokens').set(ADMIN);
    expect(body).toEqual({
      tokens: [
        {
          id,
          name: 'ci',
          scopes: ['predict'],
          createdAt: expect.any(String),
          createdBy: 'admin (UNDERSTUDY_ADMIN_TOKEN)',
          expiresAt: '2099-01-01T00:00:00.000Z',
          revokedAt: null,
          lastUsedAt: null,
        },
      ],
    });
    const revoked = await server.http.delete(`/tokens/${id}`).set(ADMIN).set('X-Change-Reason', 'no%20longer');
    expect([revoked.status, revoked.body.revokedAt]).toEqual([200, expect.any(String)]);
    expect(await predict()).toBe(401);
    expect(
      (await trail()).map(({ action, outcome, origin: { actor, reason } }) => [action, outcome, actor, reason]),
    ).toEqual([
      ['revoke-token', 'done', 'admin (UNDERSTUDY_ADMIN_TOKEN)', 'no longer'],
      ['create-token', 'done', 'admin (UNDERSTUDY_ADMIN_TOKEN)', 'for the tests'],
    ]);
    const actor = 'admin (UNDERSTUDY_ADMIN_TOKEN)';
    expect(server.log.filter(({ token: logged }) => logged === id)).toEqual([
      expect.objectContaining({ msg: 'A token was created', actor, reason: 'for the tests', scopes: 'predict' }),
      expect.objectContaining({ msg: 'A token was revoked', actor, reason: 'no longer' }),
    ]);
  });

  it('that cannot be are refused with a sentence', async () => {
    await start();
    const wrong: [object, RegExp][] = [
      [{ name: 'x', scopes: [] }, /^scopes: expected one or more/],
      [{ name: 'x', scopes: ['root'] }, /^scopes: expected one or more/],
      [{ name: 'x', scopes: ['view', 'view'] }, /^scopes: expected each scope once/],
      [{ name: 'x', scopes: 'view' }, /^scopes: expected a list, with one or more of predict, view/],
      [{ name: 'x' }, /^scopes: expected a list/],
      [{ name: '', scopes: ['view'] }, /^name:/],
      [{ name: 'a\nb', scopes: ['view'] }, /^name:/],
      [{ scopes: ['view'] }, /^name:/],
      ...['admin (UNDERSTUDY_ADMIN_TOKEN)', 'anonymous', 'unauthenticated', 'guard', 'Understudy', 'ｇｕａｒｄ'].map(
        (name): [object, RegExp] => [
          { name, scopes: ['view'] },
          /^name: the audit trail has ".+" for the server itself or .+; choose another/,
        ],
      ),
      [{ name: 'x', scopes: ['view'], expiresAt: 'tomorrow' }, /^expiresAt:/],
      [{ name: 'x', scopes: ['view'], expiresAt: '2099-01-01T00:00:00' }, /^expiresAt:/],
      [{ name: 'x', scopes: ['view'], expiresAt: '2001-01-01T00:00:00Z' }, /^expiresAt: expected a time to come/],
      [{ name: 'x', scopes: ['view'], token: 'mine' }, /^token: not known here/],
    ];
    for (const [body, sentence] of wrong) {
      const answer = await server.http.post('/tokens').set(ADMIN).send(body);
      expect([answer.status, answer.body.detail]).toEqual([400, expect.stringMatching(sentence)]);
    }
  });

  it('[case 135] count in the one header and nowhere else, at both doors', async () => {
    await start();
    const body = JSON.stringify({ data: [ROW], token: ADMIN_TOKEN });
    const head = (path: string, headers: string): string =>
      `POST ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`;
    const bearer = `Authorization: Bearer ${ADMIN_TOKEN}\r\n`;
    const odd = [
      ['/predict', ''],
      [`/predict?access_token=${ADMIN_TOKEN}`, ''],
      ['/predict', `Cookie: token=${ADMIN_TOKEN}; understudy_session=${ADMIN_TOKEN}\r\n`],
      ['/predict', `X-Api-Key: ${ADMIN_TOKEN}\r\nProxy-Authorization: Bearer ${ADMIN_TOKEN}\r\n`],
      ['/predict', `${bearer}${bearer}`],
      ['/predict', `${bearer}Authorization: Basic eDp4\r\n`],
      ['/predict', `Authorization: bearer ${ADMIN_TOKEN}\r\n`],
      ['/predict', `Authorization: Bearer ${ADMIN_TOKEN}, Bearer ${ADMIN_TOKEN}\r\n`],
      ['/predict', `Authorization: Bearer\t${ADMIN_TOKEN}\r\n`],
      ['/predict', `Authorization: Bearer ${'A'.repeat(8_000)}\r\n`],
    ] as const;
    for (const [path, headers] of odd) {
      for (const asked of [path, path.replace('/predict', '/rollback')]) {
        const answer = await raw(head(asked, headers));
        expect([asked, headers, answer.slice(0, 12)]).toEqual([asked, headers, 'HTTP/1.1 401']);
        expect(answer).toMatch(/\r\nWWW-Authenticate: Bearer/i);
      }
    }
    expect(await raw(head('/predict', bearer.replace('Authorization', 'AUTHORIZATION')))).not.toMatch(/^HTTP\/1.1 401/);
  });

  it.each([true, false])('are asked for by every protocol in its own words (hot door: %s)', async (hotDoor) => {
    await start({}, hotDoor);
    const { token } = await create(['view']);
    for (const { path, ask, problem, name } of EVERY_PROTOCOL) {
      const without = await server.http.post(path).send(ask([ROW]));
      expect([name, without.status, problem(without.body)]).toEqual([
        name,
        401,
        'This needs a token with the scope predict: send it as "Authorization: Bearer <token>"',
      ]);
      expect(without.headers).toMatchObject({ 'www-authenticate': 'Bearer', 'cache-control': 'no-store' });
      const wrong = await server.http
        .post(path)
        .set('Authorization', `Bearer ${token}`)
        .send(ask([ROW]));
      expect([name, wrong.status, problem(wrong.body)]).toEqual([
        name,
        403,
        'This needs the scope predict; "ci" has view',
      ]);
    }
  });
});

describe('sessions', () => {
  it('stand for a token, say who is signed in, and end with a sign-out', async () => {
    await start();
    const { id, token } = await create(['operate']);
    const signedIn = await server.http.post('/session').set('X-Forwarded-Proto', 'https').send({ token });
    expect(signedIn.body).toEqual({ actor: 'ci', scopes: ['view', 'operate'], expiresAt: expect.stringMatching(/Z$/) });
    expect(signedIn.headers['set-cookie']?.[0]).toMatch(
      /^understudy_session=\S+; Max-Age=28800; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    );
    expect(signedIn.text + String(signedIn.headers['set-cookie'])).not.toContain(token);
    const Cookie = await signIn(server, token);
    expect((await server.http.get('/session').set({ Cookie })).body.actor).toBe('ci');
    expect((await server.http.get('/status').set({ Cookie })).status).toBe(200);
    const changed = await server.http
      .post('/set-canary-probability')
      .set({ Cookie, ...OWN_PAGE })
      .send({ probability: 0.5 });
    expect(changed.status).toBe(200);
    const out = await server.http.delete('/session').set({ Cookie, ...OWN_PAGE });
    expect([out.status, out.headers['set-cookie']?.[0]]).toEqual([
      204,
      expect.stringMatching(/^understudy_session=; Max-Age=0/),
    ]);
    expect((await server.http.get('/session').set({ Cookie })).status).toBe(401);
    await server.until(async () => (await trail()).length === 4);
    expect((await trail()).map(({ action, origin }) => [action, origin.actor, origin.tokenId])).toEqual([
      ['sign-out', 'ci', id],
      ['sign-in', 'ci', id],
      ['sign-in', 'ci', id],
      ['create-token', 'admin (UNDERSTUDY_ADMIN_TOKEN)', null],
    ]);
  });

  it('end when they are as old as is set, and the cookie with them', async () => {
    await start({ UNDERSTUDY_SESSION_MS: '4000' });
    const signedIn = await server.http.post('/session').send({ token: ADMIN_TOKEN });
    expect(signedIn.headers['set-cookie']?.[0]).toMatch(/; Max-Age=4;/);
    const Cookie = await signIn(server, ADMIN_TOKEN);
    expect((await server.http.get('/session').set({ Cookie })).status).toBe(200);
    await server.until(async () => (await server.http.get('/session').set({ Cookie })).status === 401);
    const answer = await server.http.get('/status').set({ Cookie });
    expect(answer.body.detail).toMatch(/has ended; sign in/);
  });

  it('[case 138] end with their token', async () => {
    await start();
    const { id, token } = await create(['view']);
    const Cookie = await signIn(server, token);
    await server.http.delete(`/tokens/${id}`).set(ADMIN);
    const answer = await server.http.get('/status').set({ Cookie });
    expect([answer.status, answer.body.detail]).toEqual([401, expect.stringMatching(/was revoked or has expired/)]);
  });

  it('[case 137] [case 125] are limited by source: a guesser waits, nobody else does, and a made-up address does not help', async () => {
    await start();
    const guess = async (address: string, token = 'a-wrong-guess-of-a-token') =>
      server.http.post('/session').set('X-Forwarded-For', address).send({ token });
    for (let time = 0; time < 5; time++) expect((await guess(`192.0.2.${time}`)).status).toBe(401);
    const limited = await guess('192.0.2.99', ADMIN_TOKEN);
    expect([limited.status, limited.body.code, limited.headers['retry-after']]).toEqual([
      429,
      'too-many-sign-ins',
      expect.stringMatching(/^[45]$/),
    ]);
    expect((await server.http.get('/status').set(ADMIN)).status).toBe(200);
    await server.until(async () => (await trail()).length === 5);
    expect((await trail())[0]).toMatchObject({
      action: 'sign-in',
      outcome: 'refused',
      origin: { address: '127.0.0.1' },
    });
  });

  it('[case 137] behind a trusted proxy are limited by the address that it saw', async () => {
    await start({ UNDERSTUDY_TRUSTED_PROXIES: '1' });
    const guess = async (forwarded: string, token: string) =>
      server.http.post('/session').set('X-Forwarded-For', forwarded).send({ token });
    for (let time = 0; time < 5; time++) await guess(`10.9.8.${time}, 192.0.2.1`, 'a-wrong-guess-of-a-token');
    expect((await guess('192.0.2.2, 192.0.2.1', ADMIN_TOKEN)).status).toBe(429);
    expect((await guess('192.0.2.1, 192.0.2.2', ADMIN_TOKEN)).status).toBe(200);
  });
});

describe('other web sites', () => {
  it.each(['tokens', 'none'])('[case 141] change and ask nothing, with UNDERSTUDY_AUTH=%s', async (mode) => {
    await start({ UNDERSTUDY_AUTH: mode });
    const Cookie = mode === 'none' ? '' : await signIn(server, ADMIN_TOKEN);
    const cookie = Cookie === '' ? {} : { Cookie };
    const foreign: Readonly<Record<string, string>>[] = [
      { Origin: 'https://evil.example' },
      { Origin: 'null' },
      { 'Sec-Fetch-Site': 'cross-site', Origin: server.url },
      { 'Sec-Fetch-Site': 'same-site' },
    ];
    for (const headers of foreign) {
      for (const type of [
        'text/plain',
        'application/x-www-form-urlencoded',
        'multipart/form-data',
        'application/json',
      ]) {
        for (const path of [
          '/rollback',
          '/accept-next-model',
          '/session',
          '/predict',
          '/invocations',
          '/v2/models/default/infer',
        ]) {
          const answer = await exchange(`${server.url}${path}`, {
            method: 'POST',
            headers: { ...cookie, ...headers, 'Content-Type': type },
            body: '{}',
          });
          expect([path, headers, type, answer.status]).toEqual([path, headers, type, 403]);
        }
      }
    }
    const own = await server.http
      .post('/set-canary-probability')
      .set({ ...cookie, ...OWN_PAGE })
      .send({ probability: 1 });
    expect(own.status).toBe(200);
  });

  it('[case 141] a session needs the page and the header; without either nothing changes, and the attempt is recorded', async () => {
    await start();
    const Cookie = await signIn(server, ADMIN_TOKEN);
    for (const headers of [
      {},
      { 'X-Understudy-Csrf': '1' },
      { Origin: server.url },
      { 'Sec-Fetch-Site': 'same-origin' },
    ]) {
      const answer = await server.http.post('/rollback').set({ Cookie, ...headers });
      expect([headers, answer.status, answer.body.code]).toEqual([headers, 403, 'cross-site-request']);
    }
    await server.until(async () => (await trail()).length === 5);
    expect((await trail())[0]).toMatchObject({
      action: 'roll-back',
      subject: 'deployment:default',
      outcome: 'refused',
      problem: { code: 'cross-site-request' },
    });
  });

  it('[case 140] reach nothing by a name that they point here, at either door', async () => {
    await start({ UNDERSTUDY_AUTH: 'none', UNDERSTUDY_ALLOWED_HOSTS: 'models.example.com' });
    for (const [method, path] of [
      ['GET', '/'],
      ['GET', '/livez'],
      ['GET', '/docs'],
      ['POST', '/rollback'],
      ['POST', '/predict'],
      ['POST', '/v2/models/default/infer'],
    ] as const) {
      const asked = async (host: string) => exchange(`${server.url}${path}`, { method, headers: { Host: host } });
      expect([path, (await asked('evil.example:8000')).status]).toEqual([path, 421]);
      expect([path, (await asked('models.example.com')).status]).not.toEqual([path, 421]);
    }
  });

  it('[case 142] [case 143] [case 149] read nothing, show nothing in a frame, and nothing is kept, at either door', async () => {
    await start({ UNDERSTUDY_AUTH: 'none' });
    const headers = { Origin: 'https://evil.example', 'Access-Control-Request-Method': 'POST' };
    for (const [method, path] of [
      ['GET', '/'],
      ['OPTIONS', '/'],
      ['OPTIONS', '/predict'],
      ['OPTIONS', '/rollback'],
      ['POST', '/predict'],
      ['GET', '/nope'],
      ['GET', '/v2/models'],
      ['GET', '/docs'],
    ] as const) {
      const answer = await exchange(`${server.url}${path}`, { method, headers });
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
      expect([path, answer.headers['content-security-policy']]).toEqual([
        path,
        expect.stringMatching(/frame-ancestors 'none'/),
      ]);
      expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
      if (method === 'OPTIONS') expect([path, [404, 405]]).toEqual([path, expect.arrayContaining([answer.status])]);
    }
    const page = await server.http.get('/docs');
    expect(page.headers['content-security-policy']).toMatch(/script-src 'self';/);
    expect(page.headers['x-frame-options']).toBe('DENY');
  });
});

describe('strangers', () => {
  it('cannot make the server read a body', async () => {
    await start();
    const answer = await raw(
      'POST /update-model HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 4000000\r\n\r\n{"model_uri',
    );
    expect(answer).toMatch(/^HTTP\/1.1 401/);
    const large = await server.http.post('/session').send({ token: 'x'.repeat(20_000) });
    expect(large.status).toBe(413);
  });

  it('leave a bounded trace of what they tried to change', async () => {
    await start();
    for (let time = 0; time < 30; time++) await server.http.post('/rollback').set('X-Request-Id', `try-${time}`);
    await server.until(async () => (await trail()).length === 10);
    expect((await trail())[9]).toMatchObject({
      action: 'roll-back',
      subject: 'deployment:default',
      outcome: 'refused',
      origin: { actor: 'unauthenticated', tokenId: null, address: '127.0.0.1', requestId: 'try-0' },
      problem: { code: 'unauthenticated' },
    });
  });
});
