import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Agent, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync, gunzipSync, gzipSync, inflateSync } from 'node:zlib';
import { BothDoors } from '../support/both-doors';
import { type Asked, exchange } from '../support/exchange';
import { binaryRequest, bytesOf, takeApart } from '../support/infer-bodies';
import { identityModel } from '../support/onnx/models';

/** How bodies of the Open Inference Protocol travel: compressed, in pieces, too large, cut off, one after another. */

const INFER = '/v2/models/default/infer';
const MOST_JSON = 100_000;
const MOST_BYTES = 1_000_000;

let doors: BothDoors;

beforeAll(async () => {
  doors = await BothDoors.open([identityModel('FP32', [-1, 4])], {
    UNDERSTUDY_MAX_JSON_BYTES: String(MOST_JSON),
    UNDERSTUDY_MAX_BODY_BYTES: String(MOST_BYTES),
  });
});

afterAll(async () => {
  await doors.close();
});

const ROWS = 200;
const NUMBERS = Float32Array.from({ length: ROWS * 4 }, (_, index) => index);
const json = (rows = ROWS): object => ({
  inputs: [{ name: 'X', datatype: 'FP32', shape: [rows, 4], data: [...NUMBERS.subarray(0, rows * 4)] }],
});
const IN_JSON: Asked = { method: 'POST', body: JSON.stringify(json()) };
const IN_BYTES: Asked = binaryRequest(
  {
    inputs: [{ name: 'X', datatype: 'FP32', shape: [ROWS, 4], parameters: { binary_data_size: ROWS * 16 } }],
    parameters: { binary_data_output: true },
  },
  bytesOf(NUMBERS),
);

const tooLarge = (): [number, object] => [
  400,
  { error: expect.stringMatching(/UNDERSTUDY_MAX_(JSON|BODY)_BYTES/) as string },
];

describe('compression', () => {
  const REQUESTS: readonly [string, Record<string, string>, (bytes: Buffer) => Buffer][] = [
    ['as it is', {}, (bytes) => bytes],
    ['identity', { 'Content-Encoding': 'identity' }, (bytes) => bytes],
    ['gzip', { 'Content-Encoding': 'gzip' }, (bytes) => gzipSync(bytes)],
    ['GZIP', { 'Content-Encoding': ' GZIP ' }, (bytes) => gzipSync(bytes)],
    ['deflate', { 'Content-Encoding': 'deflate' }, (bytes) => deflateSync(bytes)],
    ['deflate without a header', { 'Content-Encoding': 'deflate' }, (bytes) => deflateRawSync(bytes)],
  ];
  const ANSWERS: readonly [string | undefined, string | undefined][] = [
    [undefined, undefined],
    ['gzip', 'gzip'],
    ['deflate', 'deflate'],
    ['gzip, deflate, br', 'gzip'],
    ['gzip;q=0, deflate;q=0.5', 'deflate'],
    ['GZIP;q=0.001', 'gzip'],
    ['br, zstd, *', undefined],
    ['gzip;q=0.000', undefined],
    ['identity', undefined],
  ];

  it.each(
    REQUESTS.flatMap(([name, headers, compress]) => ANSWERS.map((answer) => ({ name, headers, compress, answer }))),
  )(
    'of a request $name is undone, and of the answer as $answer.0 asks',
    async ({ headers, compress, answer: [accept, encoding] }) => {
      for (const asked of [IN_JSON, IN_BYTES]) {
        const answer = await doors.ask(INFER, {
          method: 'POST',
          body: compress(Buffer.from(asked.body as Buffer)),
          headers: { ...asked.headers, ...headers, ...(accept === undefined ? {} : { 'Accept-Encoding': accept }) },
        });
        expect([answer.status, answer.headers['content-encoding'], answer.headers.vary]).toEqual([
          200,
          encoding,
          encoding === undefined ? undefined : 'Accept-Encoding',
        ]);
        const { bytes } = answer;
        const plain = encoding === 'gzip' ? gunzipSync(bytes) : encoding === 'deflate' ? inflateSync(bytes) : bytes;
        const { json: described, blobs } = takeApart({ headers: answer.headers, bytes: plain });
        const [output] = described.outputs;
        if (asked === IN_BYTES) expect(blobs['Y']).toEqual(bytesOf(NUMBERS));
        else expect(output?.data).toEqual([...NUMBERS]);
      }
    },
  );

  it('is left out for small answers, refusals and everything but inference', async () => {
    const headers = { 'Accept-Encoding': 'gzip' };
    for (const answer of [
      await doors.ask(INFER, { method: 'POST', body: JSON.stringify(json(1)), headers }),
      await doors.ask(INFER, { method: 'POST', body: `{"outputs":[{"name":"${'x'.repeat(5000)}"}]}`, headers }),
      await doors.ask('/v2/models/default', { headers }),
    ]) {
      expect(answer.headers).not.toHaveProperty('content-encoding');
      expect(answer.json).toEqual(expect.any(Object));
    }
  });

  it.each(['snappy', 'br', 'zstd', 'gzip, gzip', 'gzip,deflate', 'x'.repeat(5000)])(
    '[case 29] is not undone for %s, and the answer says what is',
    async (encoding) => {
      const answer = await doors.ask(INFER, {
        method: 'POST',
        body: brotliCompressSync(JSON.stringify(json())),
        headers: { 'Content-Encoding': encoding },
      });
      expect([answer.status, answer.headers['accept-encoding'], answer.json]).toEqual([
        501,
        'gzip, deflate',
        {
          error: expect.stringMatching(
            /^Content-Encoding ".{2,100}" is not read here; send gzip, deflate, or the body as it is$/,
          ),
        },
      ]);
    },
  );

  const COMPRESSED = gzipSync(JSON.stringify(json()));
  const flipped = Buffer.from(COMPRESSED).fill(0xff, 200, 210);
  it.each<[string, string, Buffer]>([
    ['a truncated gzip', 'gzip', COMPRESSED.subarray(0, -9)],
    ['a gzip without its last byte', 'gzip', COMPRESSED.subarray(0, -1)],
    ['a gzip with other bytes in it', 'gzip', flipped],
    ['no gzip', 'gzip', Buffer.from(JSON.stringify(json()))],
    ['nothing', 'gzip', Buffer.alloc(0)],
    ['gzip', 'deflate', COMPRESSED],
    ['a truncated deflate', 'deflate', deflateSync('{"inputs":[]}').subarray(0, -5)],
    ['random bytes', 'deflate', Buffer.from('9c3f7a11d00eef0a4b', 'hex')],
  ])('[case 29] is refused for %s that is called %s', async (_, encoding, body) => {
    const answer = await doors.ask(INFER, { method: 'POST', body, headers: { 'Content-Encoding': encoding } });
    expect([answer.status, answer.json]).toEqual([
      400,
      { error: `The body is not what its Content-Encoding ${encoding} says` },
    ]);
  });

  it('[case 28] of 200 MB in 200 kB is refused a hundred times without taking memory', async () => {
    const bomb = gzipSync(Buffer.alloc(200_000_000));
    const explode = async (): Promise<void> => {
      const answer = await exchange(`${doors.hot.url}${INFER}`, {
        method: 'POST',
        body: bomb,
        headers: { 'Content-Encoding': 'gzip', 'Inference-Header-Content-Length': '9999999' },
      });
      expect([answer.status, answer.json]).toEqual(tooLarge());
    };
    for (let time = 0; time < 10; time++) await explode();
    const before = heldBytes();
    for (let time = 0; time < 100; time++) await explode();
    expect(heldBytes() - before).toBeLessThan(32 * 1024 * 1024);
  });
});

