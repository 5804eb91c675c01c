import { Injectable } from '@nestjs/common';
import { Clock, Logger } from '@understudy/platform';
import { ModelSource } from '@understudy/registry';
import { Deployment } from './deployment';
import { DEFAULT_DEPLOYMENT, deploymentNotFound, ServedDeployments } from './served-deployments';
import { VersionPool } from './version-pool';

/** All deployments of this server. */
@Injectable()
export class Deployments extends ServedDeployments {
  override readonly default: Deployment;

  constructor(source: ModelSource, pool: VersionPool, clock: Clock, logger: Logger) {
    super();
    this.default = new Deployment(DEFAULT_DEPLOYMENT, source, pool, clock, logger);
  }

  override get all(): readonly Deployment[] {
    return [this.default];
  }

  override named(name: string): Deployment {
    const found = this.all.find((deployment) => deployment.name === name);
    if (found !== undefined) return found;
    throw deploymentNotFound(name, this.all);
  }
}
