import type { ReplicaRecord } from '@understudy/store';

/** A replica counts as live while its last heartbeat is younger. */
export const LIVE_FOR_MS = 5_000;

export interface Readiness {
  readonly live: number;
  /** Those that do not hold the version ready, as a person finds them. */
  readonly notReady: readonly string[];
  readonly sufficient: boolean;
}

/** Whether enough of the other live replicas hold a version ready in next; this one is ready, or would not ask. */
export function whoIsNotReady(
  others: readonly ReplicaRecord[],
  deployment: string,
  versionUri: string,
  share: number,
): Readiness {
  const live = others.filter(({ ageMs }) => ageMs <= LIVE_FOR_MS);
  const notReady = live.filter((replica) => !holdsReady(replica, deployment, versionUri));
  const all = live.length + 1;
  return {
    live: all,
    notReady: notReady.map(({ host, pid, id }) => `${host} (process ${pid}, replica ${id})`),
    // Counted in whole replicas: half of three is two.
    sufficient: all - notReady.length >= Math.ceil(share * all),
  };
}

function holdsReady({ deployments }: ReplicaRecord, deployment: string, versionUri: string): boolean {
  const report = deployments.find(({ name }) => name === deployment);
  return (
    report?.slots.some(
      ({ slot, version, health }) => slot === 'next' && version === versionUri && health === 'ready',
    ) ?? false
  );
}
