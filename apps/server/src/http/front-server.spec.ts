import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import type { AnswerOutlet } from './answer-outlet';
import { FrontServer } from './front-server';
import { NoObserver, type ObservedPrediction } from '../observation/prediction-observer';
import { matchPrediction } from './prediction-routes';
import { type PlainRequest, type PredictionRequest } from './plain/plain-request';
import { readBody } from './read-body';
import { ResponseOutlet } from './response-outlet';

const RUNS = 150;
const LIMIT_BYTES = 10_000_000;

/** Says what it read, whoever read it; the body only as far as a test compares it. */
async function echo(request: PredictionRequest, outlet: AnswerOutlet): Promise<void> {
  const body = await readBody(request, LIMIT_BYTES).catch(() => undefined);
  if (body === undefined) return;
  const { method, url, headers, rawHeaders } = request;
  const said = JSON.stringify({
    method,
    url,
    headers,
    rawHeaders,
    bytes: body.length,
    body: body.toString('latin1', 0, 200),
    end: body.toString('latin1', body.length - 5),
    sum: body.reduce((sum, byte) => (sum * 31 + byte) % 1_000_003, 0),
  });
  outlet.send(200, ['Content-Length', String(Buffer.byteLength(said))], said, Buffer.byteLength(said), true);
}

/** A server, and how many requests it read without node:http. */
class Front {
  readonly server: FrontServer;
  readonly held: (() => void)[] = [];
  private readonly clients: Client[] = [];
  plain = 0;
  /** Whether answers wait until a test lets them go. */
  holds = false;
  /** Whether it reads bodies that come after their heads. */
  awaits = true;
  /** What became of requests whose bodies came after their heads. */
  readonly seen: string[] = [];

  constructor(takesPlain: boolean) {
    this.server = new FrontServer((request, response) => {
      if (matchPrediction(request) === undefined) response.end(`node:http read ${request.url}`);
      else void echo(request, new ResponseOutlet(request, response));
    });
    if (takesPlain)
      this.server.takePlain({
        expect: () => (this.awaits ? this.observed() : undefined),
        take: (request, outlet, observed) => {
          if (observed !== undefined) this.seen.push('came');
          return this.take(request, outlet);
        },
      });
  }

  async open(): Promise<this> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return this;
  }

  connect(): Client {
    const client = new Client((this.server.address() as AddressInfo).port);
    this.clients.push(client);
    return client;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    for (const { socket } of this.clients) socket.destroy();
    await closed;
  }

  private observed(): ObservedPrediction {
    this.seen.push('awaited');
    return { ...new NoObserver().begin(), gone: () => this.seen.push('gone') };
  }

  private take(request: PlainRequest, outlet: AnswerOutlet): boolean {
    if (request.headers['x-not-here'] !== undefined) return false;
    this.plain++;
    if (this.holds) this.held.push(() => void echo(request, outlet));
    else void echo(request, outlet);
    return true;
  }
}

class Client {
  readonly socket: Socket;
  text = '';
  isClosed = false;

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    this.socket.on('data', (chunk: Buffer) => (this.text += chunk.toString('latin1')));
    this.socket.on('error', () => undefined);
    this.socket.on('end', () => (this.isClosed = true));
    this.socket.on('close', () => (this.isClosed = true));
  }

  /** Sends pieces, each once the one before was read. */
  async send(...pieces: readonly string[]): Promise<this> {
    for (const piece of pieces) {
      await new Promise((resolve) => this.socket.write(piece, 'latin1', resolve));
      await new Promise(setImmediate);
      await new Promise(setImmediate);
    }
    return this;
  }

  /** All that came, once nothing more has come for a moment. Without what differs from one second to the next. */
  async rest(): Promise<string> {
    for (let before = -1; before !== this.text.length && !this.isClosed;) {
      before = this.text.length;
      await sleep(25);
    }
    return this.text.replace(/\r\nDate: [^\r]*/g, '');
  }

  async until(condition: () => boolean): Promise<void> {
    const untilMs = performance.now() + 20_000;
    while (!condition()) {
      if (performance.now() > untilMs) throw new Error(`still waiting; got ${this.text}`);
      await sleep(5);
    }
  }
}

