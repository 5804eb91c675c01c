import type { FrameTensor, ReceivedTensor, Tensor } from '@understudy/inference';
import type { Backlog } from './admission';
import type { InferenceOutcome } from './inference-outcome';
import { RequestOutputs } from './request-outputs';
import { RequestQueue } from './request-queue';
import type { WatchedRun } from './run-watch';
import type { RunResult } from './runner-channel';
import { poisonOutcome, type RunnerEnd } from './runner-end';
import type { Batching } from './runner-messages';
import type { WaitingRequest } from './waiting-request';

/** Sends a batch to the runner; calls `done` with its result. */
export type SendRun = (tensors: readonly FrameTensor[], done: (result: RunResult) => void) => void;

/** A run that the runner was given. It answers them in their order, so only the first is being run. */
export interface RunUnderWay extends WatchedRun {
  readonly members: readonly WaitingRequest[];
  /** When it came first, on the monotonic clock. */
  sinceMs: number;
}

export interface BatcherOptions {
  readonly batching: () => Batching;
  /** The monotonic clock. */
  readonly nowMs: () => number;
  /** What a request is told that is past its deadline. */
  readonly tooLate: () => InferenceOutcome;
  /** A run has ended after `ms`; `waiting` says whether others waited behind it. */
  readonly onRun: (run: RunUnderWay, ms: number, waiting: boolean) => void;
}

/** A second run may be on its way while the first computes, but only a full one: a half-full one would do better to wait and grow. */
const MOST_RUNS_UNDER_WAY = 2;

/**
 * Gathers requests into runs without a timer: what has come in goes out the moment the runner is free. Under load runs grow by
 * themselves; a lone request waits for nothing. What is past its deadline, or whose client is gone, is never sent.
 */
export class Batcher {
  private readonly queue = new RequestQueue();
  private underWay: RunUnderWay[] = [];
  private send: SendRun | undefined;
  private flushScheduled = false;

  constructor(private readonly options: BatcherOptions) {}

  get waiting(): number {
    return this.queue.requests;
  }

  get idle(): boolean {
    return this.waiting === 0 && this.underWay.length === 0;
  }

  /** The run that the runner is at; undefined while it has none. */
  get running(): RunUnderWay | undefined {
    return this.underWay[0];
  }

  get backlog(): Omit<Backlog, 'msPerRow'> {
    let rowsUnderWay = 0;
    for (const { rows } of this.underWay) rowsUnderWay += rows;
    return { waiting: this.queue, rowsUnderWay };
  }

  add(request: WaitingRequest): void {
    this.queue.push(request);
    if (this.flushScheduled || this.underWay.length === MOST_RUNS_UNDER_WAY) return;
    // Once all requests that arrived in this turn of the event loop are in.
    this.flushScheduled = true;
    setImmediate(() => {
      this.flushScheduled = false;
      this.flush();
    });
  }

  /** The runner can take runs from now on. */
  start(send: SendRun): void {
    this.send = send;
    this.flush();
  }

  /**
   * The runner ended. What it had been given goes back to the front of the queue, each request by itself. What it was running may
   * have been the cause: a request that ended its second runner is refused, for it would end the next one too.
   */
  stop(end: RunnerEnd): void {
    this.send = undefined;
    const interrupted = this.underWay;
    this.underWay = [];
    for (const request of interrupted[0]?.members ?? []) {
      request.crashes++;
      if (request.crashes > 1) settle(request, poisonOutcome(end));
    }
    this.putBackAlone(interrupted.flatMap(({ members }) => members));
  }

  /** Settles what is past its deadline or has no client any more. The result of a run under way is dropped for those settled. */
  expire(): void {
    const nowMs = this.options.nowMs();
    for (const { members } of this.underWay) for (const request of members) this.isOver(request, nowMs);
    this.queue.sift((request) => !this.isOver(request, nowMs));
  }

  /** Settles everything that waits, because nobody will run it. */
  abandon(outcome: InferenceOutcome): void {
    const rest = [...this.underWay.flatMap(({ members }) => members), ...this.queue.drain()];
    this.underWay = [];
    for (const request of rest) settle(request, outcome);
  }

  private flush(): void {
    while (this.send !== undefined && this.mayTakeAnother()) {
      const members = this.takeMembers();
      if (members.length === 0) return;
      const run = this.toRun(members);
      this.underWay.push(run);
      this.send(stackInputs(members, run.rows), (result) => {
        this.finish(run, result);
      });
    }
  }

