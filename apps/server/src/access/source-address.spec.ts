import type { Socket } from 'node:net';
import { sourceAddress, sourceNetwork } from './source-address';

const from = (trusted: number, forwarded?: string, remoteAddress = '10.0.0.1') =>
  sourceAddress(
    {
      headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
      socket: { remoteAddress } as Socket,
    },
    trusted,
  );

describe('[case 125] the address of a client', () => {
  it.each([
    [0, '1.1.1.1', '10.0.0.1', 'nobody is trusted'],
    [1, '1.1.1.1', '1.1.1.1', 'one proxy wrote it'],
    [1, '9.9.9.9, 1.1.1.1', '1.1.1.1', 'the client wrote something before'],
    [2, '9.9.9.9, 1.1.1.1, 10.0.0.2', '1.1.1.1', 'two proxies wrote the last two'],
    [2, '1.1.1.1', '10.0.0.1', 'fewer proxies than there should be'],
    [1, 'junk', '10.0.0.1', 'it is none'],
    [1, '', '10.0.0.1', 'it is empty'],
    [1, undefined, '10.0.0.1', 'there is no header'],
    [1, '::ffff:1.1.1.1', '1.1.1.1', 'it is IPv4 in disguise'],
  ])('with %d proxies and %j is %s: %s', (trusted, forwarded, expected, _why) => {
    expect(from(trusted, forwarded)).toBe(expected);
  });

  it('is that of the socket, as IPv4 where it is', () => {
    expect(from(0, undefined, '::ffff:127.0.0.1')).toBe('127.0.0.1');
  });
});

it.each([
  ['192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
])('%s is limited as %s', (address, network) => {
  expect(sourceNetwork(address)).toBe(network);
});
