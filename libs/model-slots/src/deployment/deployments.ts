import { Injectable } from '@nestjs/common';
import { Clock, Logger } from '@understudy/platform';
import { ModelSource } from '@understudy/registry';
import { Deployment } from './deployment';
import { VersionPool } from './version-pool';

/** The deployment that answers the routes without a name. */
const DEFAULT_DEPLOYMENT = 'default';

/** All deployments of this server. */
@Injectable()
export class Deployments {
  readonly default: Deployment;

  constructor(source: ModelSource, pool: VersionPool, clock: Clock, logger: Logger) {
    this.default = new Deployment(DEFAULT_DEPLOYMENT, source, pool, clock, logger);
  }
}
