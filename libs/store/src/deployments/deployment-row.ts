import { EntitySchema } from 'typeorm';
import type { JsonValue } from '../audit/audit-event';
import type { DeploymentRecord, DesiredState, VersionRecord } from './deployment-record';

export interface DeploymentRow {
  readonly name: string;
  readonly generation: number;
  readonly current: VersionRecord | null;
  readonly next: VersionRecord | null;
  readonly previous: VersionRecord | null;
  readonly canaryProbability: number;
  /** JSON; TypeORM's types do not bear its recursion. */
  readonly settings: object;
  readonly changedAt: string;
  /** Set on what was removed. The row stays, so that a generation is never given out twice. */
  readonly removedAt: string | null;
}

export const DeploymentRowEntity = new EntitySchema<DeploymentRow>({
  name: 'deployment',
  tableName: 'understudy_deployments',
  columns: {
    name: { type: 'text', primary: true },
    generation: { type: 'integer' },
    current: { name: 'current_version', type: 'simple-json', nullable: true },
    next: { name: 'next_version', type: 'simple-json', nullable: true },
    previous: { name: 'previous_version', type: 'simple-json', nullable: true },
    canaryProbability: { name: 'canary_probability', type: 'double precision' },
    settings: { type: 'simple-json' },
    changedAt: { name: 'changed_at', type: 'text' },
    removedAt: { name: 'removed_at', type: 'text', nullable: true },
  },
});

export function toRecord(row: DeploymentRow): DeploymentRecord {
  const { name, generation, current, next, previous, canaryProbability, changedAt } = row;
  const settings = row.settings as DesiredState['settings'];
  return { name, generation, current, next, previous, canaryProbability, settings, changedAt: new Date(changedAt) };
}

export function desiredOf({ current, next, previous, canaryProbability, settings }: DesiredState): DesiredState {
  return { current, next, previous, canaryProbability, settings };
}

/** For the audit trail and for answers that are kept: times as texts. */
export function recordToJson(record: DeploymentRecord | null): JsonValue {
  return record === null ? null : (JSON.parse(JSON.stringify(record)) as JsonValue);
}

export function recordFromJson(json: JsonValue): DeploymentRecord | null {
  if (json === null) return null;
  const record = json as unknown as Omit<DeploymentRecord, 'changedAt'> & { changedAt: string };
  return { ...record, changedAt: new Date(record.changedAt) };
}
