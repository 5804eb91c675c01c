import type { AuditEntry, AuditEvent, AuditOutcome } from './audit-event';
import type { ChainHead, ChainVerdict } from './audit-chain';

/** Which entries are asked for; what is left out does not matter. */
export interface AuditFilter {
  readonly subject?: string;
  readonly actor?: string;
  readonly action?: string;
  readonly outcome?: AuditOutcome;
  readonly requestId?: string;
  /** Inclusive. */
  readonly from?: Date;
  /** Exclusive. */
  readonly to?: Date;
}

export interface AuditPage {
  /** Newest first. */
  readonly events: readonly AuditEvent[];
  /** Give it as `before` to get the next older page; null on the last. */
  readonly nextBefore: number | null;
}

/** The audit trail: every attempt to change something, in order, append-only, chained by hashes. */
export abstract class AuditTrail {
  /**
   * Records an attempt that changed nothing in the database: one that was refused, or that broke. What was done is recorded by
   * the store that did it. Throws DomainError `database-unavailable` or `change-outcome-unknown`.
   */
  abstract record(entry: AuditEntry): Promise<void>;

  /** Entries before a sequence number (or from the newest on), at most `limit` of 1 to 1,000. */
  abstract page(filter: AuditFilter, limit: number, before?: number): Promise<AuditPage>;

  /** All entries that match, oldest first, as JSON Lines: one object and a line end each. */
  abstract exportJsonLines(filter: AuditFilter): AsyncIterable<string>;

  /** Follows the whole chain; `keptHead` is an earlier verdict's, kept elsewhere. */
  abstract verify(keptHead?: ChainHead): Promise<ChainVerdict>;
}
