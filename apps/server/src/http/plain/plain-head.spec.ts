import { mayBecomePlain, readPlainHead } from './plain-head';

const head = (...lines: readonly string[]): string => lines.join('\r\n');
const HOST = 'Host: localhost:8080';
const LENGTH = 'Content-Length: 12';

describe('the head of a small prediction', () => {
  it('is read as node:http reads it', () => {
    expect(
      readPlainHead(
        head(
          'POST /deployments/a%20b/predict?x=1 HTTP/1.1',
          HOST,
          LENGTH,
          'X-Request-Id: a:b',
          'ACCEPT:*/*',
          'X-Empty:',
          'Connection: Keep-Alive',
        ),
      ),
    ).toEqual({
      url: '/deployments/a%20b/predict?x=1',
      route: { protocol: 'predict', deployment: 'a b' },
      headers: {
        host: 'localhost:8080',
        'content-length': '12',
        'x-request-id': 'a:b',
        accept: '*/*',
        'x-empty': '',
        connection: 'Keep-Alive',
      },
      rawHeaders: [
        ...['Host', 'localhost:8080', 'Content-Length', '12', 'X-Request-Id', 'a:b', 'ACCEPT', '*/*', 'X-Empty', ''],
        ...['Connection', 'Keep-Alive'],
      ],
      bodyBytes: 12,
      alignedAt: 0,
    });
  });

  it.each<[string, readonly string[]]>([
    ['another method', ['PUT /predict HTTP/1.1', HOST, LENGTH]],
    ['another path', ['POST /promote HTTP/1.1', HOST, LENGTH]],
    ['another form of the path', ['POST http://localhost/predict HTTP/1.1', HOST, LENGTH]],
    ['a path with a fragment', ['POST /predict#a HTTP/1.1', HOST, LENGTH]],
    ['a name that is encoded as nothing can be', ['POST /deployments/%ff/predict HTTP/1.1', HOST, LENGTH]],
    ['another version of HTTP', ['POST /predict HTTP/1.0', HOST, LENGTH]],
    ['a second space', ['POST  /predict HTTP/1.1', HOST, LENGTH]],
    ['no host', ['POST /predict HTTP/1.1', LENGTH]],
    ['no length', ['POST /predict HTTP/1.1', HOST]],
    ['a length with a sign', ['POST /predict HTTP/1.1', HOST, 'Content-Length: +12']],
    ['a length in another system', ['POST /predict HTTP/1.1', HOST, 'Content-Length: 0x12']],
    ['a length that begins with 0', ['POST /predict HTTP/1.1', HOST, 'Content-Length: 012']],
    ['two lengths', ['POST /predict HTTP/1.1', HOST, LENGTH, LENGTH]],
    ['two lengths in one', ['POST /predict HTTP/1.1', HOST, 'Content-Length: 12, 12']],
    ['a length and chunks', ['POST /predict HTTP/1.1', HOST, LENGTH, 'Transfer-Encoding: chunked']],
    ['chunks under a strange name', ['POST /predict HTTP/1.1', HOST, LENGTH, 'transfer-ENCODING: xchunked']],
    ['a header twice', ['POST /predict HTTP/1.1', HOST, LENGTH, 'Authorization: a', 'AUTHORIZATION: b']],
    ['a space before the colon', ['POST /predict HTTP/1.1', HOST, LENGTH, 'X-A : 1']],
    ['a folded line', ['POST /predict HTTP/1.1', HOST, LENGTH, 'X-A: 1', ' 2']],
    ['a tab', ['POST /predict HTTP/1.1', HOST, LENGTH, 'X-A:\t1']],
    ['a line feed alone', ['POST /predict HTTP/1.1', HOST, LENGTH, 'X-A: 1\nX-B: 2']],
    ['a carriage return alone', ['POST /predict HTTP/1.1', HOST, LENGTH, 'X-A: 1\rX-B: 2']],
    ['bytes beyond ASCII', ['POST /predict HTTP/1.1', HOST, LENGTH, 'X-A: \xe9']],
    ['a zero byte', ['POST /predict HTTP/1.1', HOST, LENGTH, 'X-A: \0']],
    ['a header without a name', ['POST /predict HTTP/1.1', HOST, LENGTH, ': 1']],
    ['a name that every object has', ['POST /predict HTTP/1.1', HOST, LENGTH, '__proto__: 1']],
    ['a connection that is to close', ['POST /predict HTTP/1.1', HOST, LENGTH, 'Connection: close']],
    ['an upgrade', ['POST /predict HTTP/1.1', HOST, LENGTH, 'Upgrade: h2c']],
    ['a body that waits to be asked for', ['POST /predict HTTP/1.1', HOST, LENGTH, 'Expect: 100-continue']],
    ['nothing', []],
  ])('with %s is left to node:http', (_, lines) => {
    expect(readPlainHead(head(...lines))).toBeUndefined();
  });
});

describe('a head that has come in part', () => {
  it.each(['P', 'POST /pre', 'POST /predict HTTP/1.1\r', `POST /predict HTTP/1.1\r\n${HOST}\r\nX-A: 1\r\nCont`])(
    '%j is waited for',
    (text) => {
      expect(mayBecomePlain(text)).toBe(true);
    },
  );

  it.each([
    ...['GET', 'POST x', 'POST /predict\n', 'POST /\xe9', 'POST /predict HTTP/1.0\r\nHo', '\r\n'],
    ...[
      `POST /predict HTTP/1.1\r\n${LENGTH}\r\n${LENGTH}\r\n`,
      'POST /predict HTTP/1.1\r\nUpgrade: a\r\n',
      '\x16\x03\x01',
    ],
  ])('%j is not', (text) => {
    expect(mayBecomePlain(text)).toBe(false);
  });
});