  private finish(run: RunUnderWay, result: RunResult): void {
    if (this.underWay[0] !== run) return;
    this.underWay.shift();
    const nowMs = this.options.nowMs();
    const next = this.underWay.at(0);
    if (next !== undefined) next.sinceMs = nowMs;
    this.options.onRun(run, nowMs - run.sinceMs, this.waiting > 0);
    // The runner first: it works while the answers are written.
    this.flush();
    this.deliver(run, result);
    this.flush();
  }

  private mayTakeAnother(): boolean {
    const { first } = this.queue;
    if (first === undefined) return false;
    const [running] = this.underWay;
    if (running === undefined) return true;
    // What runs alone to show whether it is the cause has nothing beside it that could be.
    if (first.alone || running.members[0]?.alone === true) return false;
    const batching = this.options.batching();
    const full = batching.batched ? batching.maxRows : 1;
    return this.underWay.length < MOST_RUNS_UNDER_WAY && this.queue.rows >= full;
  }

  /** The requests at the front that can share a run; none where nobody waits for an answer any more. */
  private takeMembers(): WaitingRequest[] {
    const batching = this.options.batching();
    const nowMs = this.options.nowMs();
    const members: WaitingRequest[] = [];
    let rows = 0;
    for (let next = this.queue.first; next !== undefined; next = this.queue.first) {
      if (!this.isOver(next, nowMs)) {
        const [first] = members;
        if (first !== undefined && !(batching.batched && mayJoin(first, next, batching.maxRows - rows))) break;
        members.push(next);
        rows += next.rows;
      }
      this.queue.shift();
    }
    return members;
  }

  /** Whether nobody waits for this request any more. One past its deadline is told so. */
  private isOver(request: WaitingRequest, nowMs: number): boolean {
    if (request.settled) return true;
    if (request.deadlineMs > nowMs && request.client?.destroyed !== true) return false;
    settle(request, this.options.tooLate());
    return true;
  }

  private toRun(members: readonly WaitingRequest[]): RunUnderWay {
    let rows = 0;
    let elements = 0;
    for (const request of members) {
      rows += request.rows;
      elements += request.elements;
    }
    return { members, rows, elements, sinceMs: this.options.nowMs(), watchedMs: 0 };
  }

  private deliver({ members, rows }: RunUnderWay, result: RunResult): void {
    const [first, second] = members as [WaitingRequest, ...WaitingRequest[]];
    if (second === undefined) {
      settle(
        first,
        result.ok
          ? { ok: true, outputs: new RequestOutputs(result.outputs) }
          : { ok: false, code: 'inference-failed', problem: result.problem },
      );
    } else if (result.ok && result.outputs.every(({ shape }) => shape[0] === rows)) {
      splitOutputs(members, result.outputs);
    } else this.putBackAlone(members);
  }

  private putBackAlone(members: readonly WaitingRequest[]): void {
    const again = members.filter(({ settled }) => !settled);
    for (const request of again) request.alone = true;
    if (again.length > 0) this.queue.putBack(again);
  }
}

function settle(request: WaitingRequest, outcome: InferenceOutcome): void {
  if (request.settled) return;
  request.settled = true;
  request.settle(outcome);
}

function mayJoin(first: WaitingRequest, next: WaitingRequest, roomForRows: number): boolean {
  return !first.alone && !next.alone && next.rows <= roomForRows && sameTrailingShapes(first, next);
}

function sameTrailingShapes(a: WaitingRequest, b: WaitingRequest): boolean {
  return (
    a.inputs.length === b.inputs.length &&
    a.inputs.every(({ shape }, index) => {
      const other = (b.inputs[index] as Tensor).shape;
      if (shape.length !== other.length) return false;
      for (let axis = 1; axis < shape.length; axis++) if (shape[axis] !== other[axis]) return false;
      return true;
    })
  );
}

function stackInputs(members: readonly WaitingRequest[], rows: number): FrameTensor[] {
  const [first] = members as [WaitingRequest];
  return first.inputs.map(({ datatype, shape }, index) => ({
    index,
    datatype,
    shape: members.length === 1 ? shape : [rows, ...shape.slice(1)],
    pieces: members.map((request) => (request.inputs[index] as Tensor).data),
  }));
}

function splitOutputs(members: readonly WaitingRequest[], outputs: readonly ReceivedTensor[]): void {
  let from = 0;
  for (const request of members) {
    settle(request, { ok: true, outputs: new RequestOutputs(outputs, { from, count: request.rows }) });
    from += request.rows;
  }
}
