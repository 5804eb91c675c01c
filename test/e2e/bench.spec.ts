import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { text } from 'node:stream/consumers';

/** The bench itself: that it still starts its peers and compares their answers, and that it leaves nothing behind. */

/** In the environment of everything that the bench starts, so that it can be found whatever became of its parent. */
const MARK = 'BENCH_TEST_MARK';

let mark: string;
let bench: ChildProcess;

beforeEach(() => {
  mark = randomUUID();
});

afterEach(async () => {
  if (bench.exitCode === null && bench.signalCode === null) {
    bench.kill('SIGTERM');
    await once(bench, 'exit');
  }
});

function start(...args: readonly string[]) {
  const child = spawn(process.execPath, ['--no-warnings', '--import', 'tsx', 'bench/run.ts', ...args], {
    env: { ...process.env, [MARK]: mark },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  bench = child;
  return { output: text(child.stdout), errors: text(child.stderr), ended: once(child, 'exit') };
}

const ofProcess = (pid: number, file: string): string => {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    // It has ended meanwhile.
    return '';
  }
};

const processes = (): number[] =>
  readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number);

/** Processes of the bench that run, itself not counted. */
const started = (): number[] =>
  processes().filter((pid) => pid !== bench.pid && ofProcess(pid, 'environ').includes(`${MARK}=${mark}`));

/** Runners that a server of the bench started; their environment is not the bench's. */
function runners(): number[] {
  const parents = started();
  return processes().filter(
    (pid) =>
      ofProcess(pid, 'cmdline').includes('apps/runner/main.js') &&
      parents.includes(Number(/\nPPid:\t(\d+)/.exec(ofProcess(pid, 'status'))?.[1])),
  );
}

const isRunning = (pid: number): boolean => ofProcess(pid, 'cmdline') !== '';

/** What the bench, which has ended, kept in the temporary folder. */
const leftOver = (): string[] =>
  readdirSync(tmpdir()).filter((name) => name.startsWith(`understudy-bench-${bench.pid}-`));

const onLinux = process.platform === 'linux' ? it : it.skip;

describe('npm run bench', () => {
  it('starts every peer that needs no Python and finds every answer right', async () => {
    const { output, errors, ended } = start('--only', 'smoke');
    const [code] = (await ended) as [number | null];
    expect({ code, errors: code === 0 ? '' : await errors }).toEqual({ code: 0, errors: '' });
    const right = (await output).split('\n').filter((line) => line.endsWith('every answer right'));
    expect(right).toEqual([
      '- no-op node:http, predict: every answer right',
      '- no-op node:http, invocations: every answer right',
      '- no-op node:http, v2: every answer right',
      '- node:http + onnxruntime in line, predict: every answer right',
      '- naive Nest (Express, ValidationPipe, in line), predict: every answer right',
      '- Understudy, predict: every answer right',
      '- Understudy, invocations: every answer right',
      '- Understudy, v2: every answer right',
    ]);
    expect(leftOver()).toEqual([]);
  });

  onLinux('leaves no process and no folder behind when it is told to stop', async () => {
    const { ended } = start('--only', 'candidates');
    let found: number[] = [];
    while (found.length === 0 && bench.exitCode === null) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      found = runners();
    }
    bench.kill('SIGINT');
    expect(await ended).toEqual([130, null]);
    expect(found).not.toEqual([]);
    expect([...started(), ...found.filter(isRunning)]).toEqual([]);
    expect(leftOver()).toEqual([]);
  });

  it('says what can be measured alone when it is asked for something else', async () => {
    const { errors, ended } = start('--only', 'speed');
    expect(await ended).toEqual([2, null]);
    expect(await errors).toMatch(/^there is no part "speed"\n[^]*\n {2}overload +5 times the load/);
  });
});
