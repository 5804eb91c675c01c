import type { FrameTensor, Tensor } from '@understudy/inference';
import { setImmediate as turn } from 'node:timers/promises';
import { Batcher } from './batcher';
import type { InferenceOutcome } from './inference-outcome';
import type { Lane, RunnerRole } from './lane';
import type { RunResult } from './runner-channel';
import type { RunnerEnd } from './runner-end';
import type { Batching } from './runner-messages';
import { waitingRequest } from './waiting-request';

/** Several runners behind one queue. Rows are named by their numbers. */

const BATCHED: Batching = { batched: true, maxRows: 4, oneRowMs: 0.1, maxRowsMs: 0.1, difference: 0 };
const SLOW: Batching = { batched: true, maxRows: 4, oneRowMs: 5, maxRowsMs: 20, difference: 0 };
const ALONE: Batching = { batched: false, because: 'rows depend on each other' };
const CRASH: RunnerEnd = { kind: 'exited', problem: 'its process ended (signal SIGSEGV)' };

const tensor = (rows: readonly number[]): Tensor => ({
  name: 'X',
  datatype: 'FP32',
  shape: [rows.length, 1],
  data: new Float32Array(rows),
});

/** A runner that gives its rows back when it is told to. */
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
    const [{ shape, pieces }] = tensors as [FrameTensor];
    const data = new Float32Array((pieces as readonly Float32Array[]).flatMap((piece) => [...piece]));
    done({ ok: true, outputs: [{ index: 0, datatype: 'FP32', shape, data }] });
  }
}

function start(roles: readonly RunnerRole[], batching: Batching = BATCHED, shared = false) {
  const batcher = new Batcher({
    batching: () => batching,
    nowMs: () => 0,
    tooLate: () => ({ ok: false, code: 'inference-timeout', problem: 'too late' }),
  });
  const runners = roles.map(() => new FakeRunner());
  const lanes = roles.map((role) => batcher.addLane(role, () => undefined, shared));
  for (const [index, lane] of lanes.entries()) batcher.open(lane, runners[index]!.send);
  const outcomes: (number | string | undefined)[] = [];
  const add = (...rows: readonly number[]): void => {
    for (const row of rows) {
      const place = outcomes.push(undefined) - 1;
      const settle = (outcome: InferenceOutcome): void => {
        outcomes[place] ??= outcome.ok ? (outcome.outputs.at(0).data as Float32Array)[0] : outcome.code;
      };
      batcher.add(waitingRequest([tensor([row])], 1, Infinity, undefined, settle));
    }
  };
  const ran = (): number[][][] => runners.map(({ runs }) => runs);
  return { batcher, runners: runners as [FakeRunner, FakeRunner], lanes: lanes as [Lane, Lane], outcomes, add, ran };
}

describe('two runners', () => {
  it('work at the same time, and each takes more the moment it is free', async () => {
    const { runners, add, ran, outcomes } = start(['active', 'active'], ALONE);
    add(1, 2, 3, 4, 5);
    await turn();
    expect(ran()).toEqual([
      [[1], [3]],
      [[2], [4]],
    ]);
    runners[1].answer();
    expect(ran()[1]).toEqual([[2], [4], [5]]);
    expect(outcomes).toEqual([undefined, 2, undefined, undefined, undefined]);
  });

  it('share out the rows of a slow model, and leave those of a fast one together', async () => {
    const slow = start(['active', 'active'], SLOW);
    slow.add(1, 2, 3, 4);
    await turn();
    expect(slow.ran()).toEqual([[[1, 2]], [[3, 4]]]);
    const fast = start(['active', 'active'], BATCHED);
    fast.add(1, 2, 3, 4);
    await turn();
    expect(fast.ran()).toEqual([[[1, 2, 3, 4]], []]);
  });

  it('know of each other’s work when the queue says what is under way', async () => {
    const { batcher, add } = start(['active', 'active'], SLOW);
    add(1, 2, 3);
    await turn();
    expect(batcher.backlog.rowsUnderWay).toBe(3);
    expect(batcher.idle).toBe(false);
  });
});

describe('one of two runners that ends', () => {
  it('has its requests run on the other at once, each by itself, before those that came later', async () => {
    const { batcher, runners, lanes, add, ran, outcomes } = start(['active', 'active'], SLOW);
    add(1, 2, 3, 4);
    await turn();
    add(5);
    batcher.close(lanes[0], CRASH);
    for (let answer = 0; answer < 4; answer++) runners[1].answer();
    expect(ran()).toEqual([[[1, 2]], [[3, 4], [1], [2], [5]]]);
    expect(outcomes).toEqual([1, 2, 3, 4, 5]);
  });

  it('[case 79] does not take the others down: what ended both is refused', async () => {
    const { batcher, lanes, add, outcomes } = start(['active', 'active'], ALONE);
    add(1);
    await turn();
    batcher.close(lanes[0], CRASH);
    batcher.close(lanes[1], CRASH);
    expect(outcomes).toEqual(['inference-failed']);
  });

  it('has nothing beside a suspect on the lane where it runs, while the other lane goes on', async () => {
    const { batcher, runners, lanes, add, ran } = start(['active', 'active'], BATCHED);
    add(1, 2);
    await turn();
    batcher.close(lanes[0], CRASH);
    add(3, 4, 5, 6, 7, 8);
    await turn();
    expect(ran()[1]).toEqual([[1]]);
    const back = new FakeRunner();
    batcher.open(lanes[0], back.send);
    expect(back.runs).toEqual([[2]]);
    runners[1].answer();
    expect(ran()[1]).toEqual([[1], [3, 4, 5, 6]]);
  });
});

describe('a standby', () => {
  it('gets nothing while the active runner can take requests, however busy that is', async () => {
    const { add, ran } = start(['active', 'standby'], ALONE);
    add(1, 2, 3, 4);
    await turn();
    expect(ran()).toEqual([[[1], [2]], []]);
  });

  it('takes over the moment the active runner ends, and hands back when that has returned', async () => {
    const { batcher, runners, lanes, add, ran } = start(['active', 'standby'], ALONE);
    add(1, 2, 3);
    await turn();
    batcher.close(lanes[0], CRASH);
    expect(ran()[1]).toEqual([[1]]);
    runners[1].answer();
    runners[1].answer();
    const back = new FakeRunner();
    batcher.open(lanes[0], back.send);
    runners[1].answer();
    add(4);
    await turn();
    expect(ran()[1]).toEqual([[1], [2], [3]]);
    expect(back.runs).toEqual([[4]]);
  });

  it('takes what waits as soon as nobody expects the active runner to answer, even if its requests are still its own', async () => {
    const { batcher, lanes, add, ran } = start(['active', 'standby'], ALONE);
    add(1, 2, 3);
    await turn();
    batcher.pause(lanes[0]);
    expect(ran()[1]).toEqual([[3]]);
  });
});

describe('a runner that other processes share', () => {
  it('is blamed on a request only if it said that it had begun it', async () => {
    const { batcher, lanes, add, outcomes } = start(['active'], ALONE, true);
    add(1);
    await turn();
    for (let life = 0; life < 3; life++) {
      batcher.close(lanes[0], CRASH);
      batcher.open(lanes[0], new FakeRunner().send);
    }
    expect(outcomes).toEqual([undefined]);
    for (let life = 0; life < 2; life++) {
      lanes[0].runs[0]!.begun = true;
      batcher.close(lanes[0], CRASH);
      batcher.open(lanes[0], new FakeRunner().send);
    }
    expect(outcomes).toEqual(['inference-failed']);
  });
});
