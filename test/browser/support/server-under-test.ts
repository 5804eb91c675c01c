import { ServerProcess } from '../../support/server-process';
import { type TemporaryFolder, temporaryFolder } from '../../support/temporary-folder';

export const ADMIN_TOKEN = 'the-first-administrators-token';

const ROWS = [
  [5.1, 3.5, 1.4, 0.2],
  [6.2, 3.4, 5.4, 2.3],
  [5.9, 3, 4.2, 1.5],
];

type Scope = 'predict' | 'view' | 'operate' | 'administer';

/** The built server in a process of its own with the bundled models, and what a test asks of it past the browser. */
export class ServerUnderTest {
  private constructor(
    private readonly settings: Readonly<Record<string, string>>,
    private readonly data: TemporaryFolder,
    private process: ServerProcess,
    readonly url: string,
  ) {}

  static async start(settings: Readonly<Record<string, string>> = {}): Promise<ServerUnderTest> {
    const data = temporaryFolder('data');
    const process = new ServerProcess({ environment: { PORT: '0', UNDERSTUDY_DATA_DIR: data.path, ...settings } });
    const server = new ServerUnderTest(settings, data, process, await process.url());
    await server.untilReady();
    return server;
  }

  /** One that asks for tokens. */
  static async withTokens(settings: Readonly<Record<string, string>> = {}): Promise<ServerUnderTest> {
    return ServerUnderTest.start({ UNDERSTUDY_AUTH: 'tokens', UNDERSTUDY_ADMIN_TOKEN: ADMIN_TOKEN, ...settings });
  }

  /** Without a word to anybody, as the kernel or a power cut does it. */
  async kill(): Promise<void> {
    this.process.signal('SIGKILL');
    await this.process.exited();
  }

  /** On the same port and data. */
  async startAgain(): Promise<void> {
    const environment = { PORT: new URL(this.url).port, UNDERSTUDY_DATA_DIR: this.data.path, ...this.settings };
    this.process = new ServerProcess({ environment });
    await this.process.url();
    await this.untilReady();
  }

  async stop(): Promise<void> {
    this.process.signal('SIGTERM');
    await this.process.exited();
    this.data.remove();
  }

  /** As the administrator, where tokens are asked for. The answer's body, or a throw with it where it was refused. */
  async ask<Body>(method: string, path: string, body?: object): Promise<Body> {
    const answer = await fetch(`${this.url}${path}`, {
      method,
      headers: { Authorization: `Bearer ${ADMIN_TOKEN}`, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} was answered ${answer.status}: ${text}`);
    return (text === '' ? null : JSON.parse(text)) as Body;
  }

  async createToken(name: string, scopes: readonly Scope[]): Promise<{ readonly id: string; readonly token: string }> {
    return this.ask('POST', '/tokens', { name, scopes });
  }

  /** Into next of the deployment "default"; there when this returns. */
  async loadNext(modelUri: string): Promise<void> {
    await this.ask('POST', '/deployments/default/update-model', { model_uri: modelUri });
  }

  async predict(slot?: 'current' | 'next'): Promise<void> {
    const answer = await fetch(`${this.url}/predict`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${ADMIN_TOKEN}`,
        'Content-Type': 'application/json',
        ...(slot === undefined ? {} : { 'X-Model-Slot': slot }),
      },
      body: JSON.stringify({ data: ROWS }),
    });
    if (!answer.ok) throw new Error(`a prediction was answered ${answer.status}: ${await answer.text()}`);
    await answer.arrayBuffer();
  }

  /** Predictions one after the other, both slots in turn, until it is stopped; the first that fails is thrown then. */
  load(): { readonly stop: () => Promise<void> } {
    let stopped = false;
    const run = async (): Promise<void> => {
      while (!stopped) {
        await this.predict();
        // The pace of the load: the browser beside it needs a processor too.
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    const running = run();
    running.catch(() => undefined);
    return {
      stop: async () => {
        stopped = true;
        await running;
      },
    };
  }

  private async untilReady(): Promise<void> {
    while (!(await fetch(`${this.url}/readyz`)).ok) await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
