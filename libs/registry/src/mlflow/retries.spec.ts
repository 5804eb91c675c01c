import { AxiosError, AxiosHeaders, type InternalAxiosRequestConfig } from 'axios';
import { retries } from './retries';

const config: InternalAxiosRequestConfig = { headers: new AxiosHeaders() };

const answered = (status: number, headers: Record<string, string> = {}): AxiosError =>
  new AxiosError('failed', 'ERR_BAD_RESPONSE', config, undefined, {
    status,
    statusText: '',
    headers,
    config,
    data: undefined,
  });
const unanswered = (code: string): AxiosError => new AxiosError('failed', code, config);

const { retryCondition, retryDelay } = retries(3);
const pauseMs = (headers: Record<string, string>, attempt = 1): number | undefined =>
  retryDelay?.(attempt, answered(429, headers));

describe('trying again', () => {
  it.each([408, 429, 500, 502, 503, 504])('[case 83] is done after %d', (status) => {
    expect(retryCondition?.(answered(status))).toBe(true);
  });

  it.each([400, 401, 403, 404, 409, 422, 501])('[case 85] is not done after %d', (status) => {
    expect(retryCondition?.(answered(status))).toBe(false);
  });

  it.each(['ECONNRESET', 'ECONNREFUSED', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN'])(
    'is done when the connection fails with %s',
    (code) => {
      expect(retryCondition?.(unanswered(code))).toBe(true);
    },
  );

  it('is done when a good answer breaks half-way', () => {
    expect(retryCondition?.(answered(200))).toBe(true);
  });

  it.each(['ERR_CANCELED', 'ERR_BAD_RESPONSE', 'CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'ENOTFOUND'])(
    'is not done after %s, which stays as it is',
    (code) => {
      expect(retryCondition?.(unanswered(code))).toBe(false);
    },
  );

  it('waits longer each time, with some chance in it', () => {
    for (const [attempt, least] of [
      [1, 400],
      [2, 800],
      [3, 1600],
    ] as const) {
      const pause = pauseMs({}, attempt);
      expect(pause).toBeGreaterThanOrEqual(least);
      expect(pause).toBeLessThanOrEqual(least * 1.2);
    }
  });

  it.each([
    ['a number of seconds', '3', 3000, 3000],
    ['a time far away', '1000000000', 10_000, 10_000],
    ['a date far away', 'Fri, 31 Dec 2100 23:59:59 GMT', 10_000, 10_000],
    ['a date in the past', 'Fri, 31 Dec 1999 23:59:59 GMT', 400, 480],
    ['no time', '0', 400, 480],
    ['a negative time', '-5', 400, 480],
    ['a text', 'soon', 400, 480],
    ['infinity', 'Infinity', 400, 10_000],
  ])('[case 84] waits as long as the server asks for, within bounds: %s', (_, asked, least, most) => {
    expect(pauseMs({ 'retry-after': asked })).toBeGreaterThanOrEqual(least);
    expect(pauseMs({ 'retry-after': asked })).toBeLessThanOrEqual(most);
  });
});
