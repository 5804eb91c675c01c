import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { clientAddressOf } from '../workers/client-address';

/**
 * The address of who sends a request. X-Forwarded-For counts only as far as proxies that are ours have written it: each adds the
 * address that it sees to the end, so the client is as many entries from the end as there are proxies. What stands before that
 * anybody may have written.
 */
export function sourceAddress(request: Pick<IncomingMessage, 'headers' | 'socket'>, trustedProxies: number): string {
  const { headers } = request;
  const remote = plain(clientAddressOf(request) ?? 'unknown');
  if (trustedProxies === 0) return remote;
  const forwarded = String(headers['x-forwarded-for'] ?? '').split(',');
  const client = plain(forwarded.at(-trustedProxies)?.trim() ?? '');
  return isIP(client) === 0 ? remote : client;
}

/** What is limited as one source: an IPv4 address, or the /64 that one IPv6 subscriber has to itself. */
export function sourceNetwork(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === '' ? 0 : tail.split(':').length);
  const all = [...groups, ...Array<string>(Math.max(0, missing)).fill('0'), ...(tail ?? '').split(':')];
  return `${all
    .slice(0, 4)
    .map((group) => Number.parseInt(group || '0', 16).toString(16))
    .join(':')}::/64`;
}

/** An IPv4 address that came over an IPv6 socket, as what it is. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}