const post = (body: string, ...headers: readonly string[]): string =>
  ['POST /predict HTTP/1.1', 'Host: x', `Content-Length: ${Buffer.byteLength(body)}`, ...headers, '', body].join(
    '\r\n',
  );

const answersIn = (text: string): number => text.split('HTTP/1.1 200').length - 1;

let plain: Front;
let usual: Front;

beforeEach(async () => {
  [plain, usual] = await Promise.all([new Front(true).open(), new Front(false).open()]);
});

afterEach(async () => {
  await Promise.all([plain.close(), usual.close()]);
});

/**
 * Where what follows a good request in the same bytes is none, the connection is closed. Whether node:http says why first depends on when
 * it sees the answer before as sent.
 */
const BAD_REQUEST_AFTER_AN_ANSWER = /(?<=.)HTTP\/1\.1 400 Bad Request\r\nConnection: close\r\n\r\n$/s;

/** What both answer to the same bytes. */
async function both(...pieces: readonly string[]): Promise<{ readonly plain: string; readonly usual: string }> {
  const [one, other] = await Promise.all(
    [plain, usual].map(async (front) => {
      const client = front.connect();
      const answer = await (await client.send(...pieces)).rest();
      client.socket.destroy();
      return `${answer.replace(BAD_REQUEST_AFTER_AN_ANSWER, '')}${client.isClosed ? '[closed]' : ''}`;
    }),
  );
  return { plain: one as string, usual: other as string };
}

