import { DomainError } from '@understudy/platform';
import { readRequestTimeoutMs } from './request-deadline';

const read = (sent: string | undefined): number | undefined =>
  readRequestTimeoutMs(sent === undefined ? {} : { 'x-request-timeout-ms': sent });

it.each([
  [undefined, undefined],
  ['1', 1],
  ['250', 250],
  ['1000000000', 1e9],
])('[case 123] %j gives %j ms', (sent, ms) => {
  expect(read(sent)).toBe(ms);
});

it.each(['', '0', '-1', '1.5', '1e3', ' 5', '0x10', '5, 6', 'soon', '9999999999999999'])(
  '[case 123] %j is refused',
  (sent) => {
    expect(() => read(sent)).toThrow(DomainError);
    expect(() => read(sent)).toThrow(/^X-Request-Timeout-Ms: expected milliseconds as a whole number from 1, got "/);
  },
);
