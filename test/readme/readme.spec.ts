import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readConfiguration } from '@understudy/platform';
import { ServerProcess } from '../support/server-process';
import { temporaryFolder } from '../support/temporary-folder';
import { commandsOf, readmeBlock, readmeBlocks } from './support/blocks.mjs';
import { ForegroundCommand, shell } from './support/shell';

/** Every code block of the README is run, as it stands but for ports, folders and addresses. */

const PREDICTION = JSON.stringify({ data: [[5.1, 3.5, 1.4, 0.2]] });

/** Who runs the blocks of a kind. */
const RUN_BY: Readonly<Record<string, string>> = {
  start: 'test/readme/readme.spec.ts',
  tests: 'test/readme/readme.spec.ts',
  embedded: 'test/readme/readme.spec.ts',
  settings: 'test/readme/readme.spec.ts',
  cleanup: 'test/readme/readme.spec.ts',
  mlflow: 'test/mlflow/readme.spec.ts',
  training: 'test/mlflow/readme.spec.ts',
  compose: 'test/images/journey.mjs',
};

it.each(readmeBlocks())('somebody runs the block: $language $kind', ({ kind }) => {
  const runner = RUN_BY[kind];
  expect([kind, runner]).toEqual([kind, expect.any(String)]);
  expect(readFileSync(runner!, 'utf8')).toContain(`readmeBlock('${kind}')`);
});

describe('the first command', () => {
  const clone = temporaryFolder('clone');
  let server: ForegroundCommand | undefined;

  beforeAll(() => {
    // What a clone would have: the files that git knows, as they are now.
    const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' });
    for (const file of files.trim().split('\n')) {
      mkdirSync(dirname(join(clone.path, file)), { recursive: true });
      cpSync(file, join(clone.path, file));
    }
  });

  afterAll(async () => {
    await server?.interrupt();
    clone.remove();
  });

  it('leads a newcomer to the first right prediction', async () => {
    const before = readdirSync(clone.path);
    server = new ForegroundCommand(readmeBlock('start'), { cwd: clone.path, environment: { PORT: '0' } });
    const url = await server.url(240_000);
    const answer = await shell(`curl --silent --fail --retry 5 --json '${PREDICTION}' ${url}/predict`);
    expect(answer).toBe('{"predictions":[0],"model_used":"current"}');
    await server.interrupt();
    await shell(readmeBlock('cleanup'), { cwd: clone.path });
    expect(readdirSync(clone.path)).toEqual(before);
  }, 300_000);
});

it('the second command is the one that runs this', () => {
  expect(readmeBlock('tests').trim()).toBe('npm ci && npm test');
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
  expect(scripts['test']).toMatch(/ unit dashboard store e2e mlflow clients readme$/);
});

describe('the canary on the embedded default', () => {
  const data = temporaryFolder('readme-data');
  let server: ServerProcess;
  let address: string;

  beforeAll(async () => {
    server = new ServerProcess({ environment: { PORT: '0', UNDERSTUDY_DATA_DIR: data.path } });
    address = (await server.url()).replace('http://', '');
    await shell(`curl --silent --fail --retry 5 http://${address}/readyz`);
  });

  afterAll(async () => {
    server.signal('SIGTERM');
    await server.exited();
    data.remove();
  });

  it.each(commandsOf(readmeBlock('embedded')))('$command', async ({ command, answer }) => {
    expect(await shell(command.replace('localhost:8000', address))).toBe(answer);
  });
});

it('the settings are settings', () => {
  const environment = Object.fromEntries(
    readmeBlock('settings')
      .trim()
      .split('\n')
      .map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string]),
  );
  const read = readConfiguration(environment, { bundledModels: 'models', runner: 'runner', onTerminal: false });
  expect(read).toMatchObject({ ok: true, configuration: { http: { port: 8000, requestTimeoutMs: 2000 } } });
});