describe('limits', () => {
  const padded = (length: number): string => JSON.stringify(json(1)).padEnd(length);
  const bytes = (total: number): Asked => {
    const rows = Math.floor(total / 16) - 20;
    const described = {
      inputs: [{ name: 'X', datatype: 'FP32', shape: [rows, 4], parameters: { binary_data_size: rows * 16 } }],
      outputs: [{ name: 'Y', parameters: { binary_data: true } }],
    };
    const text = JSON.stringify(described).padEnd(total - rows * 16);
    return {
      method: 'POST',
      body: Buffer.concat([Buffer.from(text), Buffer.alloc(rows * 16)]),
      headers: { 'Inference-Header-Content-Length': String(text.length) },
    };
  };

  it.each([-1, 0, 1])('[case 26] JSON of the limit and %d bytes', async (more) => {
    for (const headers of [{}, { 'Content-Encoding': 'gzip' }]) {
      const text = padded(MOST_JSON + more);
      const body = 'Content-Encoding' in headers ? gzipSync(text) : text;
      const answer = await doors.ask(INFER, { method: 'POST', body, headers });
      expect([answer.status, answer.json]).toEqual(more > 0 ? tooLarge() : [200, expect.any(Object)]);
    }
  });

  it.each([-1, 0, 1])('[case 26] bytes of the limit and %d bytes', async (more) => {
    for (const encoding of ['identity', 'gzip']) {
      const asked = bytes(MOST_BYTES + more);
      const body = encoding === 'gzip' ? gzipSync(asked.body as Buffer) : asked.body;
      const answer = await doors.ask(INFER, {
        ...asked,
        body,
        headers: { ...asked.headers, 'Content-Encoding': encoding },
      });
      expect([encoding, answer.status]).toEqual([encoding, more > 0 ? 400 : 200]);
    }
  });

  it('[case 26] JSON of more than its limit is refused also where bytes follow', async () => {
    const text = padded(MOST_JSON + 1);
    const answer = await doors.ask(INFER, {
      method: 'POST',
      body: text,
      headers: { 'Inference-Header-Content-Length': String(text.length) },
    });
    expect([answer.status, answer.json]).toEqual(tooLarge());
  });

  it('[case 27] what announces too much is refused at once, and the connection ends', async () => {
    for (const { url } of doors.servers) {
      const [status, connection] = await new Promise<[number | undefined, string | undefined]>((resolve, reject) => {
        const headers = { 'Content-Length': '10000000000' };
        const request = httpRequest(`${url}${INFER}`, { method: 'POST', headers });
        request.on('response', (response) => {
          resolve([response.statusCode, response.headers.connection]);
          request.destroy();
        });
        request.on('error', reject);
        request.write('{');
      });
      // Waited for, it would be 408.
      expect([status, connection]).toEqual([400, 'close']);
    }
  });
});

