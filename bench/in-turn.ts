import { mean } from './format';
import type { Measured } from './load';

/** How often the two take turns in a round, and so in how short pieces they are measured. */
const TURNS = 4;

/** How long a piece lasts, where a round lasts `seconds` otherwise: the two together are measured for twice as long. */
export const pieceSeconds = (seconds: number): number => Math.max(1, Math.round(seconds / 2));

/**
 * Measures two that are compared, in short pieces and in turn: within a few seconds the pace of a machine drifts by more than they
 * differ.
 */
export async function inTurn<A, B>(one: () => Promise<A>, other: () => Promise<B>): Promise<readonly [A[], B[]]> {
  const [ones, others]: [A[], B[]] = [[], []];
  for (let turn = 1; turn <= TURNS; turn++) {
    ones.push(await one());
    others.push(await other());
  }
  return [ones, others];
}

/** The pieces of a round as one: means; of p99 the worst. */
export const together = (pieces: readonly Measured[]): Measured => ({
  requestsPerSecond: mean(pieces.map(({ requestsPerSecond }) => requestsPerSecond)),
  p50Ms: mean(pieces.map(({ p50Ms }) => p50Ms)),
  p99Ms: Math.max(...pieces.map(({ p99Ms }) => p99Ms)),
  failures: pieces.reduce((sum, { failures }) => sum + failures, 0),
});

/** For the page: how such figures were measured. The end of a sentence. */
export const MEASURED_IN_TURN = `measured ${TURNS} times in turn in each round, for a second or two each, because the pace of the machine drifts.`;
