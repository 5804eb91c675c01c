import type { Origin } from '../audit/audit-event';
import type { DeploymentChange, DeploymentChanged, DeploymentRecord, IdempotencyKey } from './deployment-record';

/** What the deployments are wanted to be, over restarts and replicas. */
export abstract class DeploymentStore {
  /** All that were not removed, by name. Throws DomainError `database-unavailable`. */
  abstract readAll(): Promise<readonly DeploymentRecord[]>;

  /** One of them; null where there is none of this name. Throws DomainError `database-unavailable`. */
  abstract read(name: string): Promise<DeploymentRecord | null>;

  /**
   * Compare-and-set: makes the state the wanted one if the generation is still the expected one, together with its entry of the
   * audit trail. Durable when it resolves. Throws DomainError `generation-mismatch` (recorded as refused; `details.generation` is
   * the one it has), `idempotency-key-reused`, `database-unavailable` (nothing was changed) or `change-outcome-unknown`.
   */
  abstract change(change: DeploymentChange): Promise<DeploymentChanged>;

  /**
   * What a request with this key from the same sender did before; null when it did nothing yet. For asking before a long preparation: the
   * decision falls in {@link change}. Throws DomainError `idempotency-key-reused`.
   */
  abstract findReplay(origin: Origin, key: IdempotencyKey): Promise<DeploymentChanged | null>;
}
