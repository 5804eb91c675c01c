import type { Clock } from '@understudy/platform';
import type { ServingSlot, SlotName } from '../deployment/deployment-state';
import {
  DEFAULT_DEPLOYMENT,
  deploymentNotFound,
  type ServedDeployment,
  ServedDeployments,
  slotHolding,
} from '../deployment/served-deployments';
import type { ServedVersion } from '../deployment/served-version';
import type { RunnerReport } from '../runner/runner-place';
import { MirroredVersion, type MirrorOptions } from './mirrored-version';
import type { DeploymentSnapshot, ServingSnapshot } from './serving-snapshot';

/** What the process that owns the slots is told. */
export interface MirrorListener {
  /** From now on no request is answered from a state before this one. */
  applied(revision: number): void;
  /** No request of this process is at the runners of a version any more that it was told to let go of. */
  released(versionId: number): void;
  report(versionId: number, report: RunnerReport): void;
}

/** A copy of the deployments that another process owns, and of what it says of their runners. */
export class MirroredDeployments extends ServedDeployments {
  private readonly versions = new Map<number, MirroredVersion>();
  private deployments: readonly ServedDeployment[] = [];
  private turn: Promise<void> = Promise.resolve();

  constructor(
    private readonly options: MirrorOptions,
    private readonly clock: Clock,
    private readonly listener: MirrorListener,
  ) {
    super();
  }

  override get default(): ServedDeployment {
    return this.named(DEFAULT_DEPLOYMENT);
  }

  override get all(): readonly ServedDeployment[] {
    return this.deployments;
  }

  override named(name: string): ServedDeployment {
    const found = this.deployments.find((deployment) => deployment.name === name);
    if (found !== undefined) return found;
    throw deploymentNotFound(name, this.deployments);
  }

  /** Requests that wait here, by version. */
  get waitingRequests(): ReadonlyMap<number, number> {
    return new Map([...this.versions].map(([id, { runner }]) => [id, runner.waitingRequests]));
  }

  /** Takes over a snapshot; each in its turn. */
  apply(snapshot: ServingSnapshot): void {
    this.turn = this.turn.then(async () => this.takeOver(snapshot));
  }

  /** Connects to new runners first and then changes what is served in one step: a slot never flips to a version out of reach. */
  private async takeOver({ revision, deployments, versions }: ServingSnapshot): Promise<void> {
    await Promise.all(
      versions.map(async (snapshot) => {
        const version =
          this.versions.get(snapshot.id) ??
          new MirroredVersion(snapshot, this.options, this.clock, (report) => {
            this.listener.report(snapshot.id, report);
          });
        this.versions.set(snapshot.id, version);
        await version.update(snapshot);
      }),
    );
    this.deployments = deployments.map((snapshot) => this.mirror(snapshot));
    this.listener.applied(revision);
    const kept = new Set(versions.map(({ id }) => id));
    for (const [id, version] of this.versions) if (!kept.has(id)) void this.letGo(version);
  }

  private async letGo(version: MirroredVersion): Promise<void> {
    this.versions.delete(version.id);
    await version.finish();
    this.listener.released(version.id);
  }

  private mirror({ name, generation, canaryProbability, settings, slots }: DeploymentSnapshot): ServedDeployment {
    const versionIn = (slot: SlotName): ServedVersion | null => {
      const id = slots[slot];
      return id === null ? null : (this.versions.get(id) ?? null);
    };
    const held = { current: versionIn('current'), next: versionIn('next'), previous: versionIn('previous') };
    return {
      name,
      state: { generation, canaryProbability, settings },
      held,
      slotOf: (version): ServingSlot => slotHolding(name, held, version),
    };
  }
}
