import { Injectable } from '@nestjs/common';
import {
  type Change,
  checkFits,
  type DeploymentSettings,
  type HeldLoad,
  type LoadedVersion,
  VersionLoader,
  type VersionRef,
} from '@understudy/model-slots';
import type { DeploymentRecord } from '@understudy/store';
import type { Intent } from '../change-request';
import { type ManagedDeployment, stateOf } from '../managed-deployment';
import { PromotionGate } from '../replicas/promotion-gate';
import { History } from './history';
import type { TrackedChange } from './tracked-change';

/** A change that can be decided on: versions are in memory, aside of every slot, and held by whoever asked. */
export interface Prepared {
  readonly change: Change | null;
  readonly versions: readonly LoadedVersion[];
}

type Preparing = Exclude<Intent, { kind: 'roll-back' }>;

/** Does what a change needs before it is decided: everything that takes long, and nothing that anybody would notice. */
@Injectable()
export class Preparation {
  constructor(
    private readonly loader: VersionLoader,
    private readonly history: History,
    private readonly gate: PromotionGate,
  ) {}

  async prepare(
    managed: ManagedDeployment,
    intent: Preparing,
    stored: DeploymentRecord | null,
    tracked: TrackedChange,
  ): Promise<Prepared> {
    switch (intent.kind) {
      case 'load-next':
      case 'fill':
        return this.prepareVersion(managed, intent, stateOf(stored).settings, tracked);
      case 'replace':
        return this.prepareWhole(managed, intent, tracked);
      case 'restore':
        return this.prepareEarlier(managed, intent.generation, tracked);
      case 'promote':
        if (stored?.next) await this.gate.wait(managed, stored.next, tracked);
        return { change: { kind: 'promote' }, versions: [] };
      case 'set-split':
      case 'unload-next':
        return { change: intent, versions: [] };
      case 'remove':
        return { change: null, versions: [] };
    }
  }

  release({ versions }: Prepared): void {
    for (const version of versions) this.loader.release(version);
  }

  private async prepareVersion(
    managed: ManagedDeployment,
    { kind, modelUri }: Preparing & { readonly kind: 'load-next' | 'fill' },
    settings: DeploymentSettings,
    tracked: TrackedChange,
  ): Promise<Prepared> {
    const { ref, version } = await this.loader.load(modelUri, optionsFor(tracked, settings));
    return this.checked([version], () => {
      checkFits(version, managed.served.held.current, settings);
      return { kind, version: ref };
    });
  }

  private async prepareWhole(
    managed: ManagedDeployment,
    { current: currentUri, next: nextUri, canaryProbability, settings }: Preparing & { readonly kind: 'replace' },
    tracked: TrackedChange,
  ): Promise<Prepared> {
    const options = optionsFor(tracked, settings);
    const current = await this.loader.load(currentUri, options);
    const next = await this.beside(current, () =>
      nextUri === null ? Promise.resolve(null) : this.loader.load(nextUri, options),
    );
    const versions = next === null ? [current.version] : [current.version, next.version];
    return this.checked(versions, () => {
      checkFits(current.version, managed.served.held.current, settings);
      if (next !== null) checkFits(next.version, current.version, settings);
      const wanted = { current: current.ref, next: next?.ref ?? null, canaryProbability, settings };
      return { kind: 'replace', wanted };
    });
  }

  /** The versions that answer are in memory before the change; the one to go back to follows. */
  private async prepareEarlier(
    managed: ManagedDeployment,
    generation: number,
    tracked: TrackedChange,
  ): Promise<Prepared> {
    const { generation: _, ...wanted } = await this.history.stateAt(managed.name, generation);
    const options = optionsFor(tracked, wanted.settings);
    const restore = (ref: VersionRef | null): Promise<HeldLoad | null> =>
      ref === null ? Promise.resolve(null) : this.loader.restore(ref, options);
    const current = await restore(wanted.current);
    const next = await (current === null ? restore(wanted.next) : this.beside(current, () => restore(wanted.next)));
    const versions = [current, next].flatMap((load) => (load === null ? [] : [load.version]));
    return { change: { kind: 'restore', wanted }, versions };
  }

  /** Lets go of the first version where the second cannot be had. */
  private async beside<T>(first: HeldLoad, loadSecond: () => Promise<T>): Promise<T> {
    try {
      return await loadSecond();
    } catch (error) {
      this.loader.release(first.version);
      throw error;
    }
  }

  private checked(versions: readonly LoadedVersion[], toChange: () => Change): Prepared {
    try {
      return { change: toChange(), versions };
    } catch (error) {
      this.release({ change: null, versions });
      throw error;
    }
  }
}

function optionsFor(tracked: TrackedChange, settings: DeploymentSettings) {
  return {
    settings,
    signal: tracked.signal,
    onNews: (news: Parameters<TrackedChange['report']>[0]) => {
      tracked.report(news);
    },
  };
}
