import type { Tensor } from '@understudy/inference';
import type { RunTiming } from '@understudy/model-slots';

/** How long a run on these inputs took, with how much they are. */
export function timingOf(inputs: readonly Tensor[], ms: number): RunTiming {
  const rows = inputs[0]?.shape[0] ?? 1;
  return { rows: Math.max(rows, 1), elements: inputs.reduce((sum, { data }) => sum + data.length, 0), ms };
}
