import { STATUS_CODES } from 'node:http';
import { TIMEOUTS } from './timeouts';

/** What an answer on a connection that stays ends its head with. */
const STAYS = `Connection: keep-alive\r\nKeep-Alive: timeout=${TIMEOUTS.keepAliveTimeout / 1000}\r\n\r\n`;

/** What a value of a header may hold here: less than HTTP lets pass. */
const PRINTABLE = /^[\x20-\x7e]*$/;

/**
 * The head of an answer, in the bytes that node:http would write. Undefined where a value of a header needs node:http's say.
 *
 * @param headers Names and values in turn; Content-Length among them, and Connection where the connection does not stay.
 */
export function answerHead(status: number, headers: readonly string[], stays: boolean): string | undefined {
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n`;
  for (let at = 0; at < headers.length; at += 2) {
    const value = headers[at + 1] as string;
    if (!PRINTABLE.test(value)) return undefined;
    head += `${headers[at]}: ${value}\r\n`;
  }
  return `${head}Date: ${httpDate()}\r\n${stays ? STAYS : '\r\n'}`;
}

let dateSecond = 0;
let date = '';

function httpDate(): string {
  const second = Math.floor(Date.now() / 1000);
  if (second !== dateSecond) {
    dateSecond = second;
    date = new Date(second * 1000).toUTCString();
  }
  return date;
}