describe('a server that reads small predictions by itself', () => {
  it.each<[string, number, readonly string[]]>([
    ['one after the other', 3, [post('a'), post('', 'X-A: 1'), post('c')]],
    ['in pieces', 1, [post('abc').slice(0, 3), post('abc').slice(3, 30), post('abc').slice(30, -1), 'c']],
    ['of which the second is none', 1, [post('a'), 'GET /b HTTP/1.1\r\nHost: x\r\n\r\n', post('c')]],
    ['of which the second is large', 3, [post('a'), post('b'.repeat(300_000)), post('c')]],
    ['of which the first is large', 2, [post(`${'a'.repeat(300_000)}z`), post('b')]],
    ['of which the second is very large', 1, [post('a'), post('b'.repeat(5_000_000)), post('c')]],
    ['of which the first is very large', 0, [post('a'.repeat(5_000_000)), post('b')]],
    ['that are large and aligned', 1, [post('a'.repeat(70_001), 'Inference-Header-Content-Length: 3')]],
    ['that are large, with one more behind', 3, [`${post('a'.repeat(70_000))}${post('b')}`, post('c')]],
    ['that fills one read', 1, [post('a'.repeat(65_000))]],
    ['in many pieces', 0, Array.from(post('abc'))],
    ['with the next one before their answer', 0, [post('a') + post('b') + post('c').slice(0, -1), 'c']],
    [
      'with chunks',
      0,
      [`${post('', 'Transfer-Encoding: chunked').replace('Content-Length: 0\r\n', '')}1\r\na\r\n0\r\n\r\n`],
    ],
    ['with two lengths', 0, [post('a', 'Content-Length: 2')]],
    ['with a head without end', 0, [`POST /predict HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(20_000)}`]],
    ['that it is told not to take', 1, [post('a'), post('b', 'X-Not-Here: 1'), post('c')]],
    ['that end the connection', 1, [post('a'), post('b', 'Connection: close')]],
    [
      'with more of a body than said',
      0,
      ['POST http://x/predict HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcd', post('abc')],
    ],
    ['that are no HTTP', 0, ['\x16\x03\x01\x02\x00']],
  ])('answers those %s as node:http does', async (_, taken, pieces) => {
    const answers = await both(...pieces);
    expect(answers.plain).toBe(answers.usual);
    expect(plain.plain).toBe(taken);
  });

  it('answers whatever comes as node:http does', async () => {
    const line = fc.oneof(
      fc.constantFrom(
        ...['Content-Length: 3', 'Content-Length: 1', 'Content-Length:3 ', 'content-length: 3', 'Host: y', 'host:z'],
        ...['Transfer-Encoding: chunked', 'Connection: close', 'Connection: keep-alive', 'Expect: 100-continue'],
        ...[
          'X-A:  two',
          'X-A: 1 ',
          'X-A:\t1',
          ' folded',
          'X-A : 1',
          ': 1',
          'X-B: \xe9',
          'X-Request-Id: r',
          'Cookie: a=b',
        ],
        ...['Upgrade: websocket', 'X-C: a\nX-D: b', 'X-C: a\rb', '', 'Content-Length: 3\nX-E: 1'],
      ),
      fc.string({ maxLength: 20, unit: fc.constantFrom('a', 'Z', '-', ':', ',', ' ', '\t', '\x7f', '\xe9', '"', '/') }),
    );
    const start = fc.constantFrom(
      ...['POST /predict HTTP/1.1', 'POST /invocations?a=b HTTP/1.1', 'POST /v2/models/a%2fb/infer HTTP/1.1'],
      ...['POST /predict HTTP/1.0', 'POST /predict  HTTP/1.1', 'post /predict HTTP/1.1', 'POST /predict HTTP/1.1 '],
      ...[
        'GET /predict HTTP/1.1',
        'POST http://x/predict HTTP/1.1',
        'POST /predict#a HTTP/1.1',
        'POST /pred\xe9 HTTP/1.1',
      ],
    );
    const request = fc
      .record({
        start: fc.oneof({ weight: 3, arbitrary: fc.constant('POST /predict HTTP/1.1') }, start),
        usualLines: fc.oneof({ weight: 3, arbitrary: fc.constant(['Host: x', 'Content-Length: 3']) }, fc.constant([])),
        lines: fc.oneof(
          fc.array(fc.constantFrom('X-A: 1', 'X-B:2', 'X-C:'), { maxLength: 1 }),
          fc.array(line, { maxLength: 3 }),
        ),
        end: fc.oneof({ weight: 5, arbitrary: fc.constant('\r\n') }, fc.constant('\n')),
        body: fc.oneof({ weight: 3, arbitrary: fc.constant('abc') }, fc.constantFrom('', 'ab', 'abcd', '0\r\n\r\n')),
      })
      .map(({ start, usualLines, lines, end, body }) => [start, ...usualLines, ...lines, '', body].join(end));
    const pieces = fc.array(fc.tuple(request, fc.double({ min: 0, max: 1, noNaN: true })), {
      minLength: 1,
      maxLength: 3,
    });
    await fc.assert(
      fc.asyncProperty(pieces, async (requests) => {
        const cut = requests.flatMap(([text, at]) => {
          const place = Math.floor(at * 1.5 * text.length);
          return place > 0 && place < text.length ? [text.slice(0, place), text.slice(place)] : [text];
        });
        const answers = await both(...cut);
        expect(answers.plain).toBe(answers.usual);
      }),
      { numRuns: RUNS },
    );
    expect(plain.plain).toBeGreaterThan(20);
  });

  it('answers in order where the next request comes before the answer', async () => {
    plain.holds = true;
    const client = await plain.connect().send(post('a'), post('b'), 'GET /c HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(await client.rest()).toBe('');
    for (const go of plain.held) go();
    await client.until(() => answersIn(client.text) === 3);
    expect(client.text.match(/"body":"\w"|read \/\w/g)).toEqual(['"body":"a"', '"body":"b"', 'read /c']);
    expect(plain.plain).toBe(1);
  });

  it('hands what does not come whole to node:http, whose limits count', async () => {
    const client = await plain.connect().send(post('abc').slice(0, -1));
    const silent = plain.connect();
    await sleep(2_500);
    await client.send('c');
    await silent.send(post('d'));
    await client.until(() => answersIn(client.text) + answersIn(silent.text) === 2);
    expect(plain.plain).toBe(0);
  });

  it('hands a large body that does not come whole to node:http, and one that it may not read', async () => {
    const body = `${'a'.repeat(200_000)}z`;
    const slow = await plain.connect().send(post(body).slice(0, -70_000));
    plain.awaits = false;
    const refused = await plain.connect().send(post(body));
    await refused.until(() => answersIn(refused.text) === 1);
    await sleep(2_500);
    await slow.send(post(body).slice(-70_000), post('b'));
    await slow.until(() => answersIn(slow.text) === 2);
    expect(plain.plain).toBe(0);
    expect(new Set([slow, refused].map(({ text }) => /"sum":\d+/.exec(text)?.[0])).size).toBe(1);
  });

  it('tells of requests whose clients go away before their bodies are whole', async () => {
    for (const body of ['abc', 'a'.repeat(100_000)]) {
      for (const leave of ['end', 'resetAndDestroy', undefined] as const) {
        const client = await plain.connect().send(post(body).slice(0, -2));
        await client.until(() => plain.seen.at(-1) === 'awaited');
        if (leave === undefined) await client.send(body.slice(-2));
        else client.socket[leave]();
        await client.until(() => plain.seen.at(-1) === (leave === undefined ? 'came' : 'gone'));
      }
    }
    expect(plain.plain).toBe(2);
  });

  it('lets an empty line after a body pass, while it answers and after', async () => {
    plain.holds = true;
    const client = await plain.connect().send(post('a'), '\r\n');
    await client.until(() => plain.held.length === 1);
    plain.held.shift()?.();
    await client.send('\r\n');
    await client.until(() => answersIn(client.text) === 1);
    await client.send(post('b'));
    await client.until(() => plain.held.length === 1);
    expect(plain.plain).toBe(2);
  });

  it('answers 400 where a client ends in the middle of a request', async () => {
    for (const front of [plain, usual]) {
      const client = await front.connect().send(post('abc').slice(0, -1));
      client.socket.end();
      await client.until(() => client.isClosed || client.text !== '');
      expect(client.text).toMatch(/^HTTP\/1\.1 400 Bad Request\r\nConnection: close\r\n\r\n$/);
    }
  });

  it.each([
    ['', ''],
    [' and has sent more', post('b')],
  ])('sees that a client is gone that waits for its answer%s', async (_, more) => {
    let gone: AnswerOutlet | undefined;
    const other = await new Front(false).open();
    other.server.takePlain({
      expect: () => undefined,
      take: (_request, outlet) => {
        gone = outlet;
        return true;
      },
    });
    const client = await other.connect().send(post('a'));
    await client.until(() => gone !== undefined);
    expect(gone?.isGone).toBe(false);
    await client.send(more);
    client.socket.resetAndDestroy();
    await client.until(() => gone?.isGone === true);
    gone?.send(200, ['Content-Length', '0'], '', 0, true);
    await other.close();
  });

  it('closes connections that were used and wait, and no others', async () => {
    const used = await plain.connect().send(post('a'));
    const half = await plain.connect().send(post('abc').slice(0, -1));
    const fresh = await plain.connect().send('');
    await used.until(() => answersIn(used.text) === 1);
    plain.server.closeIdleConnections();
    await used.until(() => used.isClosed);
    await Promise.all([half.send('c'), fresh.send(post('d'))]);
    await half.until(() => answersIn(half.text) + answersIn(fresh.text) === 2);
    expect(
      await new Promise<number>((resolve) =>
        plain.server.getConnections((_, count) => {
          resolve(count);
        }),
      ),
    ).toBe(2);
  });

  it('sends the rest of a large answer before it reads on, and ends where told', async () => {
    const large = 'x'.repeat(8_000_000);
    const other = await new Front(false).open();
    let asked = 0;
    other.server.takePlain({
      expect: () => undefined,
      take: (_request, outlet) => {
        const stays = ++asked < 3;
        const bytes = large.length + 3;
        const headers = ['Content-Length', String(bytes), ...(stays ? [] : ['Connection', 'close'])];
        outlet.send(200, headers, [Buffer.from(large), Buffer.from('end')], bytes, stays);
        return true;
      },
    });
    const client = other.connect();
    client.socket.pause();
    await client.send(post('a'));
    await sleep(50);
    expect(asked).toBe(1);
    client.socket.resume();
    await client.until(() => client.text.endsWith('end'));
    await client.send(post('b'));
    await client.until(() => client.text.length > 2 * large.length && client.text.endsWith('end'));
    await client.send(post('c'));
    await client.until(() => client.isClosed);
    expect([asked, answersIn(client.text), client.text.endsWith('xend')]).toEqual([3, 3, true]);
    await other.close();
  });
});
