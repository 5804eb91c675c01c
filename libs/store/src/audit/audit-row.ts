import { EntitySchema } from 'typeorm';
import type { AuditEntry, AuditEvent, AuditOutcome, JsonValue } from './audit-event';

/** An entry as the database holds it: what was hashed, byte for byte. */
export interface AuditRow {
  readonly sequence: number;
  readonly id: string;
  readonly at: string;
  readonly actor: string;
  readonly tokenId: string | null;
  readonly address: string | null;
  readonly action: string;
  readonly subject: string;
  readonly reason: string | null;
  readonly beforeState: string | null;
  readonly afterState: string | null;
  readonly outcome: string;
  readonly problem: string | null;
  readonly requestId: string;
  readonly hash: string;
}

export const AuditRowEntity = new EntitySchema<AuditRow>({
  name: 'audit',
  tableName: 'understudy_audit',
  columns: {
    sequence: { type: 'integer', primary: true },
    id: { type: 'text' },
    at: { type: 'text' },
    actor: { type: 'text' },
    tokenId: { name: 'token_id', type: 'text', nullable: true },
    address: { type: 'text', nullable: true },
    action: { type: 'text' },
    subject: { type: 'text' },
    reason: { type: 'text', nullable: true },
    beforeState: { name: 'before_state', type: 'text', nullable: true },
    afterState: { name: 'after_state', type: 'text', nullable: true },
    outcome: { type: 'text' },
    problem: { type: 'text', nullable: true },
    requestId: { name: 'request_id', type: 'text' },
    hash: { type: 'text' },
  },
});

/** Longest text of one field; a hostile value must not fill the disk. */
const MAX_TEXT_LENGTH = 4_096;

/**
 * What both kinds of database give back as it was: PostgreSQL takes no NUL, and half a surrogate pair would be stored as another
 * character than was hashed.
 */
export function storableText(text: string): string {
  return text.slice(0, MAX_TEXT_LENGTH).toWellFormed().replaceAll('\0', '\u{FFFD}');
}

export function toRow(entry: AuditEntry, { id, at, sequence }: { id: string; at: Date; sequence: number }) {
  const { origin, problem } = entry;
  const orNull = (text: string | null): string | null => (text === null ? null : storableText(text));
  return {
    sequence,
    id,
    at: at.toISOString(),
    actor: storableText(origin.actor),
    tokenId: orNull(origin.tokenId),
    address: orNull(origin.address),
    action: storableText(entry.action),
    subject: storableText(entry.subject),
    reason: orNull(origin.reason),
    beforeState: toJson(entry.before),
    afterState: toJson(entry.after),
    outcome: entry.outcome,
    problem: problem === null ? null : toJson({ code: problem.code, detail: storableText(problem.detail) }),
    requestId: storableText(origin.requestId),
  };
}

export function toEvent(row: AuditRow): AuditEvent {
  return {
    sequence: row.sequence,
    id: row.id,
    at: new Date(row.at),
    origin: {
      actor: row.actor,
      tokenId: row.tokenId,
      address: row.address,
      requestId: row.requestId,
      reason: row.reason,
    },
    action: row.action,
    subject: row.subject,
    before: fromJson(row.beforeState),
    after: fromJson(row.afterState),
    outcome: row.outcome as AuditOutcome,
    problem: fromJson(row.problem) as AuditEvent['problem'],
    hash: row.hash,
  };
}

/** JSON escapes NUL and halves of surrogate pairs by itself. */
function toJson(value: JsonValue): string | null {
  return value === null ? null : JSON.stringify(value);
}

function fromJson(text: string | null): JsonValue {
  return text === null ? null : (JSON.parse(text) as JsonValue);
}
