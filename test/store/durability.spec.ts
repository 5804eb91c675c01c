import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { open as openFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Logger, SystemClock } from '@understudy/platform';
import { type DatabasePlace, Store, StoreSettings } from '@understudy/store';
import { needs } from '../support/needs';
import { temporaryFolder } from '../support/temporary-folder';
import { compiledProgram } from './support/compiled-program';
import { desired, ORIGIN } from './support/databases';

const onLinux = needs('strace', 'On Debian: apt-get install strace; it exists on Linux only');

const SYNC = /f(data)?sync\(/;
/** In two lines where another thread said something meanwhile; of what is synced here only the log is by fdatasync. */
const SYNC_OF_LOG = /(f(data)?sync\(\d+<[^>]*understudy\.db-wal>|<\.\.\. fdatasync resumed>)\) += 0/;
const ACKNOWLEDGEMENT = /write\(1<[^>]*>, "\d+\\n"/;

describe('an acknowledged change in the embedded database', () => {
  const folder = temporaryFolder('durability');

  const program = compiledProgram('writer.ts');

  afterAll(() => {
    folder.remove();
  });

  /** What strace tells of so many changes: syncs and writes, a line each. */
  function traced(database: string, changes: number): string[] {
    const log = join(folder.path, `${database}.trace`);
    const place = JSON.stringify({ kind: 'embedded', path: join(folder.path, database) });
    const trace = ['-f', '-y', '-qq', '-e', 'trace=fsync,fdatasync,write', '-o', log];
    spawnSync('strace', [...trace, process.execPath, '--no-warnings', program, place, String(changes)], {
      stdio: 'pipe',
    });
    return readFileSync(log, 'utf8').split('\n');
  }

  onLinux('[case 120] was synced to the disk before it was acknowledged, each one', () => {
    const lines = traced('understudy.db', 50);
    // In order: "s" for a sync of the log of the database that succeeded, "a" for an acknowledgement on standard output.
    const events = lines
      .map((line) => {
        if (SYNC_OF_LOG.test(line)) return 's';
        return ACKNOWLEDGEMENT.test(line) ? 'a' : '';
      })
      .join('');
    expect(events.match(/a/g)).toHaveLength(50);
    expect(events).not.toContain('aa');
    // Between the first and the last the thread that answers predictions never waited for the disk.
    const acknowledging = lines.flatMap((line, at) => (ACKNOWLEDGEMENT.test(line) ? [at] : []));
    const [answering] = (lines[acknowledging[0] ?? 0] ?? '').split(' ');
    const between = lines.slice(acknowledging[0], acknowledging.at(-1));
    expect(between.filter((line) => SYNC.test(line) && line.startsWith(`${answering} `))).toEqual([]);
  });

  onLinux('[case 120] of a server that was killed is brought to the disk before the next one goes on from it', () => {
    const place = JSON.stringify({ kind: 'embedded', path: join(folder.path, 'killed.db') });
    spawnSync(process.execPath, ['--no-warnings', program, place], { timeout: 5_000, killSignal: 'SIGKILL' });
    expect(statSync(join(folder.path, 'killed.db-wal')).size).toBeGreaterThan(0);
    const lines = traced('killed.db', 1);
    const acknowledged = lines.findIndex((line) => ACKNOWLEDGEMENT.test(line));
    expect(lines.slice(0, acknowledged)).toContainEqual(expect.stringMatching(/fsync\(\d+<[^>]*killed\.db>\) += 0/));
  });

  it('is not acknowledged where the disk does not take it, nor is anything said until the database is opened anew', async () => {
    const place: DatabasePlace = { kind: 'embedded', path: join(folder.path, 'failing.db') };
    // Clock, connections and start as in production; the outcome of a change is asked for a tenth of a second.
    const settings = new StoreSettings(place, 1_500, 500, 5, 0, 100);
    const open = async (): Promise<Store> => Store.open(settings, new SystemClock(), Logger.silent());
    const store = await open();
    const created = { name: 'a', expectedGeneration: null, desired: desired(1), action: 'create', origin: ORIGIN };
    await store.deployments.change(created);
    const wellAgain = await failingDisk(folder.path);
    await expect(store.deployments.change({ ...created, name: 'b' })).rejects.toMatchObject({
      // The second, where the store itself had something to write and learned it first.
      code: expect.stringMatching(/^(change-outcome-unknown|database-unavailable)$/),
    });
    // As Linux has it: what the disk did not take is forgotten, and told once.
    wellAgain();
    const lost = {
      code: 'database-unavailable',
      message: expect.stringMatching(/did not take .*\(EIO\).* start the server again/),
    };
    await expect(store.deployments.readAll()).rejects.toMatchObject(lost);
    await expect(store.deployments.change({ ...created, name: 'c' })).rejects.toMatchObject(lost);
    await store.close();
    const again = await open();
    expect((await again.deployments.readAll()).map(({ name }) => name)).toContain('a');
    await again.deployments.change({ ...created, name: 'c' });
    await again.close();
  });
});

/** From now on no file takes what it is told to bring to the disk; until what this returns is called. */
async function failingDisk(folder: string): Promise<() => void> {
  const any = await openFile(join(folder, 'any'), 'w');
  await any.close();
  const files = Object.getPrototypeOf(any) as { datasync: unknown };
  const { datasync } = files;
  files.datasync = async () => Promise.reject(Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' }));
  return () => {
    files.datasync = datasync;
  };
}
