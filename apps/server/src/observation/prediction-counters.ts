import { Injectable } from '@nestjs/common';
import type { ServingSlot } from '@understudy/canary';
import type { RequestOutputs, RunObserver, ServedVersion } from '@understudy/model-slots';
import { Clock, Logger, ObservationSettings } from '@understudy/platform';
import { type Arm, type Outcome, OutcomeCounts } from './arm';
import { Arms } from './arms';
import { type ObservedPrediction, PredictionObserver, type ProtocolName } from './prediction-observer';
import { SlowPredictions } from './slow-predictions';

/** Counts every prediction for its arm; those that ended before a slot was chosen for none; and refusals by their code. */
@Injectable()
export class PredictionCounters extends PredictionObserver {
  /** Of predictions that ended before a slot was chosen. */
  readonly withoutArm = new OutcomeCounts();
  /** By protocol, then code. Codes are a closed set, so this does not grow. */
  readonly refusals: Readonly<Record<ProtocolName, Map<string, number>>> = {
    predict: new Map(),
    invocations: new Map(),
    infer: new Map(),
  };
  readonly slow: SlowPredictions;

  constructor(
    readonly arms: Arms,
    readonly clock: Clock,
    logger: Logger,
    { slowPredictionMs }: ObservationSettings,
  ) {
    super();
    this.slow = new SlowPredictions(slowPredictionMs, clock, logger);
  }

  countRefusal(protocol: ProtocolName, code: string, count = 1): void {
    const byCode = this.refusals[protocol];
    byCode.set(code, (byCode.get(code) ?? 0) + count);
  }

  override begin(protocol: ProtocolName): ObservedPrediction {
    return new CountedPrediction(this, protocol);
  }
}

class CountedPrediction implements ObservedPrediction {
  private arm: Arm | undefined = undefined;
  private readonly beganMs: number;

  constructor(
    private readonly counters: PredictionCounters,
    private readonly protocol: ProtocolName,
  ) {
    this.beganMs = counters.clock.monotonicMs();
  }

  get runs(): RunObserver | undefined {
    return this.arm;
  }

  chose(deployment: string, slot: ServingSlot, version: ServedVersion): void {
    this.arm = this.counters.arms.of(deployment, slot, version);
  }

  predicted(outputs: RequestOutputs): void {
    const range = outputs.rangeOf(0);
    if (range !== undefined) this.arm?.predicted.count(range);
  }

  answered(): void {
    this.end('ok');
  }

  refused(code: string, status: number, requestId: string): void {
    this.counters.countRefusal(this.protocol, code);
    this.end(status >= 500 ? 'failed' : 'refused', requestId);
  }

  gone(): void {
    this.end('gone');
  }

  private end(outcome: Outcome, requestId?: string): void {
    const { arm, counters, protocol } = this;
    if (arm === undefined) {
      counters.withoutArm.add(protocol, outcome);
      return;
    }
    const ms = counters.clock.monotonicMs() - this.beganMs;
    arm.ended(protocol, outcome, ms);
    counters.slow.ended(arm, ms, requestId);
  }
}
