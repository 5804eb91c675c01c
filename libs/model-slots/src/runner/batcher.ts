import type { FrameTensor, ReceivedTensor, Tensor } from '@understudy/inference';
import type { Backlog } from './admission';
import type { InferenceOutcome } from './inference-outcome';
import { Lane, type OnRun, type RunnerRole, type RunUnderWay, type SendRun } from './lane';
import { RequestOutputs } from './request-outputs';
import { RequestQueue } from './request-queue';
import { rowsForOneRun } from './rows-for-one-run';
import { tellObservers } from './run-observer';
import type { RunResult } from './runner-channel';
import { poisonOutcome, type RunnerEnd } from './runner-end';
import type { Batching } from './runner-messages';
import type { WaitingRequest } from './waiting-request';

export interface BatcherOptions {
  readonly batching: () => Batching;
  /** The monotonic clock. */
  readonly nowMs: () => number;
  /** What a request is told that is past its deadline. */
  readonly tooLate: () => InferenceOutcome;
}

/** A second run may be on its way while the first computes, but only a full one: a half-full one would do better to wait and grow. */
const MOST_RUNS_UNDER_WAY = 2;

/**
 * Gathers requests into runs without a timer, for one runner or several: what has come in goes out the moment a runner is free. Under
 * load runs grow by themselves; a lone request waits for nothing. What is past its deadline, or whose client is gone, is never sent.
 */
export class Batcher {
  private readonly queue = new RequestQueue();
  private readonly lanes: Lane[] = [];
  /** Those that get runs now. */
  private usable: readonly Lane[] = [];
  private flushScheduled = false;

  constructor(private readonly options: BatcherOptions) {}

  get waiting(): number {
    return this.queue.requests;
  }

  get idle(): boolean {
    return this.waiting === 0 && this.lanes.every(({ runs }) => runs.length === 0);
  }

  get backlog(): Omit<Backlog, 'msPerRow'> {
    let rowsUnderWay = 0;
    for (const lane of this.lanes) rowsUnderWay += lane.rows;
    return { waiting: this.queue, rowsUnderWay };
  }

  add(request: WaitingRequest): void {
    this.queue.push(request);
    if (this.flushScheduled || !this.hasRoom()) return;
    // Once all requests that arrived in this turn of the event loop are in.
    this.flushScheduled = true;
    setImmediate(() => {
      this.flushScheduled = false;
      this.flush();
    });
  }

  /** A place for a runner; it gets runs once it is opened. */
  addLane(role: RunnerRole, onRun: OnRun, shared = false): Lane {
    const lane = new Lane(role, onRun, shared);
    this.lanes.push(lane);
    this.chooseUsable();
    return lane;
  }

  /** Takes a lane away that has no runs. */
  removeLane(lane: Lane): void {
    this.lanes.splice(this.lanes.indexOf(lane), 1);
    this.chooseUsable();
  }

  /** The runner can take runs from now on. */
  open(lane: Lane, send: SendRun): void {
    lane.send = send;
    this.chooseUsable();
    this.flush();
  }

  /** The runner gets no more runs. What it had been given stays its own. */
  pause(lane: Lane): void {
    lane.send = undefined;
    this.chooseUsable();
    this.flush();
  }

  /**
   * The runner ended. What it had been given goes back to the front of the queue, each request by itself. What it was running may
   * have been the cause: a request that ended its second runner is refused, for it would end the next one too.
   */
  close(lane: Lane, end: RunnerEnd): void {
    lane.send = undefined;
    const { runs: interrupted, running } = lane;
    lane.runs = [];
    for (const request of running?.members ?? []) {
      request.crashes++;
      if (request.crashes > 1) settle(request, poisonOutcome(end));
    }
    this.putBackAlone(interrupted.flatMap(({ members }) => members));
    this.chooseUsable();
    this.flush();
  }

  /** Whether this lane gets runs now. */
  uses(lane: Lane): boolean {
    return this.usable.includes(lane);
  }

