import { isDeepStrictEqual } from 'node:util';
import type { Deployment, DeploymentSettings, DeploymentState, SlotName } from '@understudy/model-slots';
import { DEFAULT_DEPLOYMENT, EMPTY_STATE } from '@understudy/model-slots';
import type { DeploymentRecord, DesiredState, JsonValue } from '@understudy/store';
import type { TrackedChange } from './changes/tracked-change';
import { InTurn } from './in-turn';

/** The last change that was made durable, whoever made it. */
export interface LastChange {
  readonly action: string;
  readonly at: Date;
  readonly actor: string;
  readonly reason: string | null;
  readonly requestId: string;
}

/** Why something is not as it is wanted. */
export interface SlotProblem {
  readonly code: string;
  readonly detail: string;
  readonly at: Date;
}

export const SLOTS: readonly SlotName[] = ['current', 'next', 'previous'];

/** One deployment: what is wanted of it by the store, what this replica serves, and what is under way between the two. */
export class ManagedDeployment {
  /** Takes changes one after the other, from the decision to the flip. */
  readonly turns = new InTurn();
  /** What prepares versions for a change that was asked for; one at a time. */
  preparing: TrackedChange | null = null;
  /** What this replica loads to reach the wanted state; null while there is nothing to load. */
  converging: TrackedChange | null = null;
  lastFailed: TrackedChange | null = null;
  lastChange: LastChange | null = null;
  readonly problems = new Map<SlotName, SlotProblem>();
  /** Rollbacks that took effect here and are not in the store yet: until they are, the store is behind. */
  unrecordedRollbacks = 0;
  private record: DeploymentRecord | null = null;
  private edits = 0;
  private lastWhole = 0;

  constructor(readonly served: Deployment) {}

  get name(): string {
    return this.served.name;
  }

  get isDefault(): boolean {
    return this.name === DEFAULT_DEPLOYMENT;
  }

  /** As the store had it when it was last read or written; null where it is not there. */
  get wanted(): DeploymentRecord | null {
    return this.record;
  }

  /** Grows with every {@link want}: what was read before one of them may be older than what is known now. */
  get revision(): number {
    return this.edits;
  }

  want(record: DeploymentRecord | null): void {
    this.record = record;
    this.edits++;
  }

  /** The last generation that requests were answered by with every slot of it in memory; 0 before the first. */
  get reached(): number {
    if (this.holdsAll(this.served.state)) this.lastWhole = this.served.state.generation;
    return this.lastWhole;
  }

  get isConverged(): boolean {
    return (
      this.unrecordedRollbacks === 0 &&
      isDeepStrictEqual(this.served.state, stateOf(this.record)) &&
      this.holdsAll(this.served.state)
    );
  }

  get lastProblem(): SlotProblem | null {
    const problems = [...this.problems.values()];
    const failed = this.lastFailed?.failure ?? null;
    if (failed !== null) problems.push(failed);
    return problems.sort((a, b) => b.at.getTime() - a.at.getTime())[0] ?? null;
  }

  private holdsAll(state: DeploymentState): boolean {
    return SLOTS.every((slot) => state[slot] === null || this.served.held[slot] !== null);
  }
}

export function stateOf(record: DeploymentRecord | null): DeploymentState {
  if (record === null) return EMPTY_STATE;
  const { generation, current, next, previous, canaryProbability } = record;
  // What a newer release may have written besides is left alone.
  const settings = record.settings as DeploymentSettings;
  return { generation, current, next, previous, canaryProbability, settings };
}

export function desiredOf({ current, next, previous, canaryProbability, settings }: DeploymentState): DesiredState {
  return { current, next, previous, canaryProbability, settings: settings as Readonly<Record<string, JsonValue>> };
}
