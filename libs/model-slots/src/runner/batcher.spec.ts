import type { FrameTensor, Tensor } from '@understudy/inference';
import { setImmediate as turn } from 'node:timers/promises';
import { Batcher, type InferenceOutcome } from './batcher';
import type { RunResult } from './runner-channel';
import type { Batching } from './runner-messages';

const BATCHED: Batching = { batched: true, maxRows: 8, oneRowMs: 0.1, maxRowsMs: 0.2, difference: 0 };
const ALONE: Batching = { batched: false, because: 'rows depend on each other' };
const TOO_LATE: InferenceOutcome = { ok: false, code: 'inference-timeout', problem: 'too late' };

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

function start(batching: Batching = BATCHED) {
  const runner = new FakeRunner();
  const batcher = new Batcher(() => batching);
  batcher.start(runner.send);
  const outcomes: (readonly number[] | string | undefined)[] = [];
  const add = (rows: readonly number[], { columns = 1, deadlineMs = Infinity } = {}): void => {
    const place = outcomes.push(undefined) - 1;
    const settle = (outcome: InferenceOutcome): void => {
      outcomes[place] ??= outcome.ok ? [...(outcome.outputs[0]!.data as Float32Array)] : outcome.code;
    };
    batcher.add({
      inputs: [tensor(rows, columns)],
      rows: rows.length / columns,
      deadlineMs,
      settle,
      crashes: 0,
      alone: false,
    });
  };
  return { runner, batcher, outcomes, add };
}

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
    const { runner, batcher, add, outcomes } = start();
    add([1]);
    add([2]);
    await turn();
    add([3]);
    batcher.stop();
    const fresh = new FakeRunner();
    batcher.start(fresh.send);
    fresh.answer();
    fresh.answer();
    fresh.answer();
    expect(runner.runs).toEqual([[1, 2]]);
    expect(fresh.runs).toEqual([[1], [2], [3]]);
    expect(outcomes).toEqual([[2], [3], [4]]);
  });

  it('is not given a request a third time that ended it twice; the others are answered', async () => {
    const { batcher, add, outcomes } = start();
    add([1]);
    add([2]);
    await turn();
    batcher.stop();
    const second = new FakeRunner();
    batcher.start(second.send);
    batcher.stop();
    const third = new FakeRunner();
    batcher.start(third.send);
    expect(third.runs).toEqual([[2]]);
    third.answer();
    expect(outcomes).toEqual(['inference-failed', [3]]);
  });

  it('keeps what waits until it is back, and forgets answers of its former self', async () => {
    const { runner, batcher, add, outcomes } = start();
    add([1]);
    await turn();
    batcher.stop();
    runner.answer();
    expect(outcomes).toEqual([undefined]);
    expect(batcher.waiting).toBe(1);
  });
});

describe('a deadline', () => {
  it('[case 122] settles what waits, which is then never run', async () => {
    const { runner, batcher, add, outcomes } = start();
    add([1]);
    await turn();
    add([2], { deadlineMs: 10 });
    add([3], { deadlineMs: 1000 });
    batcher.expire(11, TOO_LATE);
    expect(outcomes).toEqual([undefined, 'inference-timeout', undefined]);
    runner.answer();
    expect(runner.runs).toEqual([[1], [3]]);
  });

  it('settles what is being run, whose answer is then dropped', async () => {
    const { runner, batcher, add, outcomes } = start();
    add([1], { deadlineMs: 10 });
    await turn();
    batcher.expire(11, TOO_LATE);
    runner.answer();
    expect(outcomes).toEqual(['inference-timeout']);
    expect(batcher.idle).toBe(true);
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