/** What this process, and the server in it, cannot let go of. */
function heldBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

describe('pieces', () => {
  it.each([1, 3, 1000])('[case 9] of %d bytes are put together', async (chunkBytes) => {
    for (const asked of [IN_JSON, IN_BYTES]) {
      const answer = await doors.ask(INFER, { ...asked, chunkBytes });
      expect(answer.bytes).toEqual((await doors.ask(INFER, asked)).bytes);
    }
  });

  /** Sends so many chunks of one byte that never end, and takes what comes back. */
  const drip = async (url: string, chunks: number): Promise<string> =>
    new Promise((resolve) => {
      const { hostname, port } = new URL(url);
      const socket = connect(Number(port), hostname);
      let answer = '';
      socket.setEncoding('utf8');
      socket.on('data', (text: string) => (answer += text));
      socket.on('error', () => undefined);
      socket.on('close', () => {
        resolve(answer);
      });
      socket.write(
        `POST ${INFER} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nInference-Header-Content-Length: 9\r\n\r\n`,
      );
      socket.write('1\r\nx\r\n'.repeat(chunks));
    });

  it('[case 9] of one byte are refused when they are too many, and take no memory', async () => {
    for (const { url } of doors.servers)
      expect(await drip(url, 65_537)).toMatch(
        /^HTTP\/1\.1 400 [^]*The body comes in more than 65536 chunks of fewer than 64 bytes/,
      );
    const before = heldBytes();
    for (let time = 0; time < 10; time++) expect(await drip(doors.hot.url, 300_000)).toMatch(/^HTTP\/1\.1 400 /);
    // Kept, they would be some 300 MB.
    expect(heldBytes() - before).toBeLessThan(32 * 1024 * 1024);
  });
});

describe('connections', () => {
  it('[case 8] with a hundred requests at once are answered in order', async () => {
    for (const { url } of doors.servers) {
      const { hostname, port } = new URL(url);
      const requests = Array.from({ length: 100 }, (_, index) => {
        const body = JSON.stringify({ id: String(index), ...json(1) });
        const close = index === 99 ? 'Connection: close\r\n' : '';
        return `POST ${INFER} HTTP/1.1\r\nHost: localhost\r\n${close}Content-Length: ${body.length}\r\n\r\n${body}`;
      });
      const answer = await new Promise<string>((resolve) => {
        const socket = connect(Number(port), hostname);
        let text = '';
        socket.setEncoding('utf8');
        socket.on('data', (chunk: string) => (text += chunk));
        socket.on('close', () => {
          resolve(text);
        });
        socket.write(requests.join(''));
      });
      const ids = [...answer.matchAll(/"id":"(\d+)"/g)].map(([, id]) => Number(id));
      expect(ids).toEqual(Array.from({ length: 100 }, (_, index) => index));
    }
  });

  it('go on after a refusal whose body was read', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const statuses: [number | undefined, boolean][] = [];
    for (const body of ['{', JSON.stringify(json(1))]) {
      await new Promise<void>((resolve, reject) => {
        const request = httpRequest(`${doors.hot.url}${INFER}`, { method: 'POST', agent }, (response) => {
          statuses.push([response.statusCode, request.reusedSocket]);
          response.resume().on('end', resolve);
        });
        request.on('error', reject);
        request.end(body);
      });
    }
    agent.destroy();
    expect(statuses).toEqual([
      [400, false],
      [200, true],
    ]);
  });

  it('[cases 4, 5] that are cut in the middle of a body leave nothing behind and nothing in the log', async () => {
    for (const server of doors.servers) {
      const { hostname, port } = new URL(server.url);
      const lines = server.log.length;
      for (let time = 0; time < 20; time++) {
        await new Promise<void>((resolve) => {
          const socket = connect(Number(port), hostname, () => {
            socket.write(`POST ${INFER} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500\r\n\r\n{"inputs":[`, () => {
              if (time % 2 === 0) socket.destroy();
              else socket.end();
            });
          });
          socket.on('close', () => {
            resolve();
          });
          socket.on('error', () => undefined);
          socket.resume();
        });
      }
      expect((await exchange(`${server.url}${INFER}`, IN_JSON)).status).toBe(200);
      expect(server.log.slice(lines).filter(({ level }) => level === 50)).toEqual([]);
    }
  });
});
