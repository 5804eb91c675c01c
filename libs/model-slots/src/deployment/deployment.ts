import { runnerSettingsKey } from './deployment-settings';
import { type DeploymentState, EMPTY_STATE, type ServingSlot, type SlotName } from './deployment-state';
import { type HeldVersions, NOTHING_HELD } from './held-versions';
import type { LoadedVersion } from './loaded-version';
import { type ServedDeployment, slotHolding } from './served-deployments';
import { isSameVersion, type VersionRef } from './version-ref';
import type { VersionPool } from './version-pool';

/**
 * One addressable endpoint as it answers requests here: its slots and its split. Whoever changes it prepares versions aside and then
 * flips in one step; nothing else ever writes the slots, so no request sees half a change.
 */
export class Deployment implements ServedDeployment {
  private served: DeploymentState = EMPTY_STATE;
  private slots: HeldVersions = NOTHING_HELD;

  constructor(
    readonly name: string,
    private readonly pool: VersionPool,
    private readonly onFlip: (deployment: Deployment) => void,
  ) {}

  get state(): DeploymentState {
    return this.served;
  }

  get held(): HeldVersions {
    return this.slots;
  }

  slotOf(version: string): ServingSlot {
    return slotHolding(this.name, this.slots, version);
  }

  /** The version in memory that a slot would hold under these settings; null where none does. */
  find(ref: VersionRef | null, settings: DeploymentState['settings']): LoadedVersion | null {
    return findIn(Object.values(this.slots), ref, settings);
  }

  /**
   * Makes this the state that requests are answered by, with versions that are held already and those that the caller brings. The
   * caller keeps its own hold on what it brings. A slot whose version is in neither stays empty; were that current while there is one
   * now, nothing is done. Returns whether it was.
   */
  flip(state: DeploymentState, incoming: readonly LoadedVersion[] = []): boolean {
    const before = this.slots;
    const known = [...incoming, ...Object.values(before)];
    const holderOf = (slot: SlotName): LoadedVersion | null => findIn(known, state[slot], state.settings);
    const after: HeldVersions = {
      current: holderOf('current'),
      next: holderOf('next'),
      previous: holderOf('previous'),
    };
    if (state.current !== null && after.current === null && before.current !== null) return false;
    // The new ones are held before the old are let go of: what is in both must not end in between.
    for (const version of Object.values(after)) if (version !== null) this.pool.retain(version);
    this.slots = after;
    this.served = state;
    this.pool.flipped(this.name, after.current);
    for (const version of Object.values(before)) if (version !== null) this.pool.release(version);
    this.onFlip(this);
    return true;
  }
}

function findIn(
  versions: readonly (LoadedVersion | null)[],
  ref: VersionRef | null,
  settings: DeploymentState['settings'],
): LoadedVersion | null {
  const key = runnerSettingsKey(settings);
  const found = versions.find(
    (version) =>
      version !== null && isSameVersion(version.identity, ref) && runnerSettingsKey(version.startedWith) === key,
  );
  return found ?? null;
}
