import type { ModelSignature, Tensor } from '@understudy/inference';
import { LoadFailure } from './load-failure';
import { type ModelSession, zeros } from './model-session';

export type Warmed =
  | { readonly with: 'example' | 'zeros'; readonly inputs: readonly Tensor[] }
  | { readonly with: 'nothing'; readonly because: string };

/** No input helps a model that cannot get the memory it asks for. */
const OUT_OF_MEMORY = /bad_alloc|alloc\w* .*fail|fail\w* to allocate|out of memory/i;

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
  try {
    await session.run(inputs.map((tensor, index) => ({ ...tensor, index })));
    return { with: example === undefined ? 'zeros' : 'example', inputs };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (example !== undefined)
      throw new LoadFailure(`The model fails on its own input example: ${reason}`, { cause: error });
    if (OUT_OF_MEMORY.test(reason)) {
      throw new LoadFailure(`The model needs more memory than there is: ${reason}`, { cause: error });
    }
    return { with: 'nothing', because: `the model has no input example and fails on zeros: ${reason}` };
  }
}
