import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { countingModel } from '../support/onnx/misbehaving-models';
import { constantModel, heavyModel } from '../support/onnx/models';
import { ModelFolder } from '../support/model-folder';
import { needs } from '../support/needs';
import { gone } from '../support/running-server';
import { ServerProcess } from '../support/server-process';
import { temporaryFolder } from '../support/temporary-folder';
import { SERVER_FLAGS } from '../../tools/server-flags.mjs';

/** The built server as a process: its settings, its signals, and what it leaves behind. */

const ROW = JSON.stringify({ data: [[5.1, 3.5, 1.4, 0.2]] });

let models: ModelFolder;
let data: ReturnType<typeof temporaryFolder>;
let server: ServerProcess | undefined;

const environment = (more: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  PORT: '0',
  UNDERSTUDY_REGISTRY_DIR: models.path,
  UNDERSTUDY_DATA_DIR: data.path,
  ...more,
});

beforeEach(() => {
  models = new ModelFolder();
  models.publish('tracking-quickstart', 1, constantModel(1));
  data = temporaryFolder('data');
});

afterEach(async () => {
  server?.signal('SIGKILL');
  await server?.exited();
  server = undefined;
  data.remove();
  models.remove();
});

async function predict(url: string, body = ROW): Promise<Response> {
  return fetch(`${url}/predict`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
}

async function untilReady(url: string): Promise<void> {
  while (!(await fetch(`${url}/readyz`)).ok) await new Promise((resolve) => setTimeout(resolve, 20));
}

interface StatusBody {
  readonly current: { readonly runner: { readonly pid: number } };
}

const runnerPid = async (url: string): Promise<number> =>
  ((await (await fetch(`${url}/status`)).json()) as StatusBody).current.runner.pid;

describe('settings that cannot be', () => {
  it('are all told at once, and the server does not start', async () => {
    server = new ServerProcess({
      environment: environment({
        PORT: 'x',
        UNDERSTUDY_LOAD_TIMEOUT_MS: '-1',
        MLFLOW_TRACKING_URI: 'sqlite:///mlflow.db',
      }),
    });
    expect(await server.exited()).toEqual({ code: 2, signal: null });
    expect(server.errors.join('\n')).toMatch(
      /^Understudy cannot start with these settings:\n {2}PORT: expected a whole number from 0 to 65535; got "x"\n {2}MLFLOW_TRACKING_URI: expected http.*\n {2}UNDERSTUDY_LOAD_TIMEOUT_MS: expected a whole number/,
    );
  });

  it('[case 132] include listening to other machines with no token that anybody could come in by', async () => {
    server = new ServerProcess({ environment: environment({ HOST: '0.0.0.0' }) });
    expect(await server.exited()).toEqual({ code: 1, signal: null });
    expect(server.errors.join('\n')).toMatch(/HOST: 0.0.0.0 can be reached from other machines/);
    server = new ServerProcess({ environment: environment({ HOST: '0.0.0.0', UNDERSTUDY_AUTH: 'none' }) });
    await server.url();
  });

  it('are told in the log where a name is that of no setting', async () => {
    server = new ServerProcess({ environment: environment({ UNDERSTUDY_WORKER: '2' }) });
    await server.url();
    expect(server.lines.filter((line) => line.includes('"variables":["UNDERSTUDY_WORKER"]'))).toHaveLength(1);
  });

  it('[case 151] never show a secret', async () => {
    server = new ServerProcess({
      environment: environment({ MLFLOW_TRACKING_TOKEN: '   ', MLFLOW_TRACKING_PASSWORD: 'hunter2-canary', PORT: 'x' }),
    });
    await server.exited();
    expect([...server.lines, ...server.errors].join('\n')).not.toContain('hunter2-canary');
  });
});

describe('what another server has', () => {
  it('ends the second server with a sentence: the port', async () => {
    server = new ServerProcess({ environment: environment() });
    const { port } = new URL(await server.url());
    const other = { PORT: port, UNDERSTUDY_DATA_DIR: join(data.path, 'other') };
    const second = new ServerProcess({ environment: environment(other) });
    expect(await second.exited()).toEqual({ code: 1, signal: null });
    expect(second.errors.join('\n')).toBe(
      `Understudy cannot start: another program listens at 127.0.0.1, port ${port}. Set PORT to another one, or to 0 for any that is free`,
    );
  });

  it('[case 116] ends the second server with a sentence: the embedded database', async () => {
    server = new ServerProcess({ environment: environment() });
    await server.url();
    const second = new ServerProcess({ environment: environment() });
    expect(await second.exited()).toEqual({ code: 1, signal: null });
    expect(second.errors.join('\n')).toMatch(
      new RegExp(`^Understudy cannot start: Another server \\(process ${server.pid}\\) has the embedded database open`),
    );
  });
});

/** Twenty predictions that take a while, on their way when this returns. */
async function manyUnderWay(url: string): Promise<{ readonly statuses: Promise<number[]> }> {
  const rows = JSON.stringify({ data: Array.from({ length: 400 }, () => [1, 2, 3, 4]) });
  const statuses = Promise.all(Array.from({ length: 20 }, async () => (await predict(url, rows)).status));
  await new Promise((resolve) => setTimeout(resolve, 30));
  return { statuses };
}

describe('SIGTERM', () => {
  it('[case 111] finishes requests under way, ends the runners and exits with 0', async () => {
    models.publish('tracking-quickstart', 1, heavyModel(1500));
    server = new ServerProcess({ environment: environment() });
    const url = await server.url();
    await untilReady(url);
    const pid = await runnerPid(url);
    const underWay = await manyUnderWay(url);
    server.signal('SIGTERM');
    expect(new Set(await underWay.statuses)).toEqual(new Set([200]));
    expect(await server.exited()).toEqual({ code: 0, signal: null });
    await gone(pid);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    '[case 111] %s for the whole group, as from a service manager or a terminal, leaves the runners to the server',
    async (signal) => {
      models.publish('tracking-quickstart', 1, heavyModel(1500));
      server = new ServerProcess({ environment: environment(), ownGroup: true });
      const url = await server.url();
      await untilReady(url);
      const pid = await runnerPid(url);
      const underWay = await manyUnderWay(url);
      server.signalGroup(signal);
      expect(new Set(await underWay.statuses)).toEqual(new Set([200]));
      expect(await server.exited()).toEqual({ code: 0, signal: null });
      expect(server.lines.filter((line) => line.includes('A runner ended'))).toEqual([]);
      await gone(pid);
    },
  );

  it('[case 111] during a load ends the load too', async () => {
    server = new ServerProcess({ environment: environment() });
    const url = await server.url();
    await untilReady(url);
    models.publish('heavy', 1, heavyModel(3000));
    const load = fetch(`${url}/update-model`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"model_uri":"models:/heavy/1"}',
    }).then(
      (response) => response.status,
      () => 'cut',
    );
    await new Promise((resolve) => setTimeout(resolve, 100));
    server.signal('SIGTERM');
    server.signal('SIGTERM');
    await load;
    expect(await server.exited()).toEqual({ code: 0, signal: null });
  });

  it('[case 111] told a second time ends it at once, whatever is under way', async () => {
    models.publish('tracking-quickstart', 1, countingModel(1));
    server = new ServerProcess({ environment: environment() });
    const url = await server.url();
    await untilReady(url);
    const pid = await runnerPid(url);
    const underWay = predict(url, JSON.stringify({ data: [[2 ** 31 - 1]] })).then(
      ({ status }) => status,
      () => 'cut',
    );
    // What comes soon after the first is the same wish, so it is told until it ends.
    const telling = setInterval(() => server?.signal('SIGTERM'), 100);
    const ended = await server.exited();
    clearInterval(telling);
    expect(ended).toEqual({ code: 143, signal: null });
    expect(await underWay).toBe('cut');
    expect(server.lines.join('\n')).toContain('Told to end a second time');
    await gone(pid);
  });

  it('[case 111] while the server is still starting ends it at once', async () => {
    const mute = createServer().listen(0, '127.0.0.1');
    await once(mute, 'listening');
    const { port } = mute.address() as AddressInfo;
    const asked = once(mute, 'connection');
    server = new ServerProcess({ environment: environment({ DATABASE_URL: `postgres://u@127.0.0.1:${port}/db` }) });
    const [socket] = (await asked) as [Socket];
    server.signal('SIGTERM');
    expect(await server.exited()).toEqual({ code: 0, signal: null });
    expect(server.lines.join('\n')).toContain('Ended before it served');
    socket.destroy();
    mute.close();
  });

  it('[case 111] writes the statistics of the last minute before it ends', async () => {
    const requests = async (url: string): Promise<number> => {
      const { arms } = (await (await fetch(`${url}/deployments/default/statistics`)).json()) as {
        arms: { requests: number }[];
      };
      return arms.reduce((sum, arm) => sum + arm.requests, 0);
    };
    server = new ServerProcess({ environment: environment() });
    const url = await server.url();
    await untilReady(url);
    for (let time = 0; time < 3; time++) await predict(url);
    server.signal('SIGTERM');
    expect(await server.exited()).toEqual({ code: 0, signal: null });
    server = new ServerProcess({ environment: environment() });
    const again = await server.url();
    await untilReady(again);
    await predict(again);
    expect(await requests(again)).toBe(4);
  });
});

