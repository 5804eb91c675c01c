import type { SlotName } from './deployment-state';
import type { LoadedVersion } from './loaded-version';

/** What a deployment's slots hold in memory. */
export type HeldVersions = Readonly<Record<SlotName, LoadedVersion | null>>;

export const NOTHING_HELD: HeldVersions = { current: null, next: null, previous: null };
