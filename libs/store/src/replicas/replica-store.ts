/** What one slot of a deployment is like on one replica. */
export interface SlotReport {
  readonly slot: string;
  /** The URI of the version it holds; null when it is empty. */
  readonly version: string | null;
  /** As the runner's lifecycle names it: `ready`, `restarting`, `failed` ... */
  readonly health: string;
}

export interface DeploymentReport {
  readonly name: string;
  /** The generation that this replica has reached. */
  readonly generation: number;
  readonly slots: readonly SlotReport[];
}

/** What a replica says of itself with every heartbeat. */
export interface ReplicaReport {
  /** A UUID of this start of the server. */
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  /** The release it runs. */
  readonly release: string;
  readonly startedAt: Date;
  readonly deployments: readonly DeploymentReport[];
}

export interface ReplicaRecord extends ReplicaReport {
  readonly heartbeatAt: Date;
  /** Since the heartbeat, by the database's clock, so that the clocks of the replicas do not matter. */
  readonly ageMs: number;
}

/** The replicas and what each has reached. */
export abstract class ReplicaStore {
  /** The heartbeat. May be repeated. Throws DomainError `database-unavailable`. */
  abstract report(report: ReplicaReport): Promise<void>;

  /** Those heard of in the last day, the latest start first; what age means a dead one is the reader's to say. */
  abstract list(): Promise<readonly ReplicaRecord[]>;

  /** For a replica that stops in good order. */
  abstract forget(id: string): Promise<void>;
}
