import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Logger, SystemClock } from '@understudy/platform';
import { type DatabasePlace, Store, StoreSettings } from '@understudy/store';
import { desired, onBothKinds, onPostgres, ORIGIN, settingsFor, TestDatabases } from './support/databases';
import { runSql, selectSql } from './support/sql';

const firstChange = {
  name: 'default',
  expectedGeneration: null,
  desired: desired(1),
  action: 'create',
  origin: ORIGIN,
};

const open = (place: DatabasePlace): Promise<Store> =>
  Store.open(settingsFor(place), new SystemClock(), Logger.silent());

onBothKinds('opening a database', (kind) => {
  const databases = new TestDatabases(kind);

  afterAll(() => databases.end());

  it('makes the schema of an empty one, and leaves it as it is the next time', async () => {
    const place = await databases.fresh();
    await (await databases.open(place)).close();
    const migrations = await selectSql(place, 'SELECT name FROM understudy_migrations');
    expect(migrations).toEqual([expect.objectContaining({ name: 'FirstSchema1763942400000' })]);
    const head = await selectSql(place, 'SELECT * FROM understudy_head');
    await (await databases.open(place)).close();
    expect(await selectSql(place, 'SELECT name FROM understudy_migrations')).toHaveLength(1);
    expect(await selectSql(place, 'SELECT * FROM understudy_head')).toEqual(
      head.map((row): unknown => expect.objectContaining(row)),
    );
  });

  it('[case 118] is refused when a newer release has migrated it, and nothing in it is touched', async () => {
    const place = await databases.fresh();
    const store = await databases.open(place);
    await store.deployments.change(firstChange);
    await store.close();
    await runSql(place, [
      `INSERT INTO understudy_migrations (timestamp, name) VALUES (4102444800000, 'TimeTravel4102444800000')`,
      'DROP TABLE understudy_tokens',
    ]);
    await expect(open(place)).rejects.toMatchObject({
      code: 'database-too-new',
      message: expect.stringContaining('TimeTravel4102444800000'),
      details: { unknownMigrations: ['TimeTravel4102444800000'] },
    });
    await expect(selectSql(place, 'SELECT * FROM understudy_tokens')).rejects.toThrow('understudy_tokens');
    expect(await selectSql(place, 'SELECT name FROM understudy_deployments')).toHaveLength(1);
  });

  it('[case 118] starts over where a migration was interrupted', async () => {
    const place = await databases.fresh();
    // What remains of a server that was killed between the first statement of its start and its migration.
    const id = kind === 'embedded' ? 'integer PRIMARY KEY AUTOINCREMENT' : 'serial PRIMARY KEY';
    await runSql(place, [
      `CREATE TABLE understudy_migrations (id ${id} NOT NULL, "timestamp" bigint NOT NULL, name varchar NOT NULL)`,
    ]);
    const store = await databases.open(place);
    await store.deployments.change(firstChange);
    expect(await store.audit.verify()).toMatchObject({ ok: true });
  });
});

describe('opening the embedded database', () => {
  const databases = new TestDatabases('embedded');

  afterAll(() => databases.end());

  async function freshFile(): Promise<{ place: DatabasePlace; path: string }> {
    const place = await databases.fresh();
    if (place.kind !== 'embedded') throw new Error('not a file');
    return { place, path: place.path };
  }

  it('[case 116] is refused to a second server, with the process that has it, and free again after it', async () => {
    const { place, path } = await freshFile();
    const store = await databases.open(place);
    const child = spawnSync(
      process.execPath,
      ['--no-warnings', '--import', 'tsx', join(import.meta.dirname, 'support', 'open-once.ts'), path],
      { encoding: 'utf8' },
    );
    expect(child.stdout).toContain(
      `database-in-use Another server (process ${process.pid}) has the embedded database open`,
    );
    await expect(open(place)).rejects.toMatchObject({ code: 'database-in-use' });
    await store.deployments.change(firstChange);
    await store.close();
    const again = await databases.open(place);
    expect(await again.deployments.readAll()).toHaveLength(1);
  });

  it('makes files that only their owner can read', async () => {
    const { place, path } = await freshFile();
    await databases.open(place);
    expect((statSync(path).mode & 0o777).toString(8)).toBe('600');
    expect((statSync(`${path}-wal`).mode & 0o777).toString(8)).toBe('600');
  });

  it('[case 117] is refused when the file is no database, and the file stays as it was', async () => {
    const { place, path } = await freshFile();
    writeFileSync(path, 'not a database, but somebody may need it\n'.repeat(500));
    const before = readFileSync(path);
    await expect(open(place)).rejects.toMatchObject({
      code: 'database-unusable',
      message: expect.stringContaining('SQLITE_NOTADB'),
    });
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it('[case 117] is refused when the file was cut off', async () => {
    const { place, path } = await freshFile();
    const store = await databases.open(place);
    for (let number = 0; number < 50; number++) {
      await store.deployments.change({ ...firstChange, name: `d${number}` });
    }
    await store.close();
    truncateSync(path, Math.floor(statSync(path).size / 2 / 4096) * 4096);
    await expect(open(place)).rejects.toMatchObject({ code: 'database-unusable' });
  });

  it.each(['/dev/null/understudy', ...(existsSync('/proc/self') ? ['/proc/understudy'] : [])])(
    'is refused where the folder cannot be made: %s',
    async (folder) => {
      await expect(open({ kind: 'embedded', path: `${folder}/data/understudy.db` })).rejects.toMatchObject({
        code: 'database-unusable',
      });
    },
  );
});

onPostgres('opening a PostgreSQL database', () => {
  const databases = new TestDatabases('postgres');

  afterAll(() => databases.end());

  it('[case 118] migrates it once when eight servers start at the same time', async () => {
    const place = await databases.fresh();
    const stores = await Promise.all(Array.from({ length: 8 }, () => databases.open(place)));
    expect(await selectSql(place, 'SELECT name FROM understudy_migrations')).toHaveLength(1);
    await stores[0]!.deployments.change(firstChange);
    expect(await stores[7]!.deployments.readAll()).toHaveLength(1);
  });

  it('commits synchronously also where the database is set not to', async () => {
    const place = await databases.fresh();
    if (place.kind !== 'postgres') return;
    const name = new URL(place.url).pathname.slice(1);
    await runSql(place, [`ALTER DATABASE ${name} SET synchronous_commit TO off`]);
    const store = await databases.open(place);
    await runSql(place, [
      `CREATE TABLE seen (value text)`,
      `CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN INSERT INTO seen VALUES (current_setting('synchronous_commit')); RETURN NEW; END $$`,
      `CREATE TRIGGER see AFTER INSERT ON understudy_audit FOR EACH ROW EXECUTE FUNCTION see()`,
    ]);
    await store.deployments.change(firstChange);
    expect(await selectSql(place, 'SELECT value FROM seen')).toEqual([{ value: 'on' }]);
  });

  it('[case 153] says what is wrong with a URL without showing it', async () => {
    const secret = 'mysql://ann:geheim@host/db';
    await expect(open({ kind: 'postgres', url: secret })).rejects.toMatchObject({
      code: 'database-unusable',
      message: expect.not.stringContaining('geheim'),
    });
    const nobodyThere = new StoreSettings(
      { kind: 'postgres', url: 'postgres://ann:geheim@127.0.0.1:1/db' },
      500,
      100,
      5,
      0,
    );
    await expect(Store.open(nobodyThere, new SystemClock(), Logger.silent())).rejects.toMatchObject({
      code: 'database-unavailable',
      message: expect.not.stringContaining('geheim'),
    });
  });
});
