import { AccessSettings, HttpSettings } from '@understudy/platform';
import { AllowedHosts } from './allowed-hosts';

const hostsOn = (host: string, ...allowed: string[]) =>
  new AllowedHosts(new HttpSettings(host, 0, 0, 0, 0, 0, 0, 0), new AccessSettings('none', undefined, allowed, 0, 0));

const takes = (hosts: AllowedHosts, header: string | undefined): boolean => hosts.whyNot(header) === undefined;

describe('[case 140] a Host header, on loopback', () => {
  const hosts = hostsOn('127.0.0.1', 'models.example.com');

  it.each([
    'localhost',
    'localhost:8000',
    'LOCALHOST:1',
    '127.0.0.1:65535',
    '[::1]',
    '[::1]:8000',
    'models.example.com:80',
  ])('is taken: %s', (header) => {
    // The second time from memory.
    expect([takes(hosts, header), takes(hosts, header)]).toEqual([true, true]);
  });

  it.each([
    'evil.example',
    'localhost.evil.example',
    'localhost.',
    '127.0.0.1.evil.example:8000',
    'evil.example:8000@localhost',
    'localhost@evil.example',
    '[::1].evil.example',
    '0.0.0.0',
    '192.168.0.1',
    'models.example.com.',
    '',
    undefined,
  ])('is refused: %s', (header) => {
    expect(hosts.whyNot(header)?.code).toBe('host-not-allowed');
  });
});

it('may be any elsewhere, unless they are listed', () => {
  expect(takes(hostsOn('0.0.0.0'), 'anything.example')).toBe(true);
  expect(takes(hostsOn('0.0.0.0', 'models.example.com'), 'anything.example')).toBe(false);
  expect(takes(hostsOn('0.0.0.0', 'models.example.com'), 'models.example.com')).toBe(true);
});
