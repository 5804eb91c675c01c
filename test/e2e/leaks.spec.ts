import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { exchange } from '../support/exchange';
import { EVERY_PROTOCOL } from '../support/every-protocol';
import { ModelFolder } from '../support/model-folder';
import { constantModel, lookupModel, twoInputModel } from '../support/onnx/models';
import { RunningServer } from '../support/running-server';
import { ServerProcess } from '../support/server-process';
import { temporaryFolder } from '../support/temporary-folder';

/** What must not come out: files that are not to be served, the data of predictions, the inside of the processes. */

describe('[case 148] files', () => {
  let server: RunningServer;

  beforeAll(async () => {
    server = await RunningServer.start();
  });

  afterAll(async () => {
    await server.stop();
  });

  it.each([
    '/dashboard/..%2f..%2fpackage.json',
    '/dashboard/assets/..%2findex.html',
    '/dashboard/assets/..%2f..%2f..%2f..%2fpackage.json',
    '/dashboard/assets/../../../../package.json',
    '/dashboard/assets/%2e%2e/%2e%2e/%2e%2e/package.json',
    '/dashboard/assets/..%5c..%5c..%5cpackage.json',
    '/dashboard/assets/%252e%252e%252findex.html',
    '/dashboard/assets//etc/passwd',
    '/dashboard/assets/.env',
    '/dashboard/assets/',
    '/dashboard/icon.svg/..%2findex.html',
    '/docs/..%2f..%2fpackage.json',
    '/docs/.env',
    '/docs/package.json',
    '/docs/index.html',
    '/docs/swagger-ui-bundle.js.map',
    '/docs/oauth2-redirect.html',
    '/.env',
    '/.git/config',
    '/package.json',
    '/..%2fpackage.json',
  ])('%s is none', async (path) => {
    const answer = await exchange(`${server.url}${path}`);
    // Below /dashboard every address that is no file is the one page, which reads the address itself.
    const isPage = answer.status === 200 && answer.text.includes('<div id="root">');
    expect([path, isPage || answer.status === 400 ? 404 : answer.status]).toEqual([path, 404]);
    expect(answer.text).not.toMatch(/"dependencies"|root:x:|repositoryformatversion/);
  });

  it('of Swagger UI are those of its page', async () => {
    const { text } = await exchange(`${server.url}/docs`);
    const files = [...text.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(([, file]) => file as string);
    expect(files.length).toBeGreaterThan(4);
    for (const file of files) expect([file, (await exchange(`${server.url}/${file}`)).status]).toEqual([file, 200]);
  });

  it('of the dashboard have no source maps', async () => {
    const { text } = await exchange(`${server.url}/dashboard/`);
    const [script] = /\/dashboard\/assets\/[\w-]+\.js/.exec(text) ?? [];
    const served = await exchange(`${server.url}${script ?? ''}`);
    expect([served.status, served.headers['content-type']]).toEqual([200, expect.stringContaining('javascript')]);
    expect(served.text).not.toContain('sourceMappingURL');
    expect((await exchange(`${server.url}${script ?? ''}.map`)).status).toBe(404);
  });
});

describe('[case 154] what is predicted on', () => {
  it('is in no line of the log, at any level, whatever becomes of the request', async () => {
    const models = new ModelFolder();
    models.publish('tracking-quickstart', 1, constantModel(1));
    models.publish('texts', 1, twoInputModel());
    models.publish('lookup', 1, lookupModel());
    const server = await RunningServer.start({
      settings: { UNDERSTUDY_REGISTRY_DIR: models.path, UNDERSTUDY_LOG_LEVEL: 'debug' },
    });
    try {
      for (const name of ['texts', 'lookup'])
        await server.http.put(`/deployments/${name}`).send({ current: `models:/${name}/1` });
      await server.until(async () => (await server.http.get('/deployments/lookup')).body.actual?.current !== null);
      const statuses = new Set<number>();
      const ask = async (path: string, body: object | string): Promise<void> => {
        const answer = await server.http.post(path).set('Content-Type', 'application/json').send(body);
        statuses.add(answer.status);
      };
      for (const { path, ask: bodyOf } of EVERY_PROTOCOL) {
        await ask(path, bodyOf([[918273645, 1, 2, 3]]));
        await ask(path, JSON.stringify(bodyOf([[918273645, 1, 2, 3]])).replace('3]', '"canary-in-a-row"]'));
        await ask(path, `${JSON.stringify(bodyOf([[1, 2, 3, 918273645]]))} canary-in-a-row`);
      }
      await ask('/deployments/texts/predict', { data: [{ age: 918273645, city: 'canary-in-a-row' }] });
      await ask('/deployments/texts/predict', { data: [{ age: 'canary-in-a-row', city: 'x' }] });
      // Fails in the model itself, which names the value in its error.
      await ask('/deployments/lookup/predict', { data: [918273645] });
      expect([...statuses].sort()).toEqual([200, 400, 422, 500]);
      const lines = server.log.map((line) => JSON.stringify(line));
      expect(lines.length).toBeGreaterThan(5);
      expect(lines.filter((line) => /canary-in-a-row|918273645/.test(line))).toEqual([]);
    } finally {
      await server.stop();
      models.remove();
    }
  });
});

const onLinux = process.platform === 'linux' ? describe : describe.skip;

onLinux('[case 156] the debugger of Node', () => {
  it('opens neither in the server nor in a runner when they are signalled', async () => {
    const data = temporaryFolder('data');
    const models = new ModelFolder();
    models.publish('tracking-quickstart', 1, constantModel(1));
    const server = new ServerProcess({
      environment: { PORT: '0', UNDERSTUDY_DATA_DIR: data.path, UNDERSTUDY_REGISTRY_DIR: models.path },
    });
    try {
      const url = await server.url();
      while (!(await fetch(`${url}/readyz`)).ok) await once(AbortSignal.timeout(20), 'abort');
      const { current } = (await (await fetch(`${url}/status`)).json()) as { current: { runner: { pid: number } } };
      const { pid } = current.runner;
      server.signal('SIGUSR1');
      process.kill(pid, 'SIGUSR1');
      // As long as an ordinary process of Node takes to open its own.
      await openedByAnother();
      expect(listening(server.pid)).toEqual([Number(new URL(url).port)]);
      expect(listening(pid)).toEqual([]);
      const body = '{"data":[[1,2,3,4]]}';
      const answer = await fetch(`${url}/predict`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body,
      });
      expect(await answer.json()).toEqual({ predictions: [1], model_used: 'current' });
    } finally {
      server.signal('SIGKILL');
      await server.exited();
      data.remove();
      models.remove();
    }
  });
});

/** Signals a plain process of Node, which does open the debugger, and waits for it. */
async function openedByAnother(): Promise<void> {
  const script = `console.log('up'); setInterval(() => undefined, 1000)`;
  const other = spawn(process.execPath, ['--inspect-port=0', '-e', script], { stdio: ['ignore', 'pipe', 'pipe'] });
  try {
    await once(other.stdout, 'data');
    other.kill('SIGUSR1');
    expect(String((await once(other.stderr, 'data'))[0])).toContain('Debugger listening');
  } finally {
    other.kill('SIGKILL');
    await once(other, 'exit');
  }
}

/** The TCP ports that a process listens at. */
function listening(pid: number): number[] {
  const sockets = new Set(
    readdirSync(`/proc/${pid}/fd`).map((descriptor) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${descriptor}`))?.[1];
      } catch {
        // It was closed meanwhile.
        return undefined;
      }
    }),
  );
  return ['tcp', 'tcp6']
    .flatMap((kind) => readFileSync(`/proc/${pid}/net/${kind}`, 'utf8').split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , state, , , , , , inode]) => state === '0A' && sockets.has(inode))
    .map(([, local]) => Number.parseInt(local?.split(':')[1] ?? '', 16));
}
