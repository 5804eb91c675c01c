import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { FakeStore, type Files, type PublishOptions, type StoreOptions, type StoredVersion } from './fake-store';
import { type Misbehaviour, send } from './misbehaviours';
import { answerOf, type Asked, textAnswer } from './routes';

export interface RecordedRequest extends Asked {
  readonly headers: IncomingHttpHeaders;
}

interface Planned {
  readonly path: RegExp;
  readonly misbehaviour: Misbehaviour;
  left: number;
}

export interface FakeMlflowOptions extends Partial<StoreOptions> {
  /** The Authorization header that a request must carry. */
  readonly authorization?: string;
  /** What `--static-prefix` says. */
  readonly prefix?: string;
}

/** An HTTP server that speaks MLflow's REST API as far as a client of its registry sees it, and misbehaves on demand. */
export class FakeMlflow {
  readonly requests: RecordedRequest[] = [];
  /** The Authorization header that a request must carry from now on. */
  authorization: string | undefined;
  private readonly planned: Planned[] = [];

  private constructor(
    readonly store: FakeStore,
    private readonly server: Server,
    private readonly prefix: string,
  ) {}

  static async start(options: FakeMlflowOptions = {}): Promise<FakeMlflow> {
    const { layout = '3.x', servesArtifacts = true, prefix = '', authorization } = options;
    const server = createServer();
    const fake = new FakeMlflow(new FakeStore({ layout, servesArtifacts }), server, prefix);
    fake.authorization = authorization;
    server.on('request', (request, response) => {
      void fake.handle(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get url(): string {
    return `${this.origin}${this.prefix}`;
  }

  publish(name: string, files: Files, options: PublishOptions = {}): StoredVersion {
    return this.store.publish(name, files, options);
  }

  /** Misbehaves at requests whose path and query string match, `times` often or always. What was planned last comes first. */
  at(path: RegExp, misbehaviour: Misbehaviour, times = Infinity): void {
    this.planned.unshift({ path, misbehaviour, left: times });
  }

  behave(): void {
    this.planned.length = 0;
    this.requests.length = 0;
  }

  /** How many connections its clients hold. */
  async connections(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.getConnections((error, count) => {
        if (error) reject(error);
        else resolve(count);
      });
    });
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.origin);
    const asked: RecordedRequest = {
      method: request.method ?? '',
      path: decodeURIComponent(url.pathname),
      query: url.searchParams,
      contentType: request.headers['content-type'] ?? '',
      headers: request.headers,
      body: await readBody(request),
    };
    this.requests.push(asked);
    const answer = this.answer(asked);
    const plan = this.planned.find(({ path, left }) => left > 0 && path.test(request.url ?? ''));
    if (plan === undefined) {
      send(answer, response);
      return;
    }
    plan.left--;
    plan.misbehaviour(answer, response);
  }

  private answer(asked: RecordedRequest) {
    if (this.authorization !== undefined && asked.headers.authorization !== this.authorization)
      return textAnswer(401, 'You are not authenticated.');
    if (!asked.path.startsWith(this.prefix)) return textAnswer(404, '<!doctype html>', 'text/html');
    return answerOf(this.store, { ...asked, path: asked.path.slice(this.prefix.length) });
  }
}

async function readBody(request: IncomingMessage): Promise<Asked['body']> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? {} : (JSON.parse(text) as Asked['body']);
}
