/** How often each thing was counted: by upper bound of the latency in milliseconds (`"5"`, `"inf"`), or by predicted label. */
export type Counts = Readonly<Record<string, number>>;

/** What one arm of a deployment did: a version in a slot. */
export interface ArmTotals {
  readonly slot: string;
  readonly version: string;
  readonly requests: number;
  readonly errors: number;
  /** Requests by the smallest bound, in milliseconds, that their latency did not pass; not cumulative. */
  readonly latency: Counts;
  readonly predictions: Counts;
}

/** What one arm did in one minute on one replica. */
export interface ArmMinute extends ArmTotals {
  /** Minutes since 1970, UTC. */
  readonly minute: number;
  readonly replicaId: string;
  readonly deployment: string;
}

/** Labels kept in one minute; a model that predicts numbers or texts must not fill the disk. */
const MAX_LABELS = 200;

/** What the labels beyond the commonest ones are counted as. */
export const OTHER_LABELS = '(other)';

export function minuteOf(at: Date): number {
  return Math.floor(at.getTime() / 60_000);
}

/** Adds what two arms, minutes or replicas counted. The order does not matter, and histograms may have different bounds. */
export function addTotals(a: ArmTotals, b: ArmTotals): ArmTotals {
  return {
    slot: a.slot,
    version: a.version,
    requests: a.requests + b.requests,
    errors: a.errors + b.errors,
    latency: addCounts(a.latency, b.latency),
    predictions: addCounts(a.predictions, b.predictions),
  };
}

/** The commonest labels; the others as one, so that the sum stays what it was. */
export function withoutRareLabels(predictions: Counts): Counts {
  const labels = Object.entries(predictions);
  if (labels.length <= MAX_LABELS) return predictions;
  labels.sort(([, a], [, b]) => b - a);
  const kept = Object.fromEntries(labels.slice(0, MAX_LABELS));
  const rest = labels.slice(MAX_LABELS).reduce((sum, [, count]) => sum + count, 0);
  return addCounts(kept, { [OTHER_LABELS]: rest });
}

function addCounts(a: Counts, b: Counts): Counts {
  // A label may be called __proto__: it comes from the model.
  const sum = new Map(Object.entries(a));
  for (const [key, count] of Object.entries(b)) sum.set(key, (sum.get(key) ?? 0) + count);
  return Object.fromEntries(sum);
}
