import type { FrameTensor, Tensor } from '@understudy/inference';
import { setImmediate as turn } from 'node:timers/promises';
import type { QueueLimits } from './admission';
import { Batcher } from './batcher';
import type { InferenceOutcome } from './inference-outcome';
import type { OnRun } from './lane';
import type { RunResult } from './runner-channel';
import type { RunnerEnd } from './runner-end';
import type { Batching } from './runner-messages';
import { waitingRequest } from './waiting-request';

const BATCHED: Batching = { batched: true, maxRows: 8, oneRowMs: 0.1, maxRowsMs: 0.2, difference: 0 };
const ALONE: Batching = { batched: false, because: 'rows depend on each other' };
const TOO_LATE: InferenceOutcome = { ok: false, code: 'inference-timeout', problem: 'too late' };
const CRASH: RunnerEnd = { kind: 'exited', problem: 'its process ended (signal SIGSEGV)' };
const HANG: RunnerEnd = { kind: 'hung', problem: 'a run of one row did not end within 5000 ms' };
const HUNGER: RunnerEnd = { kind: 'too-much-memory', problem: 'it takes 20 MiB of memory' };

const tensor = (rows: readonly number[], columns = 1): Tensor => ({
  name: 'X',
  datatype: 'FP32',
  shape: [rows.length / columns, columns],
  data: new Float32Array(rows),
});

/** A runner that adds one to every element, when it is told to, and remembers the rows of each run. */
class FakeRunner {
  readonly runs: number[][] = [];
  private readonly open: { readonly tensors: readonly FrameTensor[]; readonly done: (result: RunResult) => void }[] =
    [];

  readonly send = (tensors: readonly FrameTensor[], done: (result: RunResult) => void): void => {
    this.runs.push((tensors[0]!.pieces as readonly Float32Array[]).flatMap((piece) => [...piece]));
    this.open.push({ tensors, done });
  };

  answer(): void {
    const { tensors, done } = this.open.shift()!;
    const [input] = tensors as [FrameTensor];
    const data = new Float32Array(
      (input.pieces as readonly Float32Array[]).flatMap((piece) => [...piece].map((x) => x + 1)),
    );
    done({ ok: true, outputs: [{ index: 0, datatype: 'FP32', shape: input.shape, data }] });
  }

  fail(problem: string): void {
    this.open.shift()!.done({ ok: false, problem });
  }
}

interface Coming {
  readonly columns?: number;
  readonly deadlineMs?: number;
  readonly client?: { destroyed: boolean };
}

function start(batching: Batching = BATCHED) {
  const runner = new FakeRunner();
  const clock = { nowMs: 0 };
  const seen: { rows: number; elements: number; ms: number; waiting: boolean }[] = [];
  const batcher = new Batcher({
    batching: () => batching,
    nowMs: () => clock.nowMs,
    tooLate: () => TOO_LATE,
  });
  const onRun: OnRun = ({ rows, elements }, ms, waiting) => seen.push({ rows, elements, ms, waiting });
  const lane = batcher.addLane('active', onRun);
  batcher.open(lane, runner.send);
  const outcomes: (readonly number[] | string | undefined)[] = [];
  const problems: string[] = [];
  const add = (rows: readonly number[], { columns = 1, deadlineMs = Infinity, client }: Coming = {}): void => {
    const place = outcomes.push(undefined) - 1;
    const settle = (outcome: InferenceOutcome): void => {
      if (!outcome.ok) problems.push(outcome.problem);
      outcomes[place] ??= outcome.ok ? [...(outcome.outputs.at(0).data as Float32Array)] : outcome.code;
    };
    batcher.add(waitingRequest([tensor(rows, columns)], rows.length / columns, deadlineMs, client, settle));
  };
  return { runner, batcher, lane, onRun, clock, seen, outcomes, problems, add };
}

const figures = ({ requests, rows, bytes }: QueueLimits): QueueLimits => ({ requests, rows, bytes });

