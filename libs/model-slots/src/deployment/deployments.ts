import { Injectable } from '@nestjs/common';
import { Clock, DomainError, Logger } from '@understudy/platform';
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
  get all(): readonly Deployment[] {
    return [this.default];
  }

  /** Throws DomainError `deployment-not-found`. */
  named(name: string): Deployment {
    const found = this.all.find((deployment) => deployment.name === name);
    if (found !== undefined) return found;
    const names = this.all.map((deployment) => deployment.name).join(', ');
    throw new DomainError(
      'deployment-not-found',
      // Clients of Triton look for how this begins.
      `Request for unknown model: '${name.slice(0, 100)}' is not found; the deployments are ${names}`,
    );
  }
}
