import { once } from 'node:events';
import { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import type { Type } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Logger, readConfiguration } from '@understudy/platform';
import supertest from 'supertest';
import { createApplication } from '../../apps/server/src/application';
import { stop } from '../../apps/server/src/stop';
import { type TemporaryFolder, temporaryFolder } from './temporary-folder';

export interface ServerOptions {
  /** Settings beside the test's own: loopback, a free port, a fresh data folder. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly hotDoor?: boolean;
  /** Modules beside the product's own. */
  readonly modules?: readonly Type[];
  /** Whether to wait until both slots are filled. */
  readonly waitUntilReady?: boolean;
  /** A data folder of an earlier server, which this one takes over. */
  readonly data?: TemporaryFolder;
}

export interface RunnerProcessStatus {
  readonly role: 'active' | 'standby';
  readonly state: string;
  readonly pid: number;
  readonly restarts: number;
  readonly lastProblem: string | null;
  readonly memoryBytes: number | null;
}

export interface SlotStatus {
  readonly uri: string;
  readonly version: string;
  readonly runner: {
    readonly state: string;
    readonly pid: number;
    readonly restarts: number;
    readonly lastProblem: string | null;
    readonly waitingRequests: number;
    readonly runners: readonly RunnerProcessStatus[];
  };
  readonly batching: { readonly batched: boolean; readonly because: string };
  readonly signature: { readonly columns: readonly string[] | null; readonly source: string };
  readonly warmedWith: string;
}

export interface Status {
  readonly generation: number;
  readonly canaryProbability: number;
  readonly current: SlotStatus | null;
  readonly next: SlotStatus | null;
  readonly previous: SlotStatus | null;
  readonly loading: { readonly step: string; readonly modelUri: string } | null;
}

/** The real application with real runner processes, in this process, on a free port. */
export class RunningServer {
  readonly http: ReturnType<typeof supertest>;
  /** Every line that was logged. */
  readonly log: Record<string, unknown>[] = [];

  private constructor(
    readonly app: NestExpressApplication,
    readonly url: string,
    private readonly data: TemporaryFolder,
    private readonly logger: Logger,
    log: Record<string, unknown>[],
  ) {
    this.http = supertest(url);
    this.log = log;
  }

  static async start({
    settings = {},
    hotDoor = true,
    modules = [],
    waitUntilReady = true,
    data = temporaryFolder('data'),
  }: ServerOptions = {}): Promise<RunningServer> {
    const root = process.cwd();
    const read = readConfiguration(
      {
        PATH: process.env['PATH'],
        PORT: '0',
        UNDERSTUDY_DATA_DIR: data.path,
        UNDERSTUDY_LOG_LEVEL: 'debug',
        UNDERSTUDY_LAME_DUCK_MS: '0',
        ...settings,
      },
      {
        bundledModels: join(root, 'models'),
        runner: join(root, 'dist', 'apps', 'runner', 'main.js'),
        onTerminal: false,
      },
    );
    if (!read.ok) throw new Error(read.problems.join('\n'));
    const log: Record<string, unknown>[] = [];
    const logger = Logger.to(collectInto(log), read.configuration.log.level);
    const app = await createApplication(read.configuration, logger, {
      hotDoor,
      modules,
      dashboard: join(root, 'dist', 'apps', 'dashboard'),
    });
    await app.listen(0, read.configuration.http.host);
    const { port } = app.getHttpServer().address() as AddressInfo;
    const server = new RunningServer(app, `http://127.0.0.1:${port}`, data, logger, log);
    try {
      if (waitUntilReady) await server.until(async () => (await server.http.get('/readyz')).status === 200);
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  get dataFolder(): string {
    return this.data.path;
  }

  async status(): Promise<Status> {
    return (await this.http.get('/status')).body as Status;
  }

  /** Sends a prediction and returns the answer's body and headers. */
  async predict(data: unknown, headers: Readonly<Record<string, string>> = {}) {
    return this.http.post('/predict').set(headers).send({ data });
  }

  async change(path: string, body: object = {}) {
    return this.http.post(path).send(body);
  }

  /** Waits until `condition` holds; fails after `withinMs`. */
  async until(condition: () => Promise<boolean> | boolean, withinMs = 60_000): Promise<void> {
    const deadline = performance.now() + withinMs;
    while (!(await condition())) {
      if (performance.now() > deadline)
        throw new Error(`waited ${withinMs} ms in vain; the log ends: ${JSON.stringify(this.log.slice(-5))}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async stop(): Promise<void> {
    await stop(this.app, this.logger);
    this.data.remove();
  }

  /** Stops it in good order and starts another one on its data folder; the settings are not kept. */
  async restart(options: ServerOptions = {}): Promise<RunningServer> {
    await stop(this.app, this.logger);
    return RunningServer.start({ ...options, data: this.data });
  }
}

function collectInto(log: Record<string, unknown>[]): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      for (const line of chunk.toString().split('\n'))
        if (line !== '') log.push(JSON.parse(line) as Record<string, unknown>);
      done();
    },
  });
}

/** Resolves when the process is gone. */
export async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await once(AbortSignal.timeout(10), 'abort');
  }
}
