import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { temporaryFolder } from '../../../../test/support/temporary-folder';
import { Leases } from './leases';

const DIGEST = 'a'.repeat(64);
const HOST = hostname().replace(/[^A-Za-z0-9.]/g, '_');
const folder = temporaryFolder('leases');
let root: string;
let count = 0;

beforeEach(() => {
  root = join(folder.path, String(count++));
  mkdirSync(join(root, 'removing'), { recursive: true });
});

afterAll(() => {
  folder.remove();
});

/** A lease as another process writes it; `silentMs` ago it gave its last sign. */
function leaseOf(owner: string, silentMs = 0): void {
  const path = join(root, 'leases', owner);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, DIGEST), '');
  const at = new Date(Date.now() - silentMs);
  utimesSync(path, at, at);
}

const mayRemove = async (leases: Leases): Promise<boolean> => leases.unlessInUse(DIGEST, async () => undefined);

describe('a lease', () => {
  it('keeps every process from removing the version, until it is let go', async () => {
    const [mine, others] = [new Leases(root, 0), new Leases(root, 0)];
    await mine.take(DIGEST);
    expect([await mayRemove(mine), await mayRemove(others)]).toEqual([false, false]);
    expect(await others.inUse()).toEqual(new Set([DIGEST]));
    await mine.letGo();
    expect(await mayRemove(others)).toBe(true);
    expect(readdirSync(join(root, 'removing'))).toEqual([]);
  });

  it('is kept while the version is needed, and let go when it is not any more', async () => {
    const leases = new Leases(root, 60_000);
    await leases.take(DIGEST);
    await leases.keep(new Set([DIGEST]));
    expect(await mayRemove(leases)).toBe(false);
    await leases.keep(new Set());
    expect(await mayRemove(leases)).toBe(true);
  });

  it('of a version that was not needed yet is kept while it may be on its way, and not longer', async () => {
    const [patient, hurried] = [new Leases(root, 60_000), new Leases(root, 0)];
    for (const leases of [patient, hurried]) {
      await leases.take(DIGEST);
      await leases.keep(new Set());
    }
    expect((await patient.inUse()).has(DIGEST)).toBe(true);
    await patient.letGo();
    expect(await mayRemove(hurried)).toBe(true);
  });

  it('is let go of nothing while it is not known what is needed', async () => {
    const leases = new Leases(root, 0);
    await leases.take(DIGEST);
    await leases.keep(null);
    expect(await mayRemove(leases)).toBe(false);
  });

  it('is written for what is needed without having been taken, and again when somebody emptied the folder', async () => {
    const leases = new Leases(root, 0);
    await leases.keep(new Set([DIGEST]));
    rmSync(join(root, 'leases'), { recursive: true });
    await leases.keep(new Set([DIGEST]));
    expect(await mayRemove(new Leases(root, 0))).toBe(false);
  });
});

describe('the lease of a process', () => {
  it.each([
    ['that is gone is forgotten', `${HOST}-${spawnSync('true').pid}-x`, 0, true],
    ['that lives counts, however long it is silent', `${HOST}-${process.ppid}-x`, 48 * 3_600_000, false],
    ['that had the number of this one before is forgotten', `${HOST}-${process.pid}-x`, 0, true],
    ['of another machine counts for an hour', 'another.host-1-x', 59 * 60_000, false],
    ['of another machine that was silent for longer is forgotten', 'another.host-1-x', 61 * 60_000, true],
  ])('%s', async (_, owner, silentMs, isGone) => {
    leaseOf(owner, silentMs);
    expect(await mayRemove(new Leases(root, 0))).toBe(isGone);
    expect(existsSync(join(root, 'leases', owner))).toBe(!isGone);
  });
});

describe('a lease and a removal at the same time', () => {
  it('wait for each other: the lease returns when the removal is over', async () => {
    const [mine, others] = [new Leases(root, 0), new Leases(root, 0)];
    const order: string[] = [];
    let begin = (): void => undefined;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    let proceed = (): void => undefined;
    const proceeding = new Promise<void>((resolve) => (proceed = resolve));
    const removal = others.unlessInUse(DIGEST, async () => {
      begin();
      await proceeding;
      order.push('removed');
    });
    await begun;
    const lease = mine.take(DIGEST).then(() => order.push('taken'));
    // Its file is there before it waits, so that the next removal gives way.
    while (!(await new Leases(root, 0).inUse()).has(DIGEST));
    proceed();
    await Promise.all([removal, lease]);
    expect(order).toEqual(['removed', 'taken']);
  });

  it('do not wait for a removal whose process is gone', async () => {
    const notice = `${DIGEST}.${HOST}-${spawnSync('true').pid}-x`;
    writeFileSync(join(root, 'removing', notice), '');
    await new Leases(root, 0).take(DIGEST);
    expect(readdirSync(join(root, 'removing'))).toEqual([]);
  });

  it('do not wait for the removal of another version', async () => {
    writeFileSync(join(root, 'removing', `${'b'.repeat(64)}.${HOST}-${process.ppid}-x`), '');
    await new Leases(root, 0).take(DIGEST);
    expect(await new Leases(root, 0).inUse()).toEqual(new Set([DIGEST]));
  });

  it('leave no notice when the removal fails', async () => {
    const failing = new Leases(root, 0).unlessInUse(DIGEST, async () => {
      throw new Error('the disk failed');
    });
    await expect(failing).rejects.toThrow('the disk failed');
    expect(readdirSync(join(root, 'removing'))).toEqual([]);
  });
});
