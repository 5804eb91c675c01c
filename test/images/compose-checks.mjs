import assert from 'node:assert/strict';
import { isInstalled, run } from './support/command.mjs';

const HARDENED = { read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] };

export async function checkComposeFile(checks, services, root) {
  const file = `${root}/compose.yaml`;
  const name = 'docker-compose understands it';
  if (isInstalled('docker-compose')) {
    await checks.check(name, async () => {
      await run('docker-compose', ['--file', file, 'config', '--quiet']);
    });
  } else {
    checks.skip(name, 'docker-compose is missing: apt-get install docker-compose');
  }

  await checks.check('it publishes on loopback only', () => {
    const ports = services.flatMap((service) => service.ports);
    assert.ok(ports.length > 0);
    for (const port of ports) assert.match(port, /^127\.0\.0\.1:/);
    return ports.join(', ');
  });

  await checks.check('every service has a read-only file system and no privileges', () => {
    for (const { hardening } of services) assert.deepEqual(hardening, HARDENED);
  });
}
