import { isDomainError } from '@understudy/platform';
import { refusalOf, type Refuse } from '../http/refusal';
import { ACCEPTED_ENCODINGS } from '../http/uncompress';

const NOT_FOUND = ['deployment-not-found', 'version-not-served'] as const;

/** Clients of Triton look for how this begins. */
const asTriton = (sentence: string): string => sentence.replace(/(^|: )Deployment '/, "$1Request for unknown model: '");

/** As the Open Inference Protocol has it: `{"error": sentence}`, and 400 for a body that is too large or does not fit the model. */
export const refuseInOpenInference: Refuse = (error, requestId) => {
  const refusal = refusalOf(error, requestId);
  const isMistake = isDomainError(error, 'tensor-mismatch') || isDomainError(error, 'body-too-large');
  const isNotFound = NOT_FOUND.some((code) => isDomainError(error, code));
  const isEncoding = isDomainError(error, 'unsupported-encoding');
  return {
    ...refusal,
    status: isMistake ? 400 : isEncoding ? 501 : refusal.status,
    headers: isEncoding ? [...refusal.headers, 'Accept-Encoding', ACCEPTED_ENCODINGS] : refusal.headers,
    contentType: 'application/json',
    body: JSON.stringify({ error: isNotFound ? asTriton(refusal.detail) : refusal.detail }),
  };
};
