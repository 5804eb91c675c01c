import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ADMIN_TOKEN } from '../support/access-matrix';
import { exchange } from '../support/exchange';
import { LiveReader } from '../support/live-reader';
import { needs } from '../support/needs';
import { ServerProcess } from '../support/server-process';
import { temporaryFolder } from '../support/temporary-folder';

/** The built server while the clock of its machine is set to another time. */

const DAY_MS = 86_400_000;

interface Status {
  readonly current: { readonly runner: { readonly pid: number; readonly restarts: number; readonly state: string } };
}

interface Trail {
  readonly events: readonly { readonly sequence: number; readonly at: string; readonly action: string }[];
}

let data: ReturnType<typeof temporaryFolder>;
let server: ServerProcess | undefined;
let url: string;

/** The clock of the server and of its runners; what measures how much time has passed is left as it is, as when a clock is set. */
function setClock(offset: string): void {
  writeFileSync(join(data.path, 'clock'), `${offset}\n`);
}

async function start(more: Readonly<Record<string, string>> = {}): Promise<void> {
  setClock('+0');
  const library = execFileSync('faketime', ['-m', '-f', '+0', 'sh', '-c', 'echo $LD_PRELOAD'], { encoding: 'utf8' });
  server = new ServerProcess({
    environment: {
      PORT: '0',
      UNDERSTUDY_DATA_DIR: join(data.path, 'data'),
      UNDERSTUDY_AUTH: 'tokens',
      UNDERSTUDY_ADMIN_TOKEN: ADMIN_TOKEN,
      LD_PRELOAD: library.trim(),
      FAKETIME_TIMESTAMP_FILE: join(data.path, 'clock'),
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      ...more,
    },
  });
  url = await server.url();
  while (!(await fetch(`${url}/readyz`)).ok) await new Promise((resolve) => setTimeout(resolve, 20));
}

beforeEach(() => {
  data = temporaryFolder('clock');
});

afterEach(async () => {
  server?.signal('SIGKILL');
  await server?.exited();
  server = undefined;
  data.remove();
});

async function ask(path: string, body?: object, token = ADMIN_TOKEN) {
  const { status, headers, text } = await exchange(`${url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  return { status, json: JSON.parse(text) as unknown, clockMs: Date.parse(headers.date ?? '') };
}

const predict = async (token?: string) => ask('/predict', { data: [[5.1, 3.5, 1.4, 0.2]] }, token);
const split = async (probability: number) => ask('/set-canary-probability', { probability });
const runner = async () => ((await ask('/status')).json as Status).current.runner;
const trail = async (limit: number) => ((await ask(`/audit?limit=${limit}`)).json as Trail).events;

/** Until the Date of answers, which is a second old at most, shows that the clock was set. */
async function clockShows(aheadMs: number): Promise<void> {
  while (Math.abs((await predict()).clockMs - Date.now() - aheadMs) > 60_000)
    await new Promise((resolve) => setTimeout(resolve, 50));
}

const onAnotherClock = needs(
  'faketime',
  'Install it (Debian: apt-get install faketime) to see the server on another clock.',
);

describe('[case 119] a clock that is set', () => {
  onAnotherClock('an hour back, a day on and a day back costs no prediction, no runner and no order', async () => {
    await start();
    const before = await runner();
    const stream = await LiveReader.open(`${url}/live`, { Authorization: `Bearer ${ADMIN_TOKEN}` });
    await stream.first('ready');
    let probability = 0.9;
    for (const [offset, aheadMs] of [
      ['-1h', -DAY_MS / 24],
      ['+1d', DAY_MS],
      ['-1d', -DAY_MS],
    ] as const) {
      setClock(offset);
      await clockShows(aheadMs);
      // Deadlines, and how long a batch may take, go by the time that passed.
      for (let time = 0; time < 20; time++) expect(await predict()).toMatchObject({ status: 200 });
      probability -= 0.1;
      expect(await split(probability)).toMatchObject({ status: 200 });
      await stream.first<{ actual: { canaryProbability: number } }>(
        'deployment',
        ({ actual }) => actual.canaryProbability === probability,
      );
    }
    stream.close();
    expect(await runner()).toMatchObject({ pid: before.pid, restarts: 0, state: 'ready' });
    const events = await trail(3);
    expect(events.map(({ action }) => action)).toEqual(['set-split', 'set-split', 'set-split']);
    const sequences = events.map(({ sequence }) => sequence);
    expect(sequences).toEqual([...sequences].sort((a, b) => b - a));
    const [last = '', middle = ''] = events.map(({ at }) => at);
    expect(Date.parse(middle) - Date.parse(last)).toBeGreaterThan(1.9 * DAY_MS);
    expect((await ask('/audit/verify')).json).toMatchObject({ ok: true });
  });

  onAnotherClock('decides by the time that it shows whether a token has expired', async () => {
    await start();
    const expiresAt = new Date(Date.now() + DAY_MS / 2).toISOString();
    const created = await ask('/tokens', { name: 'half a day', scopes: ['predict'], expiresAt });
    const { token } = created.json as { token: string };
    expect((await predict(token)).status).toBe(200);
    setClock('+1d');
    await clockShows(DAY_MS);
    expect((await predict(token)).status).toBe(401);
    setClock('+0');
    await clockShows(0);
    expect((await predict(token)).status).toBe(200);
  });

  onAnotherClock('over the hour that a summer ends twice is an hour like any other', async () => {
    await start({ TZ: 'Europe/Berlin' });
    // 2026-10-25, 02:59:57 for the first time; at 03:00 it is 02:00 again.
    setClock(String(Math.round((Date.parse('2026-10-25T00:59:57Z') - Date.now()) / 1000)));
    await clockShows(Date.parse('2026-10-25T00:59:57Z') - Date.now());
    const until = performance.now() + 5_000;
    while (performance.now() < until) expect((await predict()).status).toBe(200);
    await split(0.5);
    expect((await trail(1))[0]?.at).toMatch(/^2026-10-25T01:00:0\d\.\d+Z$/);
  });
});
