import { type ArmCounts, PROTOCOLS } from './arm';
import type { PredictionCounters } from './prediction-counters';
import type { ProtocolName } from './prediction-observer';

/** What one process counted for another that tells it. Plain data: it travels between processes. */
export interface Counted {
  readonly arms: readonly ArmCounts[];
  readonly withoutArm: Float64Array;
  /** By protocol, then code. */
  readonly refusals: Readonly<Record<ProtocolName, ReadonlyMap<string, number>>>;
}

/** Takes what a process counted out of its counters, piece by piece, so that nothing is counted twice or not at all. */
export class CountsToHandOver {
  /** Of arms that the counters forgot since the last take. */
  private forgotten: ArmCounts[] = [];

  constructor(private readonly counters: PredictionCounters) {
    counters.arms.onForget((arm) => {
      const counts = arm.take();
      if (counts !== undefined) this.forgotten.push(counts);
    });
  }

  /** What was counted since the last take; undefined where that is nothing. */
  take(): Counted | undefined {
    const { arms, withoutArm, refusals } = this.counters;
    const present = arms.all.map((arm) => arm.take()).filter((counts) => counts !== undefined);
    const taken: Counted = {
      arms: [...this.forgotten, ...present],
      withoutArm: withoutArm.take(),
      refusals: {
        predict: new Map(refusals.predict),
        invocations: new Map(refusals.invocations),
        infer: new Map(refusals.infer),
      },
    };
    this.forgotten = [];
    for (const protocol of PROTOCOLS) refusals[protocol].clear();
    return isNothing(taken) ? undefined : taken;
  }
}

/** Adds what another process counted. */
export function addCounted(counters: PredictionCounters, { arms, withoutArm, refusals }: Counted): void {
  for (const counts of arms) counters.arms.named(counts.name).add(counts);
  counters.withoutArm.addAll(withoutArm);
  for (const protocol of PROTOCOLS)
    for (const [code, count] of refusals[protocol]) counters.countRefusal(protocol, code, count);
}

const isNothing = ({ arms, withoutArm, refusals }: Counted): boolean =>
  arms.length === 0 &&
  withoutArm.every((count) => count === 0) &&
  PROTOCOLS.every((protocol) => refusals[protocol].size === 0);
