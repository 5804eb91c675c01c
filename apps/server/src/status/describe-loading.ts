import type { LastChange, ManagedDeployment, TrackedChange } from '@understudy/control';
import type { LastChangeAnswer, LoadProgressAnswer } from './status.dto';

/** What is being loaded, as /status shows it. */
export function describeLoading(change: TrackedChange, { wanted }: ManagedDeployment): LoadProgressAnswer {
  const { modelUri, step, startedAt, bytes, totalBytes } = change;
  return { modelUri: modelUri ?? wanted?.current?.uri ?? '', step, startedAt, bytes, totalBytes };
}

export function describeLastChange({ action, at, requestId, actor, reason }: LastChange): LastChangeAnswer {
  return { kind: action, at, requestId, actor, reason };
}
