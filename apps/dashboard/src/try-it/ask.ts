import { api, dataOf } from '../api/client';
import { ApiProblem } from '../api/problem';

export type Answer =
  { readonly ok: true; readonly predictions: readonly unknown[] } | { readonly ok: false; readonly problem: Error };

/** The answer of one slot to these rows; a refusal is an answer too, unless nobody is signed in any more. */
export async function askSlot(deployment: string, slot: 'current' | 'next', rows: readonly unknown[]): Promise<Answer> {
  try {
    const answer = await dataOf(
      api.POST('/deployments/{deployment}/predict', {
        params: { path: { deployment } },
        body: { data: [...rows] },
        headers: { 'X-Model-Slot': slot },
      }),
    );
    return { ok: true, predictions: answer.predictions };
  } catch (error) {
    if (error instanceof ApiProblem && error.needsSignIn) throw error;
    return { ok: false, problem: error instanceof Error ? error : new Error(String(error)) };
  }
}
