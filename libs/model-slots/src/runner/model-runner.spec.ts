import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Clock, Logger } from '@understudy/platform';
import { ModelRunner } from './model-runner';
import { WaitingRoom } from './waiting-room';
import type { RunnerFacts } from './runner-messages';

/** A clock that does not wait, but for the rests that a test lets go by itself. */
class PatientClock extends Clock {
  readonly pausesMs: number[] = [];
  readonly rests: (() => void)[] = [];

  override now(): Date {
    return new Date();
  }

  override monotonicMs(): number {
    return performance.now();
  }

  override async sleep(ms: number): Promise<void> {
    this.pausesMs.push(ms);
    if (ms >= 60_000) await new Promise<void>((resolve) => this.rests.push(resolve));
  }
}

const FACTS: RunnerFacts = {
  signature: { inputs: [], outputs: [], source: 'onnx' },
  classNames: null,
  outputsLeftOut: [],
  graph: 'optimised',
  batching: { batched: false, because: 'it has no inputs' },
  warmedWith: 'zeros',
  timings: [],
};

/** A process that says it is ready, and ends soon after unless there is a file "well" beside it. */
const PROGRAM = `
  const { existsSync } = require('node:fs');
  const { createServer } = require('node:net');
  process.on('disconnect', () => process.exit());
  process.on('message', ({ socketPath }) => {
    createServer(() => undefined).listen(socketPath, () => {
      process.send({ type: 'ready', facts: ${JSON.stringify(FACTS)} });
      if (!existsSync(__dirname + '/well')) setTimeout(() => process.exit(3), 30);
    });
  });
`;

let folder: string;
let clock: PatientClock;
let runner: ModelRunner;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'test-runner-'));
  writeFileSync(join(folder, 'program.cjs'), PROGRAM);
  clock = new PatientClock();
  let sockets = 0;
  runner = new ModelRunner(
    {
      label: 'models:/iris/1',
      program: { path: join(folder, 'program.cjs'), environment: {} },
      command: {
        type: 'load',
        modelPath: '',
        directory: '',
        declared: undefined,
        featureNames: undefined,
        examplePath: null,
        execution: { threads: 1, provider: 'cpu', optimization: 'all' },
        optimizedGraphs: null,
        maxOutputBytes: 1024,
        memoryLimitBytes: 2 ** 30,
      },
      newSocketPath: () => join(folder, `${++sockets}.sock`),
      loadTimeoutMs: 10_000,
      requestTimeoutMs: 30_000,
      runTimeoutMs: undefined,
      queue: { requests: 10, rows: 10, bytes: 10 },
      replicas: 1,
      shared: false,
      onChange: () => undefined,
      room: new WaitingRoom(1024),
    },
    Logger.silent(),
    clock,
  );
});

afterEach(async () => {
  for (const wake of clock.rests) wake();
  await runner.end(0);
  rmSync(folder, { recursive: true });
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}

it('[case 79] is given up after six restarts in a row, tried again after a minute, and back when that helps', async () => {
  expect(await runner.start(() => undefined)).toMatchObject({ ok: true });
  await until(() => runner.status.state === 'failed');
  expect(runner.status).toMatchObject({ restarts: 6, pid: null, lastProblem: 'its process ended (exit code 3)' });
  expect(await runner.infer([], 1, performance.now() + 1_000)).toMatchObject({ ok: false, code: 'model-not-ready' });
  await until(() => clock.rests.length === 1);

  clock.rests[0]!();
  await until(() => clock.rests.length === 2);
  expect(runner.status).toMatchObject({ state: 'failed', restarts: 7 });

  writeFileSync(join(folder, 'well'), '');
  clock.rests[1]!();
  await until(() => runner.status.state === 'ready');
  expect(runner.status.restarts).toBe(8);
  expect(clock.pausesMs).toEqual([100, 500, 2_000, 5_000, 10_000, 60_000, 60_000]);
}, 30_000);

it('says how a process ended that could not even begin', async () => {
  const started = await runner.start(() => undefined);
  expect(started.ok).toBe(true);
  rmSync(join(folder, 'program.cjs'));
  await until(() => runner.status.state === 'failed');
  expect(runner.status.lastProblem).toBe('its process ended (exit code 1)');
}, 30_000);
