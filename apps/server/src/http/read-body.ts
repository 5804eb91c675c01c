import { DomainError } from '@understudy/platform';
import { BodyInPieces, tooLarge } from './body-in-pieces';
import { PlainRequest, type PredictionRequest } from './plain/plain-request';
import { WholeBodyRequest } from './whole-body-request';

/**
 * Reads a request's body whole. Throws DomainError `body-too-large` as soon as that is known, from the length that was announced
 * or from the bytes that came; the rest is not read. Rejects with the request's own error when the client goes away.
 *
 * Where the memory of a large body is chosen here, its byte `alignedAt` begins where every element type may; it can be given to
 * `reuseBodyMemory`.
 */
export function readBody(request: PredictionRequest, limitBytes: number, alignedAt = 0): Promise<Buffer> {
  const bytes = Number(request.headers['content-length'] ?? 0);
  if (bytes > limitBytes) return Promise.reject(tooLarge(limitBytes));
  if (request instanceof PlainRequest) return Promise.resolve(request.body);
  if (request instanceof WholeBodyRequest && request.mayBeTaken) return request.takeBody(limitBytes, bytes, alignedAt);
  return new Promise((resolve, reject) => {
    const body = new BodyInPieces(limitBytes);
    request.on('data', (chunk: Buffer) => {
      body.add(chunk);
      const refusal = body.whyRefused();
      if (refusal === undefined) return;
      request.removeAllListeners('data');
      request.pause();
      reject(refusal);
    });
    request.on('end', () => {
      resolve(body.whole());
    });
    request.on('error', reject);
  });
}

/** Throws DomainError `unsupported-media-type` where the body comes compressed. */
export function checkNotCompressed({ headers }: PredictionRequest): void {
  const encoding = headers['content-encoding'];
  if (encoding === undefined || encoding === 'identity') return;
  throw new DomainError(
    'unsupported-media-type',
    `Expected a body as it is, got Content-Encoding ${shown(encoding)}. Send it uncompressed`,
  );
}

/** Throws DomainError `unsupported-media-type` unless the body is announced as plain JSON in UTF-8. */
export function checkJsonHeaders(request: PredictionRequest): void {
  checkNotCompressed(request);
  const { headers } = request;
  const type = headers['content-type'];
  if (type === 'application/json') return;
  if (type !== undefined && /^application\/(json|[\w.+-]+\+json)\s*(;\s*charset="?utf-8"?\s*)?$/i.test(type)) return;
  const came = type === undefined ? 'no Content-Type' : `Content-Type ${shown(type)}`;
  throw new DomainError(
    'unsupported-media-type',
    `Expected JSON in UTF-8, got ${came}. Send the header "Content-Type: application/json"`,
  );
}

const shown = (value: string): string => JSON.stringify(value.slice(0, 100));
