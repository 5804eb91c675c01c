import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string | undefined;
  /** Sends the body in pieces of this many bytes, without announcing its length. */
  readonly chunkBytes?: number;
}

/** An answer with its bytes as they came. */
export class Exchanged {
  constructor(
    readonly status: number,
    readonly headers: IncomingHttpHeaders,
    readonly bytes: Buffer,
  ) {}

  get text(): string {
    return this.bytes.toString();
  }

  get json(): unknown {
    return JSON.parse(this.text) as unknown;
  }
}

/** Asks with just these headers and bytes; nothing is compressed, uncompressed or retried on the way. */
export async function exchange(
  url: string,
  { method = 'GET', headers = {}, body, chunkBytes }: Asked = {},
): Promise<Exchanged> {
  const bytes = body === undefined ? undefined : Buffer.from(body);
  const announced = bytes !== undefined && chunkBytes === undefined ? { 'Content-Length': String(bytes.length) } : {};
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method, headers: { ...announced, ...headers } });
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        resolve(new Exchanged(response.statusCode ?? 0, response.headers, Buffer.concat(chunks)));
      });
      response.on('error', reject);
    });
    request.on('error', reject);
    if (bytes !== undefined && chunkBytes !== undefined) {
      for (let at = 0; at < bytes.length; at += chunkBytes) request.write(bytes.subarray(at, at + chunkBytes));
      request.end();
    } else request.end(bytes);
  });
}
