import type { IncomingHttpHeaders } from 'node:http';
import { INFERENCE_HEADER, readHeaderLength } from '@understudy/inference';
import { matchPrediction, type PredictionRoute } from '../prediction-routes';

/** The head of a request for a prediction, and how it came. */
export interface PlainHead {
  readonly url: string;
  readonly route: PredictionRoute;
  /** Names in lower case, none of them twice. */
  readonly headers: IncomingHttpHeaders;
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[];
  readonly bodyBytes: number;
  /** Which byte of the body shall lie where every element type may begin. */
  readonly alignedAt: number;
}

/** Only what every reader of HTTP/1.1 reads in the same way: no other spaces, no other line ends, no bytes beyond ASCII. */
const REQUEST_LINE = /^POST (\/[!"$-~]*) HTTP\/1\.1$/;
const HEADER = /^([!#$%&'*+.^`|~\w-]+): ?([!-~](?:[ -~]*[!-~])?)?$/;
const LENGTH = /^(?:0|[1-9]\d{0,8})$/;

/** Headers by which a client asks for more than an answer, or says how else its body comes. */
const ASKS_FOR_MORE: ReadonlySet<string> = new Set([
  'transfer-encoding',
  'trailer',
  'te',
  'expect',
  'upgrade',
  'http2-settings',
  'proxy-connection',
]);

/**
 * Reads the head of a request for a prediction, without its last two line ends. Undefined where it is anything else, or may be read in
 * more than one way: node:http then says what it is.
 */
export function readPlainHead(text: string): PlainHead | undefined {
  const lines = readLines(text.split('\r\n'));
  if (lines === undefined) return undefined;
  const { url, headers, rawHeaders } = lines;
  const route = matchPrediction({ method: 'POST', url });
  const { host, connection = 'keep-alive', 'content-length': length = '' } = headers;
  if (route === undefined || host === undefined || connection.toLowerCase() !== 'keep-alive') return undefined;
  if (!LENGTH.test(length)) return undefined;
  const json = readHeaderLength(headers[INFERENCE_HEADER] as string | undefined);
  const alignedAt = json.ok ? (json.length ?? 0) : 0;
  return { url, route, headers, rawHeaders, bodyBytes: Number(length), alignedAt };
}

/** Whether a head that has come in part may become one that {@link readPlainHead} reads. */
export function mayBecomePlain(text: string): boolean {
  const lines = text.split('\r\n');
  const last = lines.pop() as string;
  if (lines.length > 0) return PRINTABLE_SO_FAR.test(last) && readLines(lines) !== undefined;
  return last.startsWith(START.slice(0, last.length)) && PRINTABLE_SO_FAR.test(last);
}

const START = 'POST /';
const PRINTABLE_SO_FAR = /^[ -~]*\r?$/;

function readLines([first = '', ...lines]: readonly string[]):
  Pick<PlainHead, 'url' | 'headers' | 'rawHeaders'> | undefined {
  const url = REQUEST_LINE.exec(first)?.[1];
  if (url === undefined) return undefined;
  const headers: IncomingHttpHeaders = {};
  const rawHeaders: string[] = [];
  for (const line of lines) {
    const [, raw, value = ''] = HEADER.exec(line) ?? [];
    if (raw === undefined) return undefined;
    const name = raw.toLowerCase();
    if (name in headers || ASKS_FOR_MORE.has(name)) return undefined;
    headers[name] = value;
    rawHeaders.push(raw, value);
  }
  return { url, headers, rawHeaders };
}
