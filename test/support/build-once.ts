import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** The tests start real runner processes from the built product: build it when the sources are newer. */
export default function buildOnce(): void {
  const { status, stderr } = spawnSync(process.execPath, [join(process.cwd(), 'tools', 'build.mjs')], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
}
