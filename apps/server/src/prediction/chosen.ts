import type { ServingSlot } from '@understudy/canary';
import type { DeploymentSettings, ServedVersion } from '@understudy/model-slots';

/** What answers a request: a slot, and the version that it holds. */
export interface Chosen {
  readonly slot: ServingSlot;
  readonly version: ServedVersion;
  /** Of the deployment, as they were when it was chosen. */
  readonly settings: DeploymentSettings;
}

/** The headers that name what answered. */
export function namesOf({ slot, version }: Chosen): string[] {
  return ['X-Model-Used', slot, 'X-Model-Version', versionLabel(version)];
}

/** A header takes ASCII only; names may be anything. */
const versionLabel = ({ identity }: ServedVersion): string => identity.version ?? encodeURI(identity.uri);
