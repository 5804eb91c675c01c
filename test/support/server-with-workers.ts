import { constantModel } from './onnx/models';
import { ModelFolder } from './model-folder';
import { type Answered, OneConnection } from './one-connection';
import type { Status } from './running-server';
import { ServerProcess } from './server-process';
import { temporaryFolder } from './temporary-folder';

export const ROW = [5.1, 3.5, 1.4, 0.2];
export const CLIENTS = 8;

interface StatusWithWorkers extends Status {
  readonly workers: readonly { readonly pid: number; readonly ready: boolean; readonly connections: number }[];
}

/** One prediction as its client saw it. */
export interface Seen {
  readonly client: number;
  readonly sentMs: number;
  /** Of the answer; 0 where the connection broke. */
  readonly status: number;
  readonly version: unknown;
  readonly error: string | undefined;
}

/** The built server with two serving processes, a registry of two versions, and clients whose connections both of them have. */
export class ServerWithWorkers {
  readonly models = new ModelFolder();
  readonly clients: OneConnection[] = [];
  process!: ServerProcess;
  url = '';
  /** How the observer says who it is. */
  admin: Readonly<Record<string, string>> = {};
  private readonly data = temporaryFolder('data');
  private connection: OneConnection | undefined;

  constructor() {
    for (const version of [1, 2]) this.models.publish('tracking-quickstart', version, constantModel(version));
  }

  /** For questions about the server, beside the clients of a test. */
  get observer(): OneConnection {
    return (this.connection ??= new OneConnection(this.url));
  }

  /** Starts it, again where it has ended, and waits until both workers take connections. */
  async start(settings: Readonly<Record<string, string>> = {}): Promise<void> {
    this.observeAnew();
    this.process = new ServerProcess({
      environment: {
        PORT: '0',
        UNDERSTUDY_WORKERS: '2',
        UNDERSTUDY_LAME_DUCK_MS: '1000',
        UNDERSTUDY_REGISTRY_DIR: this.models.path,
        UNDERSTUDY_DATA_DIR: this.data.path,
        ...settings,
      },
    });
    this.url = await this.process.url();
    await until(async () => (await this.observer.ask('GET', '/readyz')).status === 200);
    await this.untilReady();
  }

  async end(): Promise<void> {
    this.connection?.close();
    for (const client of this.clients) client.close();
    this.process.signal('SIGKILL');
    await this.process.exited();
    this.data.remove();
    this.models.remove();
  }

  /** The observer opens another connection: the worker that had its own may be gone. */
  observeAnew(): void {
    this.connection?.close();
    this.connection = undefined;
  }

  async status(): Promise<StatusWithWorkers> {
    return (await this.observer.ask('GET', '/status', undefined, this.admin)).body as StatusWithWorkers;
  }

  async untilReady(): Promise<void> {
    await until(async () => (await this.status()).workers.filter(({ ready }) => ready).length === 2);
  }

  /** Opens connections one after another, so that each worker has half of them. */
  async connect(): Promise<void> {
    for (let client = 0; client < CLIENTS; client++) {
      const connection = new OneConnection(this.url);
      this.clients.push(connection);
      await connection.ask('GET', '/livez');
    }
  }

  async change(path: string, body: object = {}, method = 'POST'): Promise<unknown> {
    const { status, body: answer } = await this.observer.ask(method, path, body, this.admin);
    if (status >= 300) throw new Error(`${method} ${path} was answered ${status}: ${JSON.stringify(answer)}`);
    return answer;
  }

  async load(uri: string): Promise<unknown> {
    return this.change('/update-model', { model_uri: uri });
  }

  /** The answers of all clients to one prediction each. */
  async predictions(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answered[]> {
    return Promise.all(this.clients.map(async (client) => client.ask('POST', path, { data: [ROW] }, headers)));
  }

  /** Predictions of every client, one after another, until `stop`. */
  steadyLoad() {
    let stopped = false;
    const seen: Seen[] = [];
    const running = this.clients.map(async (connection, client) => {
      while (!stopped) {
        const sentMs = performance.now();
        try {
          const answer = await connection.predict([ROW]);
          const version = answer.headers['x-model-version'];
          seen.push({ client, sentMs, status: answer.status, version, error: undefined });
        } catch (error) {
          const { code } = error as NodeJS.ErrnoException;
          seen.push({ client, sentMs, status: 0, version: undefined, error: code ?? String(error) });
          if (code === 'ECONNREFUSED') return;
        }
      }
    });
    return {
      seen,
      ended: Promise.all(running),
      stop: async () => {
        stopped = true;
        await Promise.all(running);
      },
    };
  }
}

/** Waits until `condition` holds, for as long as the test may take. */
export async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Waits until so many more were seen. */
export async function enough(seen: readonly Seen[], more: number): Promise<void> {
  const from = seen.length;
  await until(() => seen.length >= from + more);
}
