import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import Libsql from 'libsql';
import { DomainError } from '@understudy/platform';
import type { DataSource, DataSourceOptions } from 'typeorm';
import { codeOf } from './database-errors';

/** How long the lock of a server that is just ending is waited for, in milliseconds. */
const LOCK_WAIT_MS = 1_000;

/** What SQLite must answer for an acknowledged change to be on the disk: https://www.sqlite.org/pragma.html#pragma_synchronous */
const DURABLE = {
  /** Held until the process ends, however it ends: the kernel frees it. */
  locking_mode: 'exclusive',
  journal_mode: 'wal',
  /** FULL: the log is synced at every commit. NORMAL, the habit with WAL, would lose the last ones in a power cut. */
  synchronous: 2,
  /** On macOS fsync alone leaves data in the drive's cache. */
  fullfsync: 1,
} as const;

/**
 * libsql behind the interface of better-sqlite3 that TypeORM expects. libsql takes a single bound value that is null or an object
 * for named parameters; handing values on as one array leaves it nothing to mistake.
 */
class EmbeddedDriver extends Libsql {
  private isLocked = false;

  override prepare(sql: string): never {
    const statement = super.prepare<[unknown[]]>(sql);
    return {
      reader: statement.reader,
      all: (...values: unknown[]) => statement.all(values),
      run: (...values: unknown[]) => statement.run(values),
    } as never;
  }

  /** Throws SQLITE_BUSY where another process, or another connection of this one, has the lock. */
  lock(): void {
    this.pragma(`locking_mode = ${DURABLE.locking_mode}`);
    this.pragma(`journal_mode = ${DURABLE.journal_mode}`);
    // The lock is taken by the first access, not by the pragma.
    this.exec('BEGIN EXCLUSIVE; COMMIT');
    this.isLocked = true;
  }

  /**
   * libsql keeps the file open until its last statement was collected as garbage. So the lock is given back aloud, and the log
   * is moved into the file, which can then be copied alone.
   */
  override close(): this {
    if (this.isLocked) {
      this.isLocked = false;
      try {
        this.pragma('journal_mode = DELETE');
        this.pragma('locking_mode = NORMAL');
        // As taking, giving back happens with the next access.
        this.exec('BEGIN IMMEDIATE; COMMIT');
      } catch {
        // On a full disk the log stays; the next start moves it into the file. The lock ends with the process.
      }
    }
    return super.close();
  }
}

/** TypeORM's options for the one file, which is locked, made durable and verified to be so before anything else touches it. */
export function embeddedOptions(path: string): DataSourceOptions {
  return {
    type: 'better-sqlite3',
    database: path,
    driver: EmbeddedDriver,
    timeout: LOCK_WAIT_MS,
    prepareDatabase: (database: EmbeddedDriver) => {
      lock(database, path);
      verifyDurable(database);
      writeFileSync(pidPath(path), `${process.pid}\n`, { mode: 0o600 });
    },
  };
}

/** A number on its way through TypeORM, which passes on what it takes for an object. */
class Bound {
  constructor(readonly value: number) {}
}

const marked = (value: unknown): unknown => (typeof value === 'number' ? new Bound(value) : value);
const unmarked = (value: unknown): unknown => (value instanceof Bound ? value.value : value);

/**
 * Numbers are bound, as everything else is. TypeORM writes them into the text of a statement, where SQLite reads one fraction of some
 * thousands wrong in its last bit, and where each number makes another statement, to be compiled and kept.
 */
export function bindNumbers({ driver }: DataSource): void {
  const escape = driver.escapeQueryWithParameters.bind(driver);
  driver.escapeQueryWithParameters = (sql, parameters) => {
    const named = Object.entries(parameters).map(([name, value]) => [name, marked(value)] as const);
    const [text, values] = escape(sql, Object.fromEntries(named));
    return [text, values.map(unmarked)];
  };
}

/** One after the other: where a file system has no place for a folder, Node's own way down to it never ends. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Another server may have been quicker.
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}

/** Makes the folder and checks what can be checked before libsql opens the file. Throws DomainError `database-unusable`. */
export function prepareEmbeddedFile(path: string): void {
  try {
    makeFolder(dirname(path));
    // Created here so that nobody else can read it for a moment.
    if (!existsSync(path)) writeFileSync(path, '', { flag: 'a', mode: 0o600 });
    else chmodSync(path, 0o600);
  } catch (error) {
    throw new DomainError(
      'database-unusable',
      `The embedded database cannot be created or opened (${codeOf(error)}). Give the server's user the data directory, or name another one with UNDERSTUDY_DATA_DIR`,
      {},
      { cause: error },
    );
  }
}

export function forgetPid(path: string): void {
  rmSync(pidPath(path), { force: true });
}

/** Beside the database and not in it: the second server cannot read what the first one has locked. */
const pidPath = (path: string): string => `${path}.pid`;

function lock(database: EmbeddedDriver, path: string): void {
  try {
    database.lock();
  } catch (error) {
    database.close();
    if (!/^SQLITE_(BUSY|LOCKED)/.test(codeOf(error))) throw error;
    throw new DomainError(
      'database-in-use',
      `Another server (${holderOf(path)}) has the embedded database open. Stop it, give this server its own UNDERSTUDY_DATA_DIR, ` +
        'or set DATABASE_URL to a PostgreSQL database that several servers can share',
      {},
      { cause: error },
    );
  }
}

function holderOf(path: string): string {
  try {
    return `process ${Number.parseInt(readFileSync(pidPath(path), 'utf8'), 10)}`;
  } catch {
    return 'process unknown';
  }
}

function verifyDurable(database: EmbeddedDriver): void {
  database.pragma(`synchronous = ${DURABLE.synchronous}`);
  database.pragma(`fullfsync = ${DURABLE.fullfsync}`);
  for (const [name, expected] of Object.entries(DURABLE)) {
    const [row] = database.pragma(name) as Record<string, unknown>[];
    if (row?.[name] === expected) continue;
    database.close();
    throw new DomainError(
      'database-unusable',
      `The embedded database would not be durable: ${name} is ${String(row?.[name])}, expected ${expected}. ` +
        'Its file system may not support what SQLite needs; use a local disk for UNDERSTUDY_DATA_DIR',
    );
  }
}
