import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ADMIN_TOKEN, signIn } from '../support/access-matrix';
import { exchange } from '../support/exchange';
import { RunningServer } from '../support/running-server';

/** How the dashboard's files come to a browser. */

const DASHBOARD = join(process.cwd(), 'dist', 'apps', 'dashboard');
const ASSETS = join(DASHBOARD, 'assets');
const files = readdirSync(ASSETS);
const PAGES = [
  'index.html',
  'deployment.html',
  'sign-in.html',
  ...readdirSync(join(DASHBOARD, 'pages')).map((name) => join('pages', name)),
];

/** A goal: what a phone on a slow line waits for. */
const MOST_BYTES_OF_FIRST_LOAD = 300_000;

/** What a script needs before it runs, and that again; not what it fetches later. */
function withImports(name: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(name)) return seen;
  seen.add(name);
  const code = readFileSync(join(ASSETS, name), 'utf8');
  for (const [, imported = ''] of code.matchAll(/(?:from|import)\s*["']\.\/([\w-]+\.js)["']/g))
    withImports(imported, seen);
  return seen;
}

const fileOf = (page: string): string =>
  files.find((name) => name.startsWith(`${page}-`) && name.endsWith('.js')) ?? '';

/** What a page names: the scripts that run before its first frame and at it, what they start then, and what is fetched for that. */
function scriptsOf(page: string) {
  const html = readFileSync(join(DASHBOARD, page), 'utf8');
  const all = (tags: RegExp) => [...html.matchAll(tags)].map(([, name = '']) => name);
  return {
    own: all(/<script[^>]* src="\/dashboard\/([\w/.-]+)"/g),
    entry: all(/<script[^>]* data-entry="\/dashboard\/assets\/([\w-]+\.js)"/g).join(),
    fetched: all(/<link rel="preload" as="script" crossorigin href="\/dashboard\/assets\/([\w-]+\.js)"/g),
    modules: all(/(type="?module|modulepreload)/g),
  };
}

it('are small: with the first page, all scripts that it needs, compressed', () => {
  const { own, entry } = scriptsOf('index.html');
  const needed = new Set([...withImports(entry), ...withImports(fileOf('deployment-page'))]);
  const read = [...own.map((name) => join(DASHBOARD, name)), ...[...needed].map((name) => join(ASSETS, `${name}.gz`))];
  const bytes = read.reduce((sum, path) => sum + readFileSync(path).length, 0);
  console.info(`first load: ${read.length} scripts, ${bytes} bytes compressed`);
  expect(needed.size).toBeGreaterThan(3);
  expect(bytes).toBeLessThanOrEqual(MOST_BYTES_OF_FIRST_LOAD);
  expect([...needed].filter((name) => name.startsWith('arm-charts'))).toEqual([]);
});

it.each(PAGES)('are fetched at once and run once the first frame is painted: %s', (page) => {
  const { own, entry, fetched, modules } = scriptsOf(page);
  expect(own).toEqual(['color-scheme.js', 'start.js']);
  expect(modules).toEqual([]);
  expect(fetched[0]).toBe(entry);
  // What that imports follows it: a dozen requests more would keep the frame waiting.
  const besides = page === 'deployment.html' ? [fileOf('deployment-page')] : [];
  expect(new Set(fetched)).toEqual(new Set([...withImports(entry), ...besides]));
});

describe('over HTTP', () => {
  let server: RunningServer;

  beforeAll(async () => {
    server = await RunningServer.start({ waitUntilReady: false });
  });

  afterAll(async () => {
    await server.stop();
  });

  it.each(['.js', '.css'])('are sent compressed to who takes it, and as they are to others: %s', async (extension) => {
    const name = files.find((one) => one.endsWith(extension)) ?? '';
    const url = `${server.url}/dashboard/assets/${name}`;
    const plain = await exchange(url);
    const packed = await exchange(url, { headers: { 'Accept-Encoding': 'gzip, deflate, br' } });
    const refused = await exchange(url, { headers: { 'Accept-Encoding': 'gzip;q=0' } });
    expect(packed.headers).toMatchObject({
      'content-encoding': 'gzip',
      'content-type': plain.headers['content-type'],
      'cache-control': 'public, max-age=31536000, immutable',
      vary: expect.stringContaining('Accept-Encoding') as unknown,
    });
    expect(gunzipSync(packed.bytes).equals(plain.bytes)).toBe(true);
    for (const answer of [plain, refused]) {
      expect(answer.headers['content-encoding']).toBeUndefined();
      expect(answer.bytes.equals(readFileSync(join(ASSETS, name)))).toBe(true);
    }
  });

  it.each(['color-scheme.js', 'start.js'])('are there beside the page: %s', async (name) => {
    const { status, headers, text } = await exchange(`${server.url}/dashboard/${name}`);
    expect([status, headers['content-type']]).toEqual([200, expect.stringContaining('javascript')]);
    expect(text).toBe(readFileSync(join(DASHBOARD, name), 'utf8'));
  });

  it('the page says where somebody is before its scripts are there', async () => {
    const titleOf = async (address: string) =>
      /<h1>(.*?)<\/h1>/.exec((await exchange(`${server.url}/dashboard${address}`)).text)?.[1];
    expect(await Promise.all(['/history', '/registry', '/replicas?x=1', '/access'].map(titleOf))).toEqual([
      'History',
      'Registry',
      'Replicas and system',
      'Access',
    ]);
    expect(await Promise.all(['/deployments/shop', '/deployments/a.b-C_1?tab=history'].map(titleOf))).toEqual([
      'shop',
      'a.b-C_1',
    ]);
    // The overview of a single deployment is its page.
    expect(await Promise.all(['', '/'].map(titleOf))).toEqual(['default', 'default']);
    const made = await exchange(`${server.url}/deployments/another`, {
      method: 'PUT',
      body: JSON.stringify({ current: 'models:/tracking-quickstart/1' }),
      headers: { 'Content-Type': 'application/json' },
    });
    expect(made.status).toBe(201);
    expect(await Promise.all(['', '/'].map(titleOf))).toEqual(['Deployments', 'Deployments']);
    const none = ['/deployments/%3Cb%3E', '/deployments/$&', '/deployments', '/nowhere', '/pages/registry.html'];
    expect(await Promise.all(none.map(titleOf))).toEqual(none.map(() => undefined));
  });
});

it('the page asks who has to sign in for a token, and shows nothing of the inside', async () => {
  const server = await RunningServer.start({
    settings: { UNDERSTUDY_AUTH: 'tokens', UNDERSTUDY_ADMIN_TOKEN: ADMIN_TOKEN },
    waitUntilReady: false,
  });
  try {
    const words = async (address: string, headers: Readonly<Record<string, string>>) =>
      /<h1>(.*)<\/p>/.exec((await exchange(`${server.url}/dashboard${address}`, { headers })).text)?.[1];
    const signedIn = { Cookie: await signIn(server, ADMIN_TOKEN) };
    for (const address of ['/', '/deployments/default']) {
      expect(await words(address, {})).toMatch(/^Understudy<\/h1><\/div><p>This server asks for a token\. [^{}]+\.$/);
      expect(await words(address, {})).not.toMatch(/default|quickstart/);
      // A browser sends no session along with a link of another site: whether there is one the page finds out.
      expect(await words(address, { 'Sec-Fetch-Site': 'cross-site' })).toBeUndefined();
      expect(await words(address, signedIn)).toMatch(/^default<\/h1><p class="lead">\w.+\.$/);
    }
  } finally {
    await server.stop();
  }
});
