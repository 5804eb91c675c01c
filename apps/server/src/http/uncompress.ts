import { promisify } from 'node:util';
import { gunzip, inflate, inflateRaw, type ZlibOptions } from 'node:zlib';
import { DomainError } from '@understudy/platform';
import { tooLarge } from './body-in-pieces';
import type { PredictionRequest } from './plain/plain-request';
import { readBody } from './read-body';

type Uncompress = (bytes: Buffer, options: ZlibOptions) => Promise<Buffer>;

const inflateWithHeader = promisify<Buffer, ZlibOptions, Buffer>(inflate);
const inflateWithout = promisify<Buffer, ZlibOptions, Buffer>(inflateRaw);

const ENCODINGS: ReadonlyMap<string, Uncompress> = new Map<string, Uncompress>([
  ['gzip', promisify<Buffer, ZlibOptions, Buffer>(gunzip)],
  // "deflate" means zlib's form; some clients leave its two bytes of header out.
  [
    'deflate',
    async (bytes, options) => (isZlib(bytes) ? inflateWithHeader(bytes, options) : inflateWithout(bytes, options)),
  ],
]);

/** The content encodings that {@link readUncompressedBody} takes, as a header lists them. */
export const ACCEPTED_ENCODINGS = [...ENCODINGS.keys()].join(', ');

/**
 * Reads a request's body and undoes its Content-Encoding; `limitBytes` holds for what came and for what that unfolds to. Throws
 * DomainError `body-too-large`, `unsupported-encoding` or `invalid-body`. `alignedAt` is as `readBody` has it.
 */
export function readUncompressedBody(
  request: PredictionRequest,
  limitBytes: number,
  alignedAt: number,
): Promise<Buffer> {
  if (request.headers['content-encoding'] === undefined) return readBody(request, limitBytes, alignedAt);
  return readAndUncompress(request, limitBytes, alignedAt, request.headers['content-encoding']);
}

async function readAndUncompress(
  request: PredictionRequest,
  limitBytes: number,
  alignedAt: number,
  contentEncoding: string,
): Promise<Buffer> {
  const encoding = contentEncoding.trim().toLowerCase();
  const uncompress = ENCODINGS.get(encoding);
  if (uncompress === undefined && encoding !== 'identity' && encoding !== '') {
    throw new DomainError(
      'unsupported-encoding',
      `Content-Encoding ${JSON.stringify(encoding.slice(0, 100))} is not read here; send ${ACCEPTED_ENCODINGS}, or the body as it is`,
    );
  }
  const body = await readBody(request, limitBytes, alignedAt);
  if (uncompress === undefined) return body;
  try {
    return await uncompress(body, { maxOutputLength: limitBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(limitBytes);
    throw new DomainError('invalid-body', `The body is not what its Content-Encoding ${encoding} says`);
  }
}

/** The low half of the first byte names the method, and both bytes together are a multiple of 31 (RFC 1950). */
function isZlib(bytes: Buffer): boolean {
  return bytes.length >= 2 && ((bytes[0] as number) & 15) === 8 && bytes.readUInt16BE(0) % 31 === 0;
}
