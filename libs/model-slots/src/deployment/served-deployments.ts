import { DomainError } from '@understudy/platform';
import type { DeploymentSettings } from './deployment-settings';
import type { ServingSlot, SlotName } from './deployment-state';
import type { ServedVersion } from './served-version';

/** The deployment that answers the routes without a name. */
export const DEFAULT_DEPLOYMENT = 'default';

/** What answering a request needs to know of a deployment. */
export interface ServedDeployment {
  readonly name: string;
  readonly state: {
    readonly generation: number;
    readonly canaryProbability: number;
    readonly settings: DeploymentSettings;
  };
  readonly held: Readonly<Record<SlotName, ServedVersion | null>>;
  /** The slot that answers with a version of this number; current where both do. Throws DomainError `version-not-served`. */
  slotOf(version: string): ServingSlot;
}

/**
 * The deployments that requests can name, as they are at this moment. A port: where requests are answered by another process than
 * the one that owns the slots, that process holds a copy.
 */
export abstract class ServedDeployments {
  /** The deployment that answers the routes without a name. */
  abstract get default(): ServedDeployment;

  abstract get all(): readonly ServedDeployment[];

  /** Throws DomainError `deployment-not-found`. */
  abstract named(name: string): ServedDeployment;
}

/** The slot that answers with a version of this number; current where both do. Throws DomainError `version-not-served`. */
export function slotHolding(deployment: string, held: ServedDeployment['held'], version: string): ServingSlot {
  const slot = (['current', 'next'] as const).find((name) => held[name]?.identity.version === version);
  if (slot !== undefined) return slot;
  throw new DomainError(
    'version-not-served',
    `Deployment '${deployment}' version ${version.slice(0, 100)} is not found: ` +
      'it is in neither slot; load it with POST /update-model',
  );
}

/** What a request is told that names a deployment that is not there. */
export function deploymentNotFound(name: string, all: readonly { readonly name: string }[]): DomainError {
  const names = all.map((deployment) => deployment.name).join(', ');
  return new DomainError(
    'deployment-not-found',
    `Deployment '${name.slice(0, 100)}' is not found; there ${all.length === 1 ? 'is' : 'are'} ${names}`,
  );
}
