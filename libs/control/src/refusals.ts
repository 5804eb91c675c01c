import { type decide, DEFAULT_DEPLOYMENT, type Facts, isSameVersion } from '@understudy/model-slots';
import { DomainError } from '@understudy/platform';
import type { DeploymentRecord } from '@understudy/store';
import type { ManagedDeployment } from './managed-deployment';

/** What is true of a deployment on this replica at the moment of a decision. */
export function factsOf(managed: ManagedDeployment, stored: DeploymentRecord | null): Facts {
  const { next } = managed.served.held;
  return {
    nextIsReady: next !== null && next.isReady && isSameVersion(next.identity, stored?.next ?? null),
    loading: managed.preparing === null ? null : (managed.preparing.modelUri ?? 'a version'),
    previousIsHeld: managed.served.find(stored?.previous ?? null, managed.served.state.settings) !== null,
  };
}

export function refusal(name: string, { code, why }: Extract<ReturnType<typeof decide>, { ok: false }>): DomainError {
  return new DomainError(code, `Deployment "${name}": ${why}`);
}

export function rollbackComesFirst(name: string): DomainError {
  return new DomainError(
    'change-conflict',
    `A rollback of "${name}" is being recorded. Read it again in a moment and decide again`,
  );
}

export function protectedDeployment(): DomainError {
  return new DomainError(
    'deployment-protected',
    `"${DEFAULT_DEPLOYMENT}" answers the routes without a name and cannot be deleted`,
  );
}
