/** Where the durable state lives. */
export type DatabasePlace =
  /** One file beside the server, for one server. */
  | { readonly kind: 'embedded'; readonly path: string }
  /** A PostgreSQL server, for several replicas; the URL may hold a password and is never logged. */
  | { readonly kind: 'postgres'; readonly url: string };

/** How the durable state is reached. All times in milliseconds. */
export class StoreSettings {
  constructor(
    readonly place: DatabasePlace,
    /** Longest wait for one connection or one statement; then the database counts as unavailable. PostgreSQL only. */
    readonly timeoutMs = 1_500,
    /** How often each replica looks for changes whose announcement it may have missed. */
    readonly pollIntervalMs = 500,
    /** Connections to PostgreSQL, beside the one that listens. */
    readonly poolSize = 5,
    /** How long a start waits for PostgreSQL to answer. */
    readonly startTimeoutMs = 30_000,
    /** How long the outcome of a change is asked for when the connection broke while it was committed. */
    readonly resolveTimeoutMs = 5_000,
  ) {}
}