describe('standard output that nobody reads', () => {
  const dropped = async (url: string): Promise<number> =>
    Number(/^understudy_log_lines_dropped_total (\d+)$/m.exec(await (await fetch(`${url}/metrics`)).text())?.[1]);

  /** Asks for what is not there until lines are left out. */
  async function flood(url: string): Promise<void> {
    const path = `/${'x'.repeat(8000)}`;
    while ((await dropped(url)) === 0)
      await Promise.all(Array.from({ length: 100 }, async () => (await fetch(url + path)).arrayBuffer()));
  }

  it('[case 128] holds up neither predictions nor probes: lines are left out and counted', async () => {
    server = new ServerProcess({ environment: environment() });
    const url = await server.url();
    await untilReady(url);
    server.stopReading();
    await flood(url);
    expect((await predict(url)).status).toBe(200);
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    server.readAgain();
    const said = (): boolean => server!.lines.some((line) => line.includes('Log lines were left out'));
    while (!said()) await new Promise((resolve) => setTimeout(resolve, 20));
    const line = server.lines.find((one) => one.includes('Log lines were left out'))!;
    expect((JSON.parse(line) as { lines: number }).lines).toBeGreaterThan(0);
    for (const one of server.lines) JSON.parse(one);
  });

  it('[case 128] [case 111] does not keep the server from ending', async () => {
    server = new ServerProcess({ environment: environment() });
    const url = await server.url();
    await untilReady(url);
    const pid = await runnerPid(url);
    server.stopReading();
    await flood(url);
    server.signal('SIGTERM');
    await gone(pid);
    await gone(server.pid);
    server.readAgain();
    expect(await server.exited()).toEqual({ code: 0, signal: null });
  });
});

