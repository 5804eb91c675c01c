import { DEFAULT_DEPLOYMENT } from '@understudy/model-slots';
import { DomainError } from '@understudy/platform';
import type { Preconditions } from './change-request';

/** Throws DomainError `generation-mismatch` where a deployment at this generation (null: there is none) is not what was expected. */
export function checkPreconditions(
  name: string,
  generation: number | null,
  { ifMatch, mustNotExist }: Preconditions,
): void {
  const is = generation === null ? 'does not exist' : `is at generation ${generation}`;
  if (mustNotExist && generation !== null) throw mismatch(name, is, 'that it did not exist yet', { generation });
  if (ifMatch === undefined) return;
  if (ifMatch === 'exists') {
    if (generation === null && name !== DEFAULT_DEPLOYMENT) throw mismatch(name, is, 'that it exists', { generation });
    return;
  }
  if ((generation ?? 0) === ifMatch) return;
  throw mismatch(name, is, `generation ${ifMatch}`, { generation, expectedGeneration: ifMatch });
}

function mismatch(name: string, is: string, expected: string, details: object): DomainError {
  return new DomainError(
    'generation-mismatch',
    `Deployment "${name}" ${is}; the change expected ${expected}. Read it again and decide again`,
    { ...details },
  );
}
