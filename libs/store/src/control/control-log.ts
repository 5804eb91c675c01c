import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Clock, DomainError, isDomainError } from '@understudy/platform';
import type { EntityManager } from 'typeorm';
import { entryHash } from '../audit/audit-chain';
import type { AuditEntry } from '../audit/audit-event';
import { AuditRowEntity, toRow } from '../audit/audit-row';
import { CommitUnknown, type Database } from '../database/database';
import type { StoreSettings } from '../store-settings';
import { type Head, lockHead, writeHead } from './head';

/** Between two questions for the outcome of a change, in milliseconds. */
const RESOLVE_PAUSE_MS = 200;

/** PostgreSQL's channel of announcements; the payload is the revision. */
export const CHANNEL = 'understudy_changes';

/** What a control change did to the database. */
export interface Performed<T> {
  readonly result: T;
  /** What the audit trail says of it; null where nothing was asked for that was not done before. */
  readonly entry: AuditEntry | null;
  /** Whether replicas need to hear of it. */
  readonly announce: boolean;
}

/** Told of each revision that this process made, once it is durable. */
export type RevisionListener = (revision: number) => void;

/** Performs control changes: each in one transaction with its entry of the audit trail, one after the other over all replicas. */
export class ControlLog {
  private readonly listeners = new Set<RevisionListener>();

  constructor(
    private readonly database: Database,
    private readonly settings: StoreSettings,
    private readonly clock: Clock,
  ) {}

  onRevision(listener: RevisionListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /**
   * Runs the work and records what it says. When this resolves both are on the disk. Throws DomainError `database-unavailable`
   * when nothing was done, `change-outcome-unknown` when the connection broke during the commit and the database did not come
   * back in time, and what the work throws.
   */
  async perform<T>(work: (manager: EntityManager) => Promise<Performed<T>>): Promise<T> {
    const id = randomUUID();
    // Remembered outside, for when the answer to the commit is lost and the commit is found to have been made.
    const last: { done: { readonly result: T; readonly revision: number | null } | null } = { done: null };
    try {
      await this.database.transactionInTurn(async (manager) => {
        const head = await lockHead(manager);
        const { result, entry, announce } = await work(manager);
        const revision = announce ? head.revision + 1 : head.revision;
        if (entry !== null) await this.append(manager, { ...head, revision }, entry, id);
        if (announce) await notify(manager, revision);
        last.done = { result, revision: announce ? revision : null };
      });
    } catch (error) {
      if (!(error instanceof CommitUnknown)) throw error;
      await this.resolve(id, error);
    }
    if (last.done === null) throw new Error('A transaction ended without its work');
    const { result, revision } = last.done;
    if (revision !== null) for (const listener of this.listeners) listener(revision);
    return result;
  }

  private async append(manager: EntityManager, head: Head, entry: AuditEntry, id: string): Promise<void> {
    const row = toRow(entry, { id, at: this.clock.now(), sequence: head.sequence + 1 });
    const hash = entryHash(head.hash, row);
    await manager
      .createQueryBuilder()
      .insert()
      .into(AuditRowEntity)
      .values({ ...row, hash })
      .execute();
    await writeHead(manager, { ...head, sequence: row.sequence, hash });
  }

  /** Returns when the change with this entry was made; throws when it was not, or when nobody can tell. */
  private async resolve(id: string, cause: CommitUnknown): Promise<void> {
    const deadlineMs = this.clock.monotonicMs() + this.settings.resolveTimeoutMs;
    while (this.clock.monotonicMs() < deadlineMs) {
      const made = await this.wasMade(id).catch(nullWhenUnavailable);
      if (made === true) return;
      if (made === false) {
        throw new DomainError(
          'database-unavailable',
          'The database was lost before it made the change; nothing was changed. Try again',
          {},
          { cause },
        );
      }
      await sleep(RESOLVE_PAUSE_MS);
    }
    throw new DomainError(
      'change-outcome-unknown',
      'The database was lost while it made the change durable and did not come back in time. Look for the change in the audit ' +
        'trail once it is back, before you ask for it again',
      { changeId: id },
      { cause },
    );
  }

  /** Waits for the head, so that the transaction in question has ended, one way or the other, when this looks. */
  private wasMade(id: string): Promise<boolean> {
    return this.database.transactionInTurn(async (manager) => {
      await lockHead(manager);
      return manager.existsBy(AuditRowEntity, { id });
    });
  }
}

function nullWhenUnavailable(error: unknown): null {
  if (error instanceof CommitUnknown || isDomainError(error, 'database-unavailable')) return null;
  throw error;
}

async function notify(manager: EntityManager, revision: number): Promise<void> {
  if (manager.dataSource.options.type !== 'postgres') return;
  // Sent with the commit, and only then.
  await manager.query('SELECT pg_notify($1, $2)', [CHANNEL, String(revision)]);
}
