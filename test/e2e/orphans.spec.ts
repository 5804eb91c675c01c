import { readdirSync, readFileSync } from 'node:fs';
import { countingModel, endlessModel } from '../support/onnx/misbehaving-models';
import { constantModel } from '../support/onnx/models';
import { ModelFolder } from '../support/model-folder';
import { ServerProcess } from '../support/server-process';
import { temporaryFolder } from '../support/temporary-folder';

/** A server that is killed leaves no runner behind, whatever the runner is doing. */

let models: ModelFolder;
let data: ReturnType<typeof temporaryFolder>;
let server: ServerProcess;

beforeEach(() => {
  models = new ModelFolder();
  data = temporaryFolder('data');
});

afterEach(async () => {
  server.signal('SIGKILL');
  await server.exited();
  data.remove();
  models.remove();
});

function start(): void {
  server = new ServerProcess({
    environment: { PORT: '0', UNDERSTUDY_REGISTRY_DIR: models.path, UNDERSTUDY_DATA_DIR: data.path },
  });
}

async function untilReady(): Promise<string> {
  const url = await server.url();
  while (!(await fetch(`${url}/readyz`)).ok) await new Promise((resolve) => setTimeout(resolve, 20));
  return url;
}

/** Waits until a runner has used this much of a processor: it is busy in native code then. */
async function untilBusy(pid: number, seconds: number): Promise<void> {
  while (processorSeconds(pid) < seconds) await new Promise((resolve) => setTimeout(resolve, 20));
}

const statOf = (pid: number): string[] => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');

function processorSeconds(pid: number): number {
  const [user, system] = statOf(pid).slice(11, 13);
  return (Number(user) + Number(system)) / 100;
}

function children(): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => {
      try {
        return Number(statOf(pid)[1]) === server.pid;
      } catch {
        return false;
      }
    });
}

/** A process that has ended stays as a zombie until the system's first process takes notice, which may be seconds later. */
function isRunning(pid: number): boolean {
  try {
    return statOf(pid)[0] !== 'Z';
  } catch {
    return false;
  }
}

async function expectNoOrphans(runners: readonly number[]): Promise<void> {
  expect(runners).not.toEqual([]);
  const startedMs = performance.now();
  server.signal('SIGKILL');
  await server.exited();
  while (runners.some(isRunning) && performance.now() - startedMs < 2_000) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const orphans = runners.filter(isRunning);
  // One that hangs would eat a processor for ever.
  for (const pid of orphans) process.kill(pid, 'SIGKILL');
  expect(orphans).toEqual([]);
}

describe('[case 110] after kill -9 of the server', () => {
  it('a runner that waits for requests is gone', async () => {
    models.publish('tracking-quickstart', 1, constantModel(1));
    start();
    await untilReady();
    await expectNoOrphans(children());
  });

  it('a runner that hangs in a request is gone', async () => {
    models.publish('tracking-quickstart', 1, countingModel());
    start();
    const url = await untilReady();
    const [runner] = children();
    const hanging = fetch(`${url}/predict`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"data":[[1e12]]}',
    }).catch(() => undefined);
    await untilBusy(runner!, processorSeconds(runner!) + 0.5);
    await expectNoOrphans(children());
    await hanging;
  });

  it('a runner that hangs while it is loading is gone', async () => {
    models.publish('tracking-quickstart', 1, endlessModel());
    start();
    await server.url();
    let [runner] = children();
    for (; runner === undefined; [runner] = children()) await new Promise((resolve) => setTimeout(resolve, 20));
    // Past its start, which takes a tenth of that.
    await untilBusy(runner, 1.5);
    await expectNoOrphans([runner]);
  });
});
