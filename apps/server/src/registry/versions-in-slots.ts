import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ServedDeployments } from '@understudy/model-slots';
import { ModelCache, NeededVersions } from '@understudy/registry';

/** What the slots of this process hold stays in the cache: a runner that is started again reads its files again. */
@Injectable()
export class VersionsInSlots extends NeededVersions implements OnModuleInit {
  constructor(
    private readonly deployments: ServedDeployments,
    private readonly cache: ModelCache,
  ) {
    super();
  }

  onModuleInit(): void {
    this.cache.neededBy(this);
  }

  override async digests(): Promise<ReadonlySet<string>> {
    const held = this.deployments.all.flatMap((deployment) => Object.values(deployment.held));
    return new Set(held.flatMap((version) => (version === null ? [] : [version.identity.digest])));
  }
}
