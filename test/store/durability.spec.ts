import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { needs } from '../support/needs';
import { temporaryFolder } from '../support/temporary-folder';
import { compiledProgram } from './support/compiled-program';

const traced = needs('strace', 'On Debian: apt-get install strace; it exists on Linux only');

describe('an acknowledged change in the embedded database', () => {
  const folder = temporaryFolder('durability');

  afterAll(() => {
    folder.remove();
  });

  traced('[case 120] was synced to the disk before it was acknowledged, each one', () => {
    const log = join(folder.path, 'trace');
    const place = JSON.stringify({ kind: 'embedded', path: join(folder.path, 'understudy.db') });
    const trace = ['-f', '-y', '-qq', '-e', 'trace=fsync,fdatasync,write', '-o', log];
    const program = ['--no-warnings', compiledProgram('writer.ts'), place, '50'];
    spawnSync('strace', [...trace, process.execPath, ...program], { stdio: 'pipe' });
    // In order: "s" for a sync of the log of the database that succeeded, "a" for an acknowledgement on standard output.
    const events = readFileSync(log, 'utf8')
      .split('\n')
      .map((line) => {
        if (/f(data)?sync\(\d+<[^>]*understudy\.db-wal>\) += 0/.test(line)) return 's';
        return /write\(1<[^>]*>, "\d+\\n"/.test(line) ? 'a' : '';
      })
      .join('');
    expect(events.match(/a/g)).toHaveLength(50);
    expect(events).not.toContain('aa');
  });
});