describe('gathering requests into runs', () => {
  it('sends a lone request at once', async () => {
    const { runner, add, outcomes } = start();
    add([1, 2]);
    await turn();
    expect(runner.runs).toEqual([[1, 2]]);
    runner.answer();
    expect(outcomes).toEqual([[2, 3]]);
  });

  it('sends together what came in one turn of the event loop, and gives each request its own rows', async () => {
    const { runner, add, outcomes } = start();
    add([1]);
    add([2, 3]);
    add([4]);
    await turn();
    expect(runner.runs).toEqual([[1, 2, 3, 4]]);
    runner.answer();
    expect(outcomes).toEqual([[2], [3, 4], [5]]);
  });

  it('gathers while the runner is busy, and sends the moment it is free', async () => {
    const { runner, add } = start();
    add([1]);
    await turn();
    add([2]);
    await turn();
    add([3]);
    await turn();
    expect(runner.runs).toEqual([[1]]);
    runner.answer();
    expect(runner.runs).toEqual([[1], [2, 3]]);
  });

  it('keeps a second run on its way only when it is full', async () => {
    const { runner, add } = start();
    add([0]);
    await turn();
    for (let row = 1; row <= 7; row++) add([row]);
    await turn();
    expect(runner.runs).toHaveLength(1);
    add([8]);
    await turn();
    expect(runner.runs).toEqual([[0], [1, 2, 3, 4, 5, 6, 7, 8]]);
  });

  it('never makes a run larger than the limit, but takes a larger request as it is', async () => {
    const { runner, add } = start();
    add([1, 2, 3, 4, 5]);
    add([6, 7, 8, 9]);
    add(Array.from({ length: 12 }, (_, row) => row));
    await turn();
    runner.answer();
    runner.answer();
    expect(runner.runs.map((rows) => rows.length)).toEqual([5, 4, 12]);
  });

  it('[case 127] lets small requests wait for the large one before them, and for no other', async () => {
    const { runner, add } = start();
    const large = Array.from({ length: 100 }, (_, row) => row);
    add(large);
    await turn();
    for (let row = 1; row <= 6; row++) add([-row]);
    add(large);
    add([-7]);
    await turn();
    runner.answer();
    runner.answer();
    runner.answer();
    expect(runner.runs).toEqual([large, [-1, -2, -3, -4, -5, -6], large, [-7]]);
  });

  it('never mixes rows of different shapes', async () => {
    const { runner, add, outcomes } = start();
    add([1, 2], { columns: 2 });
    add([3, 4, 5], { columns: 3 });
    await turn();
    runner.answer();
    runner.answer();
    expect(runner.runs).toEqual([
      [1, 2],
      [3, 4, 5],
    ]);
    expect(outcomes).toEqual([
      [2, 3],
      [4, 5, 6],
    ]);
  });

  it('runs each request by itself where batching was not proven', async () => {
    const { runner, add } = start(ALONE);
    add([1]);
    add([2]);
    add([3]);
    await turn();
    runner.answer();
    runner.answer();
    expect(runner.runs).toEqual([[1], [2], [3]]);
  });
});

describe('a run that fails', () => {
  it('is taken apart: only the request that fails alone is told so', async () => {
    const { runner, add, outcomes } = start();
    add([1]);
    add([2]);
    add([3]);
    await turn();
    runner.fail('index out of range');
    runner.answer();
    runner.fail('index out of range');
    runner.answer();
    expect(runner.runs).toEqual([[1, 2, 3], [1], [2], [3]]);
    expect(outcomes).toEqual([[2], 'inference-failed', [4]]);
  });
});

