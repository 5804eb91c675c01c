import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { OneWriteResponse } from './one-write-response';
import { readBody } from './read-body';
import { WholeBodyRequest } from './whole-body-request';

type Listener = (request: WholeBodyRequest, response: OneWriteResponse<WholeBodyRequest>) => void;

let server: Server<typeof WholeBodyRequest, typeof OneWriteResponse>;

async function serve(listener: Listener): Promise<number> {
  const classes = { IncomingMessage: WholeBodyRequest, ServerResponse: OneWriteResponse, keepAliveTimeout: 65_000 };
  server = createServer(classes, listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Sends pieces one after another, each once the one before was read, and gives back all that came until the server ended it. */
async function exchange(port: number, ...pieces: readonly string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.setNoDelay();
  const answer = text(socket);
  for (const piece of pieces) {
    await new Promise((resolve) => socket.write(piece, resolve));
    await new Promise(setImmediate);
  }
  return answer;
}

const post = (path: string, body: string, ...headers: readonly string[]): string =>
  [`POST ${path} HTTP/1.1`, 'Host: x', `Content-Length: ${Buffer.byteLength(body)}`, ...headers, '', body].join('\r\n');

const CLOSE = 'Connection: close';

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

describe('a body that is taken whole', () => {
  const echo: Listener = (request, response) => {
    const taken = request.mayBeTaken;
    readBody(request, 10).then(
      (body) => response.end(`[${taken ? 'taken' : 'streamed'} ${body.toString()}]`),
      (error: unknown) => response.writeHead(413).end(`[${(error as Error).message.slice(0, 33)}]`),
    );
  };

  it.each([
    ['in one piece', [post('/', 'abc', CLOSE)], '[taken abc]'],
    ['empty', [post('/', '', CLOSE)], '[taken ]'],
    ['after its head', [post('/', 'abcdef', CLOSE).slice(0, -6), 'abc', 'def'], '[taken abcdef]'],
    [
      'of unknown length',
      [
        post('/', '', 'Transfer-Encoding: chunked', CLOSE).replace('Content-Length: 0\r\n', ''),
        '3\r\nabc\r\n',
        '2\r\nde\r\n0\r\n\r\n',
      ],
      '[taken abcde]',
    ],
    [
      'that grows too large',
      [
        post('/', '', 'Transfer-Encoding: chunked', CLOSE).replace('Content-Length: 0\r\n', ''),
        '6\r\nabcdef\r\n',
        '6\r\nabcdef\r\n0\r\n\r\n',
      ],
      '[The body has more than 10 bytes. ]',
    ],
  ])('comes %s', async (_, pieces, expected) => {
    expect(await exchange(await serve(echo), ...pieces)).toContain(expected);
  });

  it('is taken from each of several requests that come at once', async () => {
    const answer = await exchange(await serve(echo), post('/', 'a') + post('/', 'b') + post('/', 'c', CLOSE));
    expect(answer.match(/\[.*?\]/g)).toEqual(['[taken a]', '[taken b]', '[taken c]']);
  });

  it('is put together where it is large', async () => {
    const port = await serve((request, response) => {
      readBody(request, 1_000_000, 3).then(
        (body) => response.end(`[${body.length} ${body.byteOffset} ${new Set(body).size}]`),
        (error: unknown) => response.destroy(error as Error),
      );
    });
    expect(await exchange(port, post('/', 'x'.repeat(600_000), CLOSE))).toContain('[600000 5 1]');
  });

  it('is read from the stream where some of it came before', async () => {
    const port = await serve((request, response) => {
      setImmediate(() => {
        echo(request, response);
      });
    });
    expect(await exchange(port, post('/', 'abc', CLOSE))).toContain('[streamed abc]');
  });

  it('is refused when the client goes away before it is whole', async () => {
    const failed = new Promise<unknown>((resolve) => {
      void serve((request) => {
        readBody(request, 10).catch(resolve);
      }).then((port) => {
        const socket = connect(port, '127.0.0.1', () => socket.write(post('/', 'abc').slice(0, -1)));
        server.once('request', () => socket.destroy());
      });
    });
    expect(await failed).toMatchObject({ code: 'ECONNRESET' });
  });
});

describe('an answer in one write', () => {
  const BODY = '{"a":1}';
  const HEADERS = ['Content-Type', 'application/json', 'Content-Length', String(BODY.length), 'X-Request-Id', 'r'];
  const dateless = (answer: string): string => answer.replace(/Date: [^\r]*/, 'Date: then');

  it('has the bytes that node:http would write', async () => {
    const port = await serve((request, response) => {
      request.resume();
      if (request.url === '/plain') response.writeHead(200, HEADERS).end(BODY);
      else expect(response.sendWhole(200, HEADERS, BODY, BODY.length)).toBe(true);
      response.once('finish', () => {
        setImmediate(() => response.req.socket.end());
      });
    });
    const written = await exchange(port, post('/whole', ''));
    expect(written).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(written).toMatch(/Date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r\n/);
    expect(dateless(written)).toBe(dateless(await exchange(port, post('/plain', ''))));
  });

  it.each([
    ['the connection ends', post('/', '', CLOSE), HEADERS],
    ['a header holds what node:http must judge', post('/', ''), [...HEADERS, 'X-Model-Version', 'a\r\nX-B: c']],
  ])('is left to node:http where %s', async (_, request, headers) => {
    const port = await serve((_request, response) => {
      response.end(String(response.sendWhole(200, headers, BODY, BODY.length)));
      response.once('finish', () => {
        setImmediate(() => response.req.socket.end());
      });
    });
    expect(await exchange(port, request)).toContain('false');
  });

  it('waits for the answers before it', async () => {
    const held: (() => void)[] = [];
    const port = await serve((request, response) => {
      const answer = (): void => {
        if (!response.sendWhole(200, ['Content-Length', '2'], request.url ?? '', 2))
          response.writeHead(200, ['Content-Length', '2']).end(request.url);
      };
      if (request.url === '/a') held.push(answer);
      else answer();
      if (request.url === '/c') {
        held.forEach((send) => {
          send();
        });
        response.once('finish', () => {
          setImmediate(() => request.socket.end());
        });
      }
    });
    const answers = await exchange(port, post('/a', '') + post('/b', '') + post('/c', ''));
    expect(answers.match(/\r\n\r\n\/\w/g)?.map((end) => end.trim())).toEqual(['/a', '/b', '/c']);
  });
});
