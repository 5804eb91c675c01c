import type { DeclaredAs } from '@understudy/inference';
import type { SlotName } from '../deployment/deployment-state';
import type { DeploymentSettings } from '../deployment/deployment-settings';
import type { Deployment } from '../deployment/deployment';
import type { LoadedVersion } from '../deployment/loaded-version';
import type { VersionIdentity } from '../deployment/version-ref';
import type { QueueLimits } from '../runner/admission';
import type { Outlook } from '../runner/runner-lanes';
import type { RunnerFacts } from '../runner/runner-messages';
import type { RunnerPlace } from '../runner/runner-place';

/** All that another serving process has to know to answer as this one would. Plain data: it travels between processes. */
export interface ServingSnapshot {
  /** Grows with every change. */
  readonly revision: number;
  readonly deployments: readonly DeploymentSnapshot[];
  /** Each version that a slot holds, once. */
  readonly versions: readonly VersionSnapshot[];
}

export interface DeploymentSnapshot {
  readonly name: string;
  readonly generation: number;
  readonly canaryProbability: number;
  readonly settings: DeploymentSettings;
  /** Ids of versions. */
  readonly slots: Readonly<Record<SlotName, number | null>>;
}

export interface VersionSnapshot {
  /** Names this load of the version: the same version loaded again later has another. */
  readonly id: number;
  readonly identity: VersionIdentity;
  readonly classNames: readonly string[] | null;
  readonly declaredAs: DeclaredAs;
  readonly facts: RunnerFacts;
  readonly outlook: Outlook;
  readonly runners: readonly RunnerPlace[];
  /** What may wait for it in all processes together. */
  readonly queue: QueueLimits;
}

const SLOTS: readonly SlotName[] = ['current', 'next', 'previous'];

export function takeSnapshot(revision: number, deployments: readonly Deployment[]): ServingSnapshot {
  const versions = new Set<LoadedVersion>();
  for (const { held } of deployments) for (const slot of SLOTS) if (held[slot] !== null) versions.add(held[slot]);
  return {
    revision,
    deployments: deployments.map(({ name, state, held }) => ({
      name,
      generation: state.generation,
      canaryProbability: state.canaryProbability,
      settings: state.settings,
      slots: {
        current: held.current?.id ?? null,
        next: held.next?.id ?? null,
        previous: held.previous?.id ?? null,
      },
    })),
    versions: [...versions].map(describe),
  };
}

function describe({ id, identity, classNames, declaredAs, runner }: LoadedVersion): VersionSnapshot {
  const { name, uri, version, digest } = identity;
  const { isOver, lastProblem, facts, places, queue } = runner;
  return {
    id,
    identity: { name, uri, version, digest },
    classNames,
    declaredAs,
    facts,
    outlook: { isOver, lastProblem },
    runners: places,
    queue,
  };
}