describe('a runner that ends', () => {
  it('has its requests run once more, each by itself, before those that came later', async () => {
    const { runner, batcher, lane, add, outcomes } = start();
    add([1]);
    add([2]);
    await turn();
    add([3]);
    batcher.close(lane, CRASH);
    const fresh = new FakeRunner();
    batcher.open(lane, fresh.send);
    fresh.answer();
    fresh.answer();
    fresh.answer();
    expect(runner.runs).toEqual([[1, 2]]);
    expect(fresh.runs).toEqual([[1], [2], [3]]);
    expect(outcomes).toEqual([[2], [3], [4]]);
  });

  it.each([
    [CRASH, 'inference-failed', /^The model’s process ended twice while it ran this request, so it is not tried again/],
    [
      HANG,
      'inference-timeout',
      /^The model came to no end with this request, twice, .* \(a run of one row did not end/,
    ],
    [HUNGER, 'inference-failed', /ended twice while it ran this request, the last time because it takes 20 MiB/],
  ])(
    '[case 79] is not given a request a third time that ended it twice; the others are answered: $0.kind',
    async (end, code, problem) => {
      const { batcher, lane, add, outcomes, problems } = start();
      add([1]);
      add([2]);
      await turn();
      batcher.close(lane, end);
      const second = new FakeRunner();
      batcher.open(lane, second.send);
      batcher.close(lane, end);
      const third = new FakeRunner();
      batcher.open(lane, third.send);
      expect(third.runs).toEqual([[2]]);
      third.answer();
      expect(outcomes).toEqual([code, [3]]);
      expect(problems).toEqual([expect.stringMatching(problem)]);
    },
  );

  it('blames the run that it was at, not the one that waited behind it', async () => {
    const { batcher, lane, add, outcomes } = start(ALONE);
    add([1]);
    add([2]);
    await turn();
    batcher.close(lane, HANG);
    const second = new FakeRunner();
    batcher.open(lane, second.send);
    expect(second.runs).toEqual([[1]]);
    batcher.close(lane, HANG);
    const third = new FakeRunner();
    batcher.open(lane, third.send);
    batcher.close(lane, CRASH);
    const fourth = new FakeRunner();
    batcher.open(lane, fourth.send);
    fourth.answer();
    expect(outcomes).toEqual(['inference-timeout', [3]]);
  });

  it('runs nothing beside a request that may be the cause, however much waits', async () => {
    const { batcher, lane, add } = start();
    add([1]);
    await turn();
    for (let row = 2; row < 40; row++) add([row]);
    batcher.close(lane, CRASH);
    const fresh = new FakeRunner();
    batcher.open(lane, fresh.send);
    await turn();
    expect(fresh.runs).toEqual([[1]]);
    fresh.answer();
    expect(fresh.runs.map((rows) => rows.length)).toEqual([1, 8, 8]);
  });

  it('keeps what waits until it is back, and forgets answers of its former self', async () => {
    const { runner, batcher, lane, add, outcomes } = start();
    add([1]);
    await turn();
    batcher.close(lane, CRASH);
    runner.answer();
    expect(outcomes).toEqual([undefined]);
    expect(batcher.waiting).toBe(1);
  });
});

describe('a deadline', () => {
  it('[case 122] settles what waits, which is then never run', async () => {
    const { runner, batcher, clock, add, outcomes } = start();
    add([1]);
    await turn();
    add([2], { deadlineMs: 10 });
    add([3], { deadlineMs: 1000 });
    clock.nowMs = 11;
    batcher.expire();
    expect(outcomes).toEqual([undefined, 'inference-timeout', undefined]);
    runner.answer();
    expect(runner.runs).toEqual([[1], [3]]);
  });

  it('[case 122] counts at the very moment of sending', async () => {
    const { runner, clock, add, outcomes } = start();
    add([1]);
    await turn();
    add([2], { deadlineMs: 10 });
    clock.nowMs = 11;
    runner.answer();
    expect(runner.runs).toEqual([[1]]);
    expect(outcomes).toEqual([[2], 'inference-timeout']);
  });

  it('settles what is being run, whose answer is then dropped', async () => {
    const { runner, batcher, clock, add, outcomes } = start();
    add([1], { deadlineMs: 10 });
    await turn();
    clock.nowMs = 11;
    batcher.expire();
    runner.answer();
    expect(outcomes).toEqual(['inference-timeout']);
    expect(batcher.idle).toBe(true);
  });

  it('that passed while the runner hung keeps a request from being run again', async () => {
    const { batcher, lane, clock, add, outcomes } = start();
    add([1], { deadlineMs: 10 });
    await turn();
    clock.nowMs = 11;
    batcher.expire();
    batcher.close(lane, HANG);
    const fresh = new FakeRunner();
    batcher.open(lane, fresh.send);
    expect(fresh.runs).toEqual([]);
    expect(outcomes).toEqual(['inference-timeout']);
  });

  it('leaves nobody waiting when the runner is given up', async () => {
    const { batcher, add, outcomes } = start();
    add([1]);
    await turn();
    add([2]);
    batcher.abandon({ ok: false, code: 'model-not-ready', problem: 'gone' });
    expect(outcomes).toEqual(['model-not-ready', 'model-not-ready']);
    expect(batcher.idle).toBe(true);
  });
});

describe('[case 5] a client that goes away', () => {
  it('has its request taken out of the queue', async () => {
    const { runner, batcher, add } = start();
    const client = { destroyed: false };
    add([1]);
    await turn();
    add([2], { client });
    add([3]);
    client.destroyed = true;
    batcher.expire();
    expect(figures(batcher.backlog.waiting)).toEqual({ requests: 1, rows: 1, bytes: 4 });
    runner.answer();
    expect(runner.runs).toEqual([[1], [3]]);
  });

  it('is not run for, even if nobody looked since', async () => {
    const { runner, add } = start();
    const client = { destroyed: false };
    add([1]);
    await turn();
    add([2], { client });
    client.destroyed = true;
    runner.answer();
    expect(runner.runs).toEqual([[1]]);
  });
});

describe('what is known of the queue', () => {
  it('is how much waits, and how much the runner has been given', async () => {
    const { batcher, lane, add } = start();
    add([1, 2, 3, 4], { columns: 2 });
    await turn();
    add([1, 2, 3]);
    add([4]);
    const { waiting, rowsUnderWay } = batcher.backlog;
    expect([figures(waiting), rowsUnderWay]).toEqual([{ requests: 2, rows: 4, bytes: 16 }, 2]);
    expect(lane.running).toMatchObject({ rows: 2, elements: 4 });
  });

  it('is how long runs took, each from when the runner came to it', async () => {
    const { runner, clock, seen, add } = start(ALONE);
    add([1]);
    add([2]);
    add([3]);
    await turn();
    clock.nowMs = 5;
    runner.answer();
    clock.nowMs = 8;
    runner.answer();
    clock.nowMs = 9;
    runner.answer();
    expect(seen).toEqual([
      { rows: 1, elements: 1, ms: 5, waiting: true },
      { rows: 1, elements: 1, ms: 3, waiting: false },
      { rows: 1, elements: 1, ms: 1, waiting: false },
    ]);
  });
});
