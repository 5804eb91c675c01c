import { Injectable } from '@nestjs/common';
import { ManagedDeployments } from './managed-deployments';
import { Reconciler } from './reconcile/reconciler';
import { SLOTS } from './managed-deployment';

/** Which files of the cache somebody needs. */
@Injectable()
export class NeededVersions {
  constructor(
    private readonly deployments: ManagedDeployments,
    private readonly reconciler: Reconciler,
  ) {}

  /** Digests that a slot is wanted to hold, or holds here; null before the store was read, when nobody can tell. */
  neededDigests(): ReadonlySet<string> | null {
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
