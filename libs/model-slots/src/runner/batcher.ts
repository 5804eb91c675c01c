import type { FrameTensor, ReceivedTensor, Tensor } from '@understudy/inference';
import { elementCount, sliceData } from '@understudy/inference';
import type { RunResult } from './runner-channel';
import type { Batching } from './runner-messages';

/** What came of one request. */
export type InferenceOutcome =
  | { readonly ok: true; readonly outputs: readonly ReceivedTensor[] }
  | {
      readonly ok: false;
      readonly code: 'inference-failed' | 'inference-timeout' | 'model-not-ready' | 'overloaded';
      readonly problem: string;
    };

/** One request waiting for its turn: its inputs in the signature's order, all with `rows` rows. */
export interface WaitingRequest {
  readonly inputs: readonly Tensor[];
  readonly rows: number;
  /** On the monotonic clock, in milliseconds. */
  readonly deadlineMs: number;
  /** Tells the outcome; only the first call counts. */
  readonly settle: (outcome: InferenceOutcome) => void;
  /** How many times a runner ended while it ran this. */
  crashes: number;
  /** Run without company: it was in a run that failed or crashed, and only alone shows whether it was the cause. */
  alone: boolean;
}

/** Sends a batch to the runner; calls `done` with its result. */
export type SendRun = (tensors: readonly FrameTensor[], done: (result: RunResult) => void) => void;

/** A second run may be on its way while the first computes, but only a full one: a half-full one would do better to wait and grow. */
const MOST_RUNS_UNDER_WAY = 2;

/**
 * Gathers requests into runs without a timer: what has come in goes out the moment the runner is free. Under load runs grow by
 * themselves; a lone request waits for nothing.
 */
export class Batcher {
  private queue: WaitingRequest[] = [];
  /** Requests before this position of the queue are gone; cutting the array for each would cost more than the requests. */
  private head = 0;
  private queuedRows = 0;
  private readonly underWay = new Set<readonly WaitingRequest[]>();
  private send: SendRun | undefined;
  private flushScheduled = false;

  constructor(private readonly batching: () => Batching) {}

  get waiting(): number {
    return this.queue.length - this.head;
  }

  get idle(): boolean {
    return this.waiting === 0 && this.underWay.size === 0;
  }

  add(request: WaitingRequest): void {
    this.queue.push(request);
    this.queuedRows += request.rows;
    if (this.flushScheduled || this.underWay.size === MOST_RUNS_UNDER_WAY) return;
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
   * The runner ended. What it was running goes back to the front of the queue, each request by itself; one that ended its second
   * runner is refused, for it would end the next one too.
   */
  stop(): void {
    this.send = undefined;
    const interrupted = [...this.underWay].flat();
    this.underWay.clear();
    const again = interrupted.filter((request) => {
      request.crashes++;
      request.alone = true;
      if (request.crashes < 2) return true;
      request.settle({
        ok: false,
        code: 'inference-failed',
        problem:
          'The model’s process ended twice while it ran this request, so it is not tried again. Other requests are served',
      });
      return false;
    });
    this.putBack(again);
  }

  /** Settles what is past its deadline. The result of a run under way is dropped for those of its members that were settled. */
  expire(nowMs: number, outcome: InferenceOutcome): void {
    for (const members of this.underWay) {
      for (const request of members) if (request.deadlineMs <= nowMs) request.settle(outcome);
    }
    if (this.waiting === 0) return;
    const rest = this.queue.slice(this.head).filter((request) => {
      if (request.deadlineMs > nowMs) return true;
      request.settle(outcome);
      return false;
    });
    this.replaceQueue(rest);
  }

  /** Settles everything that waits, because nobody will run it. */
  abandon(outcome: InferenceOutcome): void {
    const rest = [...[...this.underWay].flat(), ...this.queue.slice(this.head)];
    this.underWay.clear();
    this.replaceQueue([]);
    for (const request of rest) request.settle(outcome);
  }

  private flush(): void {
    while (this.send !== undefined && this.waiting > 0 && this.mayTakeAnother()) {
      const members = this.takeMembers();
      this.underWay.add(members);
      this.send(stackInputs(members), (result) => {
        if (!this.underWay.delete(members)) return;
        this.deliver(members, result);
        this.flush();
      });
    }
  }

  private mayTakeAnother(): boolean {
    if (this.underWay.size === 0) return true;
    const batching = this.batching();
    const full = batching.batched ? batching.maxRows : 1;
    return this.underWay.size < MOST_RUNS_UNDER_WAY && this.queuedRows >= full;
  }

  /** The requests at the front that can share a run: at least one. */
  private takeMembers(): WaitingRequest[] {
    const batching = this.batching();
    const first = this.take();
    const members = [first];
    if (!batching.batched || first.alone) return members;
    let rows = first.rows;
    for (let next = this.queue[this.head]; next !== undefined; next = this.queue[this.head]) {
      if (next.alone || rows + next.rows > batching.maxRows || !sameTrailingShapes(first, next)) break;
      members.push(this.take());
      rows += next.rows;
    }
    return members;
  }

  private take(): WaitingRequest {
    const request = this.queue[this.head++] as WaitingRequest;
    this.queuedRows -= request.rows;
    if (this.head === this.queue.length) {
      this.queue = [];
      this.head = 0;
    }
    return request;
  }

  private deliver(members: readonly WaitingRequest[], result: RunResult): void {
    const [first, second] = members as [WaitingRequest, ...WaitingRequest[]];
    if (second === undefined) {
      first.settle(result.ok ? result : { ok: false, code: 'inference-failed', problem: result.problem });
      return;
    }
    const rows = members.reduce((sum, request) => sum + request.rows, 0);
    if (result.ok && result.outputs.every(({ shape }) => shape[0] === rows)) {
      splitOutputs(members, result.outputs);
      return;
    }
    for (const request of members) request.alone = true;
    this.putBack(members);
  }

  private putBack(requests: readonly WaitingRequest[]): void {
    this.replaceQueue([...requests, ...this.queue.slice(this.head)]);
  }

  private replaceQueue(queue: WaitingRequest[]): void {
    this.queue = queue;
    this.head = 0;
    this.queuedRows = queue.reduce((rows, request) => rows + request.rows, 0);
  }
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

function stackInputs(members: readonly WaitingRequest[]): FrameTensor[] {
  const [first] = members as [WaitingRequest];
  const rows = members.reduce((sum, request) => sum + request.rows, 0);
  return first.inputs.map(({ datatype, shape }, index) => ({
    index,
    datatype,
    shape: members.length === 1 ? shape : [rows, ...shape.slice(1)],
    pieces: members.map((request) => (request.inputs[index] as Tensor).data),
  }));
}

function splitOutputs(members: readonly WaitingRequest[], outputs: readonly ReceivedTensor[]): void {
  const perRow = outputs.map(({ shape }) => elementCount(shape.slice(1)));
  let row = 0;
  for (const request of members) {
    const from = row;
    row += request.rows;
    const own = outputs.map((output, index) => ({
      ...output,
      shape: [request.rows, ...output.shape.slice(1)],
      data: sliceData(output.data, from * (perRow[index] as number), row * (perRow[index] as number)),
    }));
    request.settle({ ok: true, outputs: own });
  }
}
