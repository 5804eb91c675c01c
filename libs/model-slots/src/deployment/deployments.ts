import { Injectable } from '@nestjs/common';
import { Deployment } from './deployment';
import { EMPTY_STATE } from './deployment-state';
import { DEFAULT_DEPLOYMENT, deploymentNotFound, ServedDeployments } from './served-deployments';
import { VersionPool } from './version-pool';

/** All deployments that this server answers for. */
@Injectable()
export class Deployments extends ServedDeployments {
  override readonly default: Deployment;
  private readonly byName = new Map<string, Deployment>();
  private readonly listeners = new Set<() => void>();

  constructor(private readonly pool: VersionPool) {
    super();
    this.default = this.create(DEFAULT_DEPLOYMENT);
    this.byName.set(DEFAULT_DEPLOYMENT, this.default);
  }

  override get all(): readonly Deployment[] {
    return [...this.byName.values()];
  }

  override named(name: string): Deployment {
    const found = this.byName.get(name);
    if (found !== undefined) return found;
    throw deploymentNotFound(name, this.all);
  }

  /** A deployment that answers requests from its first flip on. */
  create(name: string): Deployment {
    return new Deployment(name, this.pool, (deployment) => {
      if (deployment.state !== EMPTY_STATE) this.byName.set(name, deployment);
      this.tell();
    });
  }

  /** Takes a deployment away. Requests under way finish. */
  remove(name: string): void {
    const deployment = this.byName.get(name);
    if (deployment === undefined || deployment === this.default) return;
    this.byName.delete(name);
    deployment.flip(EMPTY_STATE);
  }

  /** Calls the listener once after each flip, and after each removal. Returns how to stop. */
  onServedChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}
