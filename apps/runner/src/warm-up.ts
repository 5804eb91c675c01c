import type { ModelSignature, Tensor } from '@understudy/inference';
import type { RunTiming } from '@understudy/model-slots';
import { LoadFailure } from './load-failure';
import { type ModelSession, zeros } from './model-session';
import { isOutOfMemory } from './out-of-memory';
import { timingOf } from './timing';

export type Warmed =
  | { readonly with: 'example' | 'zeros'; readonly inputs: readonly Tensor[]; readonly timing: RunTiming }
  | { readonly with: 'nothing'; readonly because: string };

/**
 * Runs the model once, so that the first request finds everything in place. A model that fails on its own example is broken and
 * refused; one that fails on zeros may only dislike zeros, and is served cold.
 */
export async function warmUp(
  session: ModelSession,
  signature: ModelSignature,
  example: readonly Tensor[] | undefined,
): Promise<Warmed> {
  const inputs = example ?? signature.inputs.map((spec) => ({ name: spec.name, ...zeros(spec.datatype, spec.shape) }));
  const start = performance.now();
  try {
    await session.run(inputs.map((tensor, index) => ({ ...tensor, index })));
    const timing = timingOf(inputs, performance.now() - start);
    return { with: example === undefined ? 'zeros' : 'example', inputs, timing };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (example !== undefined)
      throw new LoadFailure(`The model fails on its own input example: ${reason}`, { cause: error });
    // No other input helps a model that cannot get the memory it asks for.
    if (isOutOfMemory(reason)) throw new LoadFailure(`The model cannot run: ${reason}`, { cause: error });
    return { with: 'nothing', because: `the model has no input example and fails on zeros: ${reason}` };
  }
}
