import type { ManagedDeployments } from '@understudy/control';
import { type Deployments, type LoadedVersion, RUNNER_STATES, type RunnerStatus } from '@understudy/model-slots';
import type { Readers, Sample } from './metrics-registry';

const SLOTS = ['current', 'next', 'previous'] as const;

/** What slots, splits and runners are like. */
export function slotSamples(
  deployments: Deployments,
  managed: ManagedDeployments,
): Pick<
  Readers,
  | 'understudy_slot_ready'
  | 'understudy_slot_state'
  | 'understudy_canary_probability'
  | 'understudy_deployment_generation'
  | 'understudy_deployment_wanted_generation'
  | 'understudy_runners'
  | 'understudy_runner_restarts_total'
  | 'understudy_runner_memory_bytes'
  | 'understudy_waiting_requests'
> {
  const perDeployment = (read: (deployment: Deployments['default']) => number) => () =>
    deployments.all.map((deployment) => ({ labels: { deployment: deployment.name }, value: read(deployment) }));
  const perVersion = (read: (status: RunnerStatus) => number) => () => sumByVersion(deployments, read);
  return {
    understudy_slot_ready: () => slotReady(deployments),
    understudy_slot_state: () => slotState(deployments),
    understudy_canary_probability: perDeployment(({ state }) => state.canaryProbability),
    understudy_deployment_generation: () =>
      managed.all.map(({ name, reached }) => ({ labels: { deployment: name }, value: reached })),
    understudy_deployment_wanted_generation: () => wantedGenerations(managed),
    understudy_runners: () => runners(deployments),
    understudy_runner_restarts_total: perVersion(({ restarts }) => restarts),
    understudy_runner_memory_bytes: perVersion(({ memoryBytes }) => memoryBytes ?? 0),
    understudy_waiting_requests: perVersion(({ waitingRequests }) => waitingRequests),
  };
}

function* wantedGenerations({ all }: ManagedDeployments): Generator<Sample> {
  for (const { name: deployment, wanted } of all)
    if (wanted !== null) yield { labels: { deployment }, value: wanted.generation };
}

function* slotReady({ all }: Deployments): Generator<Sample> {
  for (const { name: deployment, held } of all)
    for (const slot of SLOTS) yield { labels: { deployment, slot }, value: held[slot]?.isReady === true ? 1 : 0 };
}

function* slotState({ all }: Deployments): Generator<Sample> {
  for (const { name: deployment, held } of all)
    for (const slot of SLOTS) {
      const version = held[slot];
      if (version === null) continue;
      const labels = { deployment, slot, version: version.identity.uri };
      const { state: is } = version.runner.status;
      for (const state of RUNNER_STATES) yield { labels: { ...labels, state }, value: state === is ? 1 : 0 };
    }
}

function* runners(deployments: Deployments): Generator<Sample> {
  for (const [version, statuses] of statusesByVersion(deployments))
    for (const state of RUNNER_STATES)
      yield {
        labels: { version, state },
        value: statuses.flatMap(({ runners }) => runners).filter((runner) => runner.state === state).length,
      };
}

function* sumByVersion(deployments: Deployments, read: (status: RunnerStatus) => number): Generator<Sample> {
  for (const [version, statuses] of statusesByVersion(deployments))
    yield { labels: { version }, value: statuses.reduce((sum, status) => sum + read(status), 0) };
}

/** Slots share runners, and a version whose runner was given up may be loaded a second time. */
function statusesByVersion({ all }: Deployments): ReadonlyMap<string, readonly RunnerStatus[]> {
  const versions = new Set<LoadedVersion>();
  for (const { held } of all) for (const slot of SLOTS) if (held[slot] !== null) versions.add(held[slot]);
  const statuses = new Map<string, RunnerStatus[]>();
  for (const { identity, runner } of versions)
    statuses.set(identity.uri, [...(statuses.get(identity.uri) ?? []), runner.status]);
  return statuses;
}
