import type { Clock } from '@understudy/platform';
import { type EntityManager, EntitySchema } from 'typeorm';
import type { Database } from '../database/database';
import { type DeploymentReport, type ReplicaRecord, type ReplicaReport, ReplicaStore } from './replica-store';

/** How long a replica that no longer reports is shown, in milliseconds. */
const REMEMBERED_MS = 24 * 60 * 60 * 1000;

interface ReplicaRow {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly release: string;
  readonly startedAt: string;
  readonly heartbeatAt: string;
  readonly deployments: readonly DeploymentReport[];
}

export const ReplicaRowEntity = new EntitySchema<ReplicaRow>({
  name: 'replica',
  tableName: 'understudy_replicas',
  columns: {
    id: { type: 'text', primary: true },
    host: { type: 'text' },
    pid: { type: 'integer' },
    release: { type: 'text' },
    startedAt: { name: 'started_at', type: 'text' },
    heartbeatAt: { name: 'heartbeat_at', type: 'text' },
    deployments: { type: 'simple-json' },
  },
});

export class SqlReplicaStore extends ReplicaStore {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {
    super();
  }

  override async report(report: ReplicaReport): Promise<void> {
    await this.database.transaction(async (manager) => {
      const heartbeatAt = (await this.now(manager)).toISOString();
      const row: ReplicaRow = { ...report, startedAt: report.startedAt.toISOString(), heartbeatAt };
      await manager.upsert(ReplicaRowEntity, row, ['id']);
    });
  }

  override list(): Promise<readonly ReplicaRecord[]> {
    return this.database.read(async (manager) => {
      const now = await this.now(manager);
      const rows = await manager.find(ReplicaRowEntity);
      return rows
        .map((row) => toRecord(row, now))
        .filter(({ ageMs }) => ageMs <= REMEMBERED_MS)
        .sort((a, b) => b.startedAt.getTime() - a.startedAt.getTime());
    });
  }

  override async forget(id: string): Promise<void> {
    await this.database.transaction((manager) => manager.delete(ReplicaRowEntity, { id }));
  }

  /** Removes replicas that have not reported for longer than they are shown. */
  async prune(): Promise<void> {
    await this.database.transaction(async (manager) => {
      const before = new Date((await this.now(manager)).getTime() - REMEMBERED_MS).toISOString();
      await manager
        .createQueryBuilder()
        .delete()
        .from(ReplicaRowEntity)
        .where('heartbeat_at < :before', { before })
        .execute();
    });
  }

  private async now(manager: EntityManager): Promise<Date> {
    if (this.database.place.kind === 'embedded') return this.clock.now();
    const [row] = await manager.query<{ now: Date }[]>('SELECT clock_timestamp() AS now');
    return row?.now ?? this.clock.now();
  }
}

function toRecord({ startedAt, heartbeatAt, ...row }: ReplicaRow, now: Date): ReplicaRecord {
  const heartbeat = new Date(heartbeatAt);
  return {
    ...row,
    startedAt: new Date(startedAt),
    heartbeatAt: heartbeat,
    ageMs: Math.max(0, now.getTime() - heartbeat.getTime()),
  };
}
