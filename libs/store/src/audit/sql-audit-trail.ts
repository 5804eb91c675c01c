import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SelectQueryBuilder } from 'typeorm';
import type { ControlLog } from '../control/control-log';
import { readHead } from '../control/head';
import type { Database } from '../database/database';
import { type ChainHead, type ChainVerdict, genesisHash, verifyChain } from './audit-chain';
import type { AuditEntry } from './audit-event';
import { type AuditRow, AuditRowEntity, toEvent } from './audit-row';
import { type AuditFilter, type AuditPage, AuditTrail } from './audit-trail';

const MAX_PAGE = 1_000;

/** Rows read at a time while all are gone through; few enough that the embedded kind holds up no prediction. */
const BATCH_ROWS = 200;

export class SqlAuditTrail extends AuditTrail {
  constructor(
    private readonly database: Database,
    private readonly control: ControlLog,
  ) {
    super();
  }

  override record(entry: AuditEntry): Promise<void> {
    return this.control.perform(async () => ({ result: undefined, entry, announce: false }));
  }

  override async page(filter: AuditFilter, limit: number, before?: number): Promise<AuditPage> {
    const take = Math.min(Math.max(1, Math.trunc(limit)), MAX_PAGE);
    const rows = await this.select(filter, (query) => {
      if (before !== undefined) query.andWhere('audit.sequence < :before', { before });
      // One more than asked for tells whether there is another page.
      return query.orderBy('audit.sequence', 'DESC').limit(take + 1);
    });
    const events = rows.slice(0, take).map(toEvent);
    return { events, nextBefore: rows.length > take ? (events.at(-1)?.sequence ?? null) : null };
  }

  override async *exportJsonLines(filter: AuditFilter): AsyncGenerator<string> {
    for await (const row of this.oldestFirst(filter)) yield `${JSON.stringify(toEvent(row))}\n`;
  }

  override async verify(keptHead?: ChainHead): Promise<ChainVerdict> {
    // Read first: entries that are added meanwhile are beyond it and not looked at.
    const head = await this.database.read(readHead);
    const rows = this.oldestFirst({}, head.sequence);
    return verifyChain(rows, genesisHash(head.databaseId), head, keptHead);
  }

  private async *oldestFirst(filter: AuditFilter, upTo?: number): AsyncGenerator<AuditRow> {
    for (let after = 0; ;) {
      const rows = await this.select(filter, (query) => {
        query.andWhere('audit.sequence > :after', { after });
        if (upTo !== undefined) query.andWhere('audit.sequence <= :upTo', { upTo });
        return query.orderBy('audit.sequence', 'ASC').limit(BATCH_ROWS);
      });
      yield* rows;
      const last = rows.at(-1);
      if (last === undefined || rows.length < BATCH_ROWS) return;
      after = last.sequence;
      await nextTurn();
    }
  }

  private select(
    filter: AuditFilter,
    narrow: (query: SelectQueryBuilder<AuditRow>) => SelectQueryBuilder<AuditRow>,
  ): Promise<AuditRow[]> {
    return this.database.read((manager) => {
      const query = manager.createQueryBuilder(AuditRowEntity, 'audit').where('1 = 1');
      const { from, to, ...equal } = filter;
      for (const column of ['subject', 'actor', 'action', 'outcome', 'requestId'] as const) {
        const value = equal[column];
        if (value !== undefined) query.andWhere(`audit.${column} = :${column}`, { [column]: value });
      }
      // Times are texts of one form, so they sort as times.
      if (from !== undefined) query.andWhere('audit.at >= :from', { from: from.toISOString() });
      if (to !== undefined) query.andWhere('audit.at < :to', { to: to.toISOString() });
      return narrow(query).getMany();
    });
  }
}
