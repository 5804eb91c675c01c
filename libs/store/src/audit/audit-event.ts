export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** What became of an attempt: it changed something, it was not allowed or not possible, or it broke on the way. */
export type AuditOutcome = 'done' | 'refused' | 'failed';

/** Who asks for a change, from where, and why. */
export interface Origin {
  /** The name of the token, or what stands for it where nobody needs one. */
  readonly actor: string;
  readonly tokenId: string | null;
  /** The remote address; null for what the server does by itself. */
  readonly address: string | null;
  readonly requestId: string;
  readonly reason: string | null;
}

/** One attempt to change something, before it is written down. */
export interface AuditEntry {
  readonly origin: Origin;
  /** The verb: `promote`, `roll-back`, `create-token` ... */
  readonly action: string;
  /** What it is done to: `deployment:default`, `token:7f3a...`. */
  readonly subject: string;
  readonly before: JsonValue;
  readonly after: JsonValue;
  readonly outcome: AuditOutcome;
  /** Why it was refused or failed; null when it was done. */
  readonly problem: { readonly code: string; readonly detail: string } | null;
}

/** One entry of the audit trail, as it is kept. */
export interface AuditEvent extends AuditEntry {
  /** 1, 2, 3 ... without gaps; the order of the entries, whatever the clocks say. */
  readonly sequence: number;
  /** A UUID, known before the entry is written: by it an unknown outcome is resolved. */
  readonly id: string;
  readonly at: Date;
  /** SHA-256 over the hash of the entry before and everything in this one, as lower-case hex. */
  readonly hash: string;
}
