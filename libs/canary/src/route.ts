/** The two slots that answer requests. */
export type ServingSlot = 'current' | 'next';

/** What a request says about where it wants to go. */
export interface RoutingHints {
  /** From `X-Model-Slot`: answer from this slot or not at all. */
  readonly forcedSlot: ServingSlot | undefined;
  /** From `X-Canary-Key`: always the same slot for the same key while the split stands. */
  readonly canaryKey: string | undefined;
}

/** How requests are shared out between the slots. */
export interface Split {
  /** The share of requests that current answers, from 0 to 1. */
  readonly canaryProbability: number;
}

/** Which slots hold a version that can answer now. */
export type ReadySlots = Readonly<Record<ServingSlot, boolean>>;

export type RoutingReason = 'split' | 'sticky' | 'forced' | 'next-not-ready';

export interface Routing {
  readonly slot: ServingSlot;
  readonly because: RoutingReason;
}

/**
 * Decides which slot answers a request.
 *
 * `draw` is a number from 0 up to but not including 1: random for a request without a key, the key's own place for one with a key.
 * The lowest draws go to next, as many as its share: while that share grows, a key that went to next stays there (monotone).
 * A request that would go to a next that cannot answer goes to current, unless it was forced.
 */
export function route(hints: RoutingHints, split: Split, ready: ReadySlots, draw: number): Routing {
  if (hints.forcedSlot !== undefined) return { slot: hints.forcedSlot, because: 'forced' };
  const because = hints.canaryKey === undefined ? 'split' : 'sticky';
  if (draw >= 1 - split.canaryProbability) return { slot: 'current', because };
  return ready.next ? { slot: 'next', because } : { slot: 'current', because: 'next-not-ready' };
}
