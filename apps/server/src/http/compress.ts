import { promisify } from 'node:util';
import { deflate, gzip, type ZlibOptions } from 'node:zlib';
import type { PredictionRequest } from './plain/plain-request';
import type { HttpAnswer } from './refusal';

const compressors = {
  gzip: promisify<Buffer, ZlibOptions, Buffer>(gzip),
  deflate: promisify<Buffer, ZlibOptions, Buffer>(deflate),
};

/** Smaller answers fit one packet either way. */
const LEAST_BYTES = 1024;

/** Fast rather than small: tensors hardly shrink. */
const LEVEL = 1;

/** The answer compressed as the request's Accept-Encoding asks, where that is worth it; compressing happens on another thread. */
export async function compressFor(request: PredictionRequest, answer: HttpAnswer): Promise<HttpAnswer> {
  const encoding = preferred(request.headers['accept-encoding']);
  if (encoding === undefined) return answer;
  const body = typeof answer.body === 'string' ? Buffer.from(answer.body) : Buffer.concat(answer.body);
  if (body.length < LEAST_BYTES) return answer;
  return {
    ...answer,
    headers: [...answer.headers, 'Content-Encoding', encoding, 'Vary', 'Accept-Encoding'],
    body: [await compressors[encoding](body, { level: LEVEL })],
  };
}

/** The first of gzip and deflate that the header takes (RFC 9110, 12.5.3); undefined where it takes neither, or wants none. */
function preferred(header: string | string[] | undefined): 'gzip' | 'deflate' | undefined {
  if (typeof header !== 'string') return undefined;
  const taken = header
    .toLowerCase()
    .split(',')
    .map((item) => item.split(';').map((part) => part.trim()))
    .filter(([, quality]) => quality === undefined || !/^q=0(\.0*)?$/.test(quality))
    .map(([name]) => name);
  return (['gzip', 'deflate'] as const).find((encoding) => taken.includes(encoding));
}
