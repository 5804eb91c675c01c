import type { IncomingMessage } from 'node:http';
import { DomainError } from '@understudy/platform';

/**
 * Reads a request's body whole. Throws DomainError `body-too-large` as soon as that is known, from the length that was announced
 * or from the bytes that came; the rest is not read. Rejects with the request's own error when the client goes away.
 */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > limitBytes) throw tooLarge(limitBytes);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > limitBytes) {
        request.removeAllListeners('data');
        request.pause();
        reject(tooLarge(limitBytes));
      } else chunks.push(chunk);
    });
    request.on('end', () => {
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, bytes));
    });
    request.on('error', reject);
  });
}

/** Throws DomainError `unsupported-media-type` unless the body is announced as plain JSON in UTF-8. */
export function checkJsonHeaders({ headers }: IncomingMessage): void {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    throw new DomainError(
      'unsupported-media-type',
      `Expected a body as it is, got Content-Encoding ${shown(encoding)}. Send it uncompressed`,
    );
  }
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

function tooLarge(limitBytes: number): DomainError {
  return new DomainError(
    'body-too-large',
    `The body has more than ${limitBytes} bytes. Send fewer rows at a time, or raise UNDERSTUDY_MAX_JSON_BYTES`,
  );
}
