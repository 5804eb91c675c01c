import type { DeploymentRecord, JsonValue } from '@understudy/store';

/** A wanted state as the audit trail shows it. */
export function recordJson(record: DeploymentRecord | null): JsonValue {
  return record === null ? null : (JSON.parse(JSON.stringify(record)) as JsonValue);
}
