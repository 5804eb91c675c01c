import { type Clock, DomainError } from '@understudy/platform';
import type { EntityManager } from 'typeorm';
import type { AuditEntry, Origin } from '../audit/audit-event';
import type { ControlLog, Performed } from '../control/control-log';
import type { Database } from '../database/database';
import type { DeploymentChange, DeploymentChanged, DeploymentRecord, IdempotencyKey } from './deployment-record';
import {
  type DeploymentRow,
  DeploymentRowEntity,
  desiredOf,
  recordFromJson,
  recordToJson,
  toRecord,
} from './deployment-row';
import { DeploymentStore } from './deployment-store';
import { findAnswer, keepAnswer, type KeptAnswer, keyOwner } from './idempotency';

/** A refusal travels out of its transaction as a value: thrown, it would take its entry of the audit trail back with it. */
type Outcome = DeploymentChanged | DomainError;

export class SqlDeploymentStore extends DeploymentStore {
  constructor(
    private readonly database: Database,
    private readonly control: ControlLog,
    private readonly clock: Clock,
  ) {
    super();
  }

  override async readAll(): Promise<readonly DeploymentRecord[]> {
    const rows = await this.database.read((manager) => manager.find(DeploymentRowEntity));
    return rows
      .filter(({ removedAt }) => removedAt === null)
      .map(toRecord)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  override async read(name: string): Promise<DeploymentRecord | null> {
    const row = await this.database.read((manager) => manager.findOneBy(DeploymentRowEntity, { name }));
    return row?.removedAt === null ? toRecord(row) : null;
  }

  override async change(change: DeploymentChange): Promise<DeploymentChanged> {
    const outcome = await this.control.perform((manager) => this.compareAndSet(manager, change));
    if (outcome instanceof DomainError) throw outcome;
    return outcome;
  }

  override async findReplay(origin: Origin, key: IdempotencyKey): Promise<DeploymentChanged | null> {
    const answer = await this.database.read((manager) => findAnswer(manager, keyOwner(origin), key));
    if (answer instanceof DomainError) throw answer;
    return answer === null ? null : replayOf(answer);
  }

  private async compareAndSet(manager: EntityManager, change: DeploymentChange): Promise<Performed<Outcome>> {
    const { name, expectedGeneration, idempotencyKey, origin } = change;
    const row = await manager.findOneBy(DeploymentRowEntity, { name });
    const before = row?.removedAt === null ? toRecord(row) : null;
    if (idempotencyKey !== undefined) {
      const answer = await findAnswer(manager, keyOwner(origin), idempotencyKey);
      if (answer instanceof DomainError) return refused(change, before, answer);
      if (answer !== null) return { result: replayOf(answer), entry: null, announce: false };
    }
    if ((before?.generation ?? null) !== expectedGeneration) {
      return refused(change, before, generationMismatch(change, before?.generation ?? null));
    }
    const deployment = await this.write(manager, change, row);
    if (idempotencyKey !== undefined) {
      await keepAnswer(manager, keyOwner(origin), idempotencyKey, recordToJson(deployment), this.clock.now());
    }
    const entry = entryOf(change, { before: recordToJson(before), after: recordToJson(deployment) });
    return { result: { deployment, replayed: false }, entry, announce: true };
  }

  private async write(
    manager: EntityManager,
    { name, desired }: DeploymentChange,
    row: DeploymentRow | null,
  ): Promise<DeploymentRecord | null> {
    const at = this.clock.now().toISOString();
    const generation = (row?.generation ?? 0) + 1;
    if (row === null) {
      if (desired === null) throw new Error(`${name} is removed before it exists`);
      const created: DeploymentRow = { name, generation, ...desiredOf(desired), changedAt: at, removedAt: null };
      await manager.createQueryBuilder().insert().into(DeploymentRowEntity).values(created).execute();
      return toRecord(created);
    }
    const after: DeploymentRow = {
      ...row,
      ...desired,
      generation,
      changedAt: at,
      removedAt: desired === null ? at : null,
    };
    const { affected } = await manager
      .createQueryBuilder()
      .update(DeploymentRowEntity)
      .set(after)
      .where('name = :name AND generation = :generation', { name, generation: row.generation })
      .execute();
    // The head's lock lets nobody come between; should one ever, this is where it shows.
    if (affected !== 1) throw new Error(`Deployment ${name} was changed by somebody who did not take the head`);
    return desired === null ? null : toRecord(after);
  }
}

function replayOf({ result }: KeptAnswer): DeploymentChanged {
  return { deployment: recordFromJson(result), replayed: true };
}

function generationMismatch({ name, expectedGeneration }: DeploymentChange, generation: number | null): DomainError {
  const is = generation === null ? 'does not exist' : `is at generation ${generation}`;
  const expected = expectedGeneration === null ? 'that it did not exist yet' : `generation ${expectedGeneration}`;
  return new DomainError(
    'generation-mismatch',
    `Deployment "${name}" ${is}; the change expected ${expected}. Read it again and decide again`,
    { generation, expectedGeneration },
  );
}

function refused(
  change: DeploymentChange,
  before: DeploymentRecord | null,
  error: DomainError,
): Performed<DomainError> {
  const problem = { code: error.code, detail: error.message };
  const json = recordToJson(before);
  const entry: AuditEntry = { ...entryOf(change, { before: json, after: json }), outcome: 'refused', problem };
  return { result: error, entry, announce: false };
}

function entryOf({ name, action, origin }: DeploymentChange, states: Pick<AuditEntry, 'before' | 'after'>): AuditEntry {
  return { origin, action, subject: `deployment:${name}`, ...states, outcome: 'done', problem: null };
}
