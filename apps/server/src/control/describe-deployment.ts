import { type ManagedDeployment, type ReplicaView, stateOf, type TrackedChange } from '@understudy/control';
import type { DeploymentState } from '@understudy/model-slots';
import { describeSlot } from '../status/describe-slot';
import type { ChangeAnswer, DeploymentAnswer, WantedAnswer } from './deployment.dto';

/** A deployment as it is shown: what is wanted beside what this replica serves. */
export function describeDeployment(
  managed: ManagedDeployment,
  replicas: readonly ReplicaView[] | null,
): DeploymentAnswer {
  const { name, served, wanted, lastChange, lastProblem, problems } = managed;
  const { state, held } = served;
  const underWay = managed.preparing ?? managed.converging ?? managed.lastFailed;
  return {
    name,
    generation: wanted?.generation ?? 0,
    wanted: describeWanted(stateOf(wanted)),
    actual: {
      generation: state.generation,
      current: describeSlot(state.current, held.current),
      next: describeSlot(state.next, held.next),
      previous: describeSlot(state.previous, held.previous),
      canaryProbability: state.canaryProbability,
    },
    converged: managed.isConverged,
    problems: [...problems].map(([slot, { code, detail, at }]) => ({ slot, code, detail, at })),
    change: underWay === null ? null : describeChange(underWay),
    lastChange: lastChange === null ? null : { ...lastChange },
    lastError: lastProblem === null ? null : { ...lastProblem },
    replicas: replicas === null ? null : countReplicas(name, wanted?.generation ?? 0, replicas),
  };
}

export function describeWanted(state: DeploymentState): WantedAnswer {
  const { current, next, previous, canaryProbability, settings } = state;
  return { current, next, previous, canaryProbability, settings };
}

export function describeChange(change: TrackedChange): ChangeAnswer {
  const { id, action, modelUri, state, step, steps, bytes, totalBytes, startedAt, finishedAt, problem, generation } =
    change;
  return {
    id,
    action,
    modelUri,
    state,
    step,
    steps: [...steps],
    bytes,
    totalBytes,
    startedAt,
    finishedAt,
    problem,
    generation,
  };
}

function countReplicas(name: string, generation: number, replicas: readonly ReplicaView[]) {
  const live = replicas.filter((replica) => replica.live);
  const reached = live.filter(({ deployments }) =>
    deployments.some((report) => report.name === name && report.generation === generation),
  );
  return { live: live.length, reached: reached.length };
}
