import type { ServingSlot } from '@understudy/canary';
import type { RunObserver } from '@understudy/model-slots';
import type { Counts } from '@understudy/store';
import { ROW_BOUNDS, TIME_BOUNDS_MS } from './bounds';
import { Histogram, type Observed } from './histogram';
import { PredictedValues } from './predicted-values';
import type { ProtocolName } from './prediction-observer';

/** What became of a prediction: answered; refused for what the client sent (4xx); failed (5xx); its client went away. */
export const OUTCOMES = ['ok', 'refused', 'failed', 'gone'] as const;
export type Outcome = (typeof OUTCOMES)[number];

export const PROTOCOLS = ['predict', 'invocations', 'infer'] as const satisfies readonly ProtocolName[];

/** Predictions by protocol and outcome. */
export class OutcomeCounts {
  private readonly counts = new Float64Array(PROTOCOLS.length * OUTCOMES.length);

  add(protocol: ProtocolName, outcome: Outcome): void {
    const at = indexOf(protocol, outcome);
    this.counts[at] = (this.counts[at] as number) + 1;
  }

  of(protocol: ProtocolName, outcome: Outcome): number {
    return this.counts[indexOf(protocol, outcome)] as number;
  }

  /** What was counted since the last take; it counts from nothing again. */
  take(): Float64Array {
    const taken = this.counts.slice();
    this.counts.fill(0);
    return taken;
  }

  addAll(counts: Float64Array): void {
    for (const [at, count] of counts.entries()) this.counts[at] = (this.counts[at] as number) + count;
  }

  sum(outcome?: Outcome): number {
    let sum = 0;
    for (const protocol of PROTOCOLS)
      for (const one of OUTCOMES) if (outcome === undefined || one === outcome) sum += this.of(protocol, one);
    return sum;
  }
}

const indexOf = (protocol: ProtocolName, outcome: Outcome): number =>
  PROTOCOLS.indexOf(protocol) * OUTCOMES.length + OUTCOMES.indexOf(outcome);

/** Which arm of which deployment. */
export interface ArmName {
  readonly deployment: string;
  readonly slot: ServingSlot;
  /** The URI that names exactly this version. */
  readonly version: string;
}

/** What one arm did in another process. Plain data: it travels between processes. */
export interface ArmCounts {
  readonly name: ArmName;
  readonly outcomes: Float64Array;
  readonly durationMs: Observed;
  readonly queueMs: Observed;
  readonly runMs: Observed;
  readonly runRows: Observed;
  readonly predicted: Counts;
}

/** What one arm did since it was first chosen: a version in a slot of a deployment. Plain counters, written by every prediction. */
export class Arm implements RunObserver {
  readonly outcomes = new OutcomeCounts();
  /** From the head of a request to its answer, whatever its outcome. */
  readonly durationMs = new Histogram(TIME_BOUNDS_MS);
  /** From the batcher to the runner. */
  readonly queueMs = new Histogram(TIME_BOUNDS_MS);
  readonly runMs = new Histogram(TIME_BOUNDS_MS);
  readonly runRows = new Histogram(ROW_BOUNDS);
  readonly predicted = new PredictedValues();

  constructor(readonly name: ArmName) {}

  waited(ms: number): void {
    this.queueMs.observe(ms);
  }

  ran(rows: number, ms: number): void {
    this.runRows.observe(rows);
    this.runMs.observe(ms);
  }

  ended(protocol: ProtocolName, outcome: Outcome, ms: number): void {
    this.outcomes.add(protocol, outcome);
    this.durationMs.observe(ms);
  }

  /** What was counted since the last take, for the process that tells it; undefined where that is nothing. */
  take(): ArmCounts | undefined {
    const { name, outcomes, durationMs, queueMs, runMs, runRows, predicted } = this;
    if (outcomes.sum() + queueMs.count + runRows.count === 0) return undefined;
    return {
      name,
      outcomes: outcomes.take(),
      durationMs: durationMs.take(),
      queueMs: queueMs.take(),
      runMs: runMs.take(),
      runRows: runRows.take(),
      predicted: predicted.take(),
    };
  }

  add({ outcomes, durationMs, queueMs, runMs, runRows, predicted }: ArmCounts): void {
    this.outcomes.addAll(outcomes);
    this.durationMs.add(durationMs);
    this.queueMs.add(queueMs);
    this.runMs.add(runMs);
    this.runRows.add(runRows);
    this.predicted.add(predicted);
  }
}
