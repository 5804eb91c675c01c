export { CanaryModule } from './canary.module';
export { CanaryRouter } from './canary-router';
export { describeSplit } from './describe-split';
export { RandomSource } from './random-source';
export type { ReadySlots, Routing, RoutingHints, RoutingReason, ServingSlot, Split } from './route';
