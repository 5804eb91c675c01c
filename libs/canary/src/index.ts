export { CanaryModule } from './canary.module';
export { CanaryRouter } from './canary-router';
export { describeSplit } from './describe-split';
export { RandomSource } from './random-source';
export { type ArmOutcomes, judge, type Verdict, type VerdictLimit } from './verdict';
export type { ReadySlots, Routing, RoutingHints, RoutingReason, ServingSlot, Split } from './route';
