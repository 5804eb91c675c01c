import { Injectable } from '@nestjs/common';
import { DEFAULT_DEPLOYMENT, deploymentNotFound, Deployments } from '@understudy/model-slots';
import { ManagedDeployment } from './managed-deployment';

/** All deployments that are wanted, and those that somebody is creating. */
@Injectable()
export class ManagedDeployments {
  readonly default: ManagedDeployment;
  private readonly byName = new Map<string, ManagedDeployment>();

  constructor(private readonly deployments: Deployments) {
    this.default = new ManagedDeployment(deployments.default);
    this.byName.set(DEFAULT_DEPLOYMENT, this.default);
  }

  /** Those that there are, by name; `default` always is. */
  get all(): readonly ManagedDeployment[] {
    return [...this.byName.values()]
      .filter((managed) => managed === this.default || managed.wanted !== null)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Throws DomainError `deployment-not-found`. */
  named(name: string): ManagedDeployment {
    const found = this.byName.get(name);
    if (found !== undefined && (found === this.default || found.wanted !== null)) return found;
    throw deploymentNotFound(name, this.all);
  }

  find(name: string): ManagedDeployment | undefined {
    return this.byName.get(name);
  }

  /** The one of this name, which may be one that is only about to be created. */
  ensure(name: string): ManagedDeployment {
    const known = this.byName.get(name);
    if (known !== undefined) return known;
    const fresh = new ManagedDeployment(this.deployments.create(name));
    this.byName.set(name, fresh);
    return fresh;
  }

  /** Lets go of what is no longer wanted, or never came to be. */
  remove(managed: ManagedDeployment): void {
    if (managed === this.default) return;
    managed.want(null);
    if (this.byName.get(managed.name) === managed && managed.preparing === null) this.byName.delete(managed.name);
    this.deployments.remove(managed.name);
  }
}
