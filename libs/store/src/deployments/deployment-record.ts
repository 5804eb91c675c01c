import type { JsonValue, Origin } from '../audit/audit-event';

/** A model version in a slot, with all that a restart needs to serve the very same bytes without the registry. */
export interface VersionRecord {
  /** The URI that names exactly this version: `models:/iris/3`. */
  readonly uri: string;
  /** The URI that was asked for: `models:/iris@champion`. */
  readonly requestedUri: string;
  readonly name: string;
  /** Null for a logged model or a run. */
  readonly version: string | null;
  /** SHA-256 over the version's files. */
  readonly digest: string;
}

/** What a deployment is wanted to be. */
export interface DesiredState {
  readonly current: VersionRecord | null;
  readonly next: VersionRecord | null;
  readonly previous: VersionRecord | null;
  /** The share of requests that current answers: 1 is all current, 0 is all next. */
  readonly canaryProbability: number;
  /** What else is set for this deployment; the store keeps it and does not look into it. */
  readonly settings: Readonly<Record<string, JsonValue>>;
}

export interface DeploymentRecord extends DesiredState {
  readonly name: string;
  /** Grows by one with every change; goes on when a removed deployment is created again. */
  readonly generation: number;
  readonly changedAt: Date;
}

/** Makes a change that is asked for twice happen once. */
export interface IdempotencyKey {
  /** The Idempotency-Key header, unique among the keys of one actor. */
  readonly key: string;
  /** What was asked for, the same text for the same request. */
  readonly request: string;
}

export interface DeploymentChange {
  readonly name: string;
  /** The generation that the change was decided on; null when the deployment must not exist. */
  readonly expectedGeneration: number | null;
  /** The whole state afterwards; null removes the deployment. */
  readonly desired: DesiredState | null;
  readonly action: string;
  readonly origin: Origin;
  readonly idempotencyKey?: IdempotencyKey;
}

export interface DeploymentChanged {
  /** Null when the deployment was removed. */
  readonly deployment: DeploymentRecord | null;
  /** Whether the same request had done this before, so that nothing was done now. */
  readonly replayed: boolean;
}
