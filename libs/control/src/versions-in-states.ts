import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ModelCache, NeededVersions } from '@understudy/registry';
import { ManagedDeployments } from './managed-deployments';
import { Reconciler } from './reconcile/reconciler';
import { SLOTS } from './managed-deployment';

/** What slots are wanted to hold, or hold here, stays in the cache: a restart and a runner that is started again read it. */
@Injectable()
export class VersionsInStates extends NeededVersions implements OnModuleInit {
  constructor(
    private readonly deployments: ManagedDeployments,
    private readonly reconciler: Reconciler,
    private readonly cache: ModelCache,
  ) {
    super();
  }

  onModuleInit(): void {
    this.cache.neededBy(this);
  }

  /** Null before the store was read, when nobody can tell. */
  override async digests(): Promise<ReadonlySet<string> | null> {
    if (!this.reconciler.knowsWanted) return null;
    const digests = new Set<string>();
    for (const { wanted, served } of this.deployments.all) {
      for (const slot of SLOTS) {
        const ref = wanted?.[slot];
        if (ref) digests.add(ref.digest);
        const held = served.held[slot];
        if (held !== null) digests.add(held.identity.digest);
      }
    }
    return digests;
  }
}