describe('a start', () => {
  it('is spared the compiling, which the build has done', () => {
    const program = pathToFileURL(join(process.cwd(), 'dist', 'apps', 'server', 'main.js')).href;
    const code = `const { isFromKept } = await import('${program}'); console.log(isFromKept); process.exit();`;
    const { stdout } = spawnSync(process.execPath, [...SERVER_FLAGS, '--input-type=module', '--eval', code], {
      encoding: 'utf8',
      env: environment(),
    });
    expect(stdout).toBe('true\n');
  });
});

describe('kill -9', () => {
  it('[case 110] of the server leaves no runner behind, and the next start answers again', async () => {
    server = new ServerProcess({ environment: environment() });
    const url = await server.url();
    await untilReady(url);
    const pid = await runnerPid(url);
    server.signal('SIGKILL');
    await server.exited();
    await gone(pid);
    server = new ServerProcess({ environment: environment() });
    const again = await server.url();
    await untilReady(again);
    expect(await (await predict(again)).json()).toEqual({ predictions: [1], model_used: 'current' });
  });
});

describe('a runner', () => {
  const strace = needs('strace', 'Install it (Debian: apt-get install strace) to see that runners call nobody.');

  strace('calls nobody and writes nothing at home: onnxruntime would send usage data', async () => {
    const home = temporaryFolder('home');
    const trace = join(home.path, 'trace');
    mkdirSync(join(home.path, 'user'));
    mkdirSync(join(home.path, 'tmp'));
    server = new ServerProcess({
      // No CI variable here: the library is silent by itself where there is one.
      environment: environment({ HOME: join(home.path, 'user'), TMPDIR: join(home.path, 'tmp') }),
      under: ['strace', '-f', '-qq', '-e', 'trace=connect,sendto,socket', '-o', trace],
    });
    const url = await server.url();
    await untilReady(url);
    await predict(url);
    await new Promise((resolve) => setTimeout(resolve, 3000));
    server.signal('SIGTERM');
    await server.exited();
    const calls = readFileSync(trace, 'utf8').split('\n');
    expect(calls.some((call) => call.includes('AF_UNIX'))).toBe(true);
    expect(calls.filter((call) => /AF_INET6?/.test(call) && !isLoopbackOrListening(call))).toEqual([]);
    expect(readdirSync(join(home.path, 'user'))).toEqual([]);
    expect(readdirSync(join(home.path, 'tmp')).filter((name) => !name.startsWith('understudy-'))).toEqual([]);
    home.remove();
  });

  strace('would be caught if it did: the same library with its usage data left on', () => {
    const home = temporaryFolder('home');
    const script = `
      const ort = require('onnxruntime-node');
      ort.InferenceSession.create(process.argv[1]).then(() => setTimeout(() => process.exit(), 3000));
    `;
    const model = join(models.path, 'tracking-quickstart', '1', 'model.onnx');
    spawnSync(process.execPath, ['-e', script, model], {
      cwd: process.cwd(),
      env: { PATH: process.env['PATH'], HOME: home.path, TMPDIR: home.path },
    });
    const left = readdirSync(home.path);
    home.remove();
    expect(left).not.toEqual([]);
  });
});

/** Sockets that the server itself opens to listen, and what this test asks it over loopback. */
function isLoopbackOrListening(call: string): boolean {
  return call.includes('socket(AF_INET') || /127\.0\.0\.1|::1/.test(call);
}

describe('the data folder', () => {
  it('holds the model files under their digest, for this user only', async () => {
    server = new ServerProcess({ environment: environment() });
    await untilReady(await server.url());
    const versions = join(data.path, 'models', 'versions');
    const [digest] = readdirSync(versions);
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(existsSync(join(versions, digest!, 'files', 'model.onnx'))).toBe(true);
  });
});