  /** Settles what is past its deadline or has no client any more. The result of a run under way is dropped for those settled. */
  expire(): void {
    const nowMs = this.options.nowMs();
    for (const { runs } of this.lanes)
      for (const { members } of runs) for (const request of members) this.isOver(request, nowMs);
    this.queue.sift((request) => !this.isOver(request, nowMs));
  }

  /** Settles everything that waits, because nobody will run it. */
  abandon(outcome: InferenceOutcome): void {
    const given = this.lanes.flatMap(({ runs }) => runs.flatMap(({ members }) => members));
    for (const lane of this.lanes) lane.runs = [];
    for (const request of [...given, ...this.queue.drain()]) settle(request, outcome);
  }

  /** A standby counts only while an active runner does not. */
  private chooseUsable(): void {
    const open = this.lanes.filter(({ send }) => send !== undefined);
    const allActive = this.lanes.every(({ role, send }) => role === 'standby' || send !== undefined);
    this.usable = allActive ? open.filter(({ role }) => role === 'active') : open;
  }

  private hasRoom(): boolean {
    for (const { runs } of this.usable) if (runs.length < MOST_RUNS_UNDER_WAY) return true;
    return false;
  }

  private flush(): void {
    for (let lane = this.nextLane(); lane !== undefined; lane = this.nextLane()) {
      const members = this.takeMembers(lane);
      if (members.length === 0) return;
      this.run(lane, members);
    }
  }

  private run(lane: Lane, members: readonly WaitingRequest[]): void {
    const run = this.toRun(members);
    lane.give(run);
    lane.send?.(stackInputs(members, run.rows), (result) => {
      this.finish(lane, run, result);
    });
  }

  private finish(lane: Lane, run: RunUnderWay, result: RunResult): void {
    const nowMs = this.options.nowMs();
    if (!lane.take(run, nowMs)) return;
    tellObservers(run, nowMs - run.sinceMs);
    lane.onRun(run, nowMs - run.sinceMs, this.waiting > 0);
    // The runner first: it works while the answers are written.
    this.flush();
    this.deliver(run, result);
    this.flush();
  }

  /** The lane that takes the next run: a free one, else one that may have a second on its way. */
  private nextLane(): Lane | undefined {
    const { first } = this.queue;
    if (first === undefined) return undefined;
    let second: Lane | undefined;
    for (const lane of this.usable) {
      if (lane.runs.length === 0) return lane;
      if (second === undefined && this.mayFollow(first, lane)) second = lane;
    }
    return second;
  }

  private mayFollow(first: WaitingRequest, { runs }: Lane): boolean {
    // What runs alone to show whether it is the cause has nothing beside it that could be.
    if (first.alone || runs[0]?.members[0]?.alone === true) return false;
    const batching = this.options.batching();
    const full = batching.batched ? batching.maxRows : 1;
    return runs.length < MOST_RUNS_UNDER_WAY && this.queue.rows >= full;
  }

  /** The requests at the front that can share a run on this lane; none where nobody waits for an answer any more. */
  private takeMembers(lane: Lane): WaitingRequest[] {
    const batching = this.options.batching();
    const maxRows = batching.batched ? rowsForOneRun(batching, this.queue.rows, this.freeLanesFor(lane)) : 0;
    const nowMs = this.options.nowMs();
    const members: WaitingRequest[] = [];
    let rows = 0;
    for (let next = this.queue.first; next !== undefined; next = this.queue.first) {
      if (!this.isOver(next, nowMs)) {
        const [first] = members;
        if (first !== undefined && !(batching.batched && mayJoin(first, next, maxRows - rows))) break;
        members.push(next);
        rows += next.rows;
      }
      this.queue.shift();
    }
    return members;
  }

  /** Between how many lanes what waits can be shared out now; 1 where `lane` is busy, for then all are. */
  private freeLanesFor(lane: Lane): number {
    if (this.usable.length === 1 || lane.runs.length > 0) return 1;
    let free = 0;
    for (const { runs } of this.usable) if (runs.length === 0) free++;
    return free;
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
    return { members, rows, elements, begun: false, sinceMs: this.options.nowMs(), watchedMs: 0, behindMs: 0 };
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
