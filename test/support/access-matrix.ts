import { Agent, request as httpRequest } from 'node:http';
import { Exchanged } from './exchange';
import type { RunningServer } from './running-server';

/** Everything that the access matrix is made of, and what each of its cells must be. */

export const ADMIN_TOKEN = 'the-first-administrators-token';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
type Method = (typeof METHODS)[number];

/** What each kind of caller has; the test's own table, not the product's. */
const SCOPES_OF = {
  none: [],
  wrong: [],
  expired: [],
  revoked: [],
  predict: ['predict'],
  view: ['view'],
  operate: ['operate', 'view'],
  administer: ['administer', 'operate', 'view', 'predict'],
  session: ['operate', 'view'],
} as const satisfies Record<string, readonly string[]>;

export type Kind = keyof typeof SCOPES_OF;
export const KINDS = Object.keys(SCOPES_OF) as Kind[];

/** Ways to write a path, and to say another method than the request's own. */
const SHAPES: Readonly<Record<string, (path: string) => { path: string; headers?: Readonly<Record<string, string>> }>> =
  {
    'as is': (path) => ({ path }),
    'trailing slash': (path) => ({ path: `${path}/` }),
    'two slashes before': (path) => ({ path: `/${path}` }),
    'two slashes inside': (path) => ({ path: path.replace(/\/(?=[^/]*$)/, '//') }),
    'upper case': (path) => ({ path: path.toUpperCase() }),
    'a dot segment before': (path) => ({ path: `/%2e${path}` }),
    'a dot segment after': (path) => ({ path: `${path}/%2e` }),
    'up and down': (path) => ({ path: `/livez/..${path}` }),
    'a parameter': (path) => ({ path: `${path};x` }),
    'an encoded letter': (path) => ({
      path: path.replace(/[a-z]/, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
    }),
    'a trailing dot': (path) => ({ path: `${path}.` }),
    'an encoded slash': (path) => ({ path: `/%2f${path.slice(1)}` }),
    'a whole URL': (path) => ({ path: `http://localhost${path}` }),
    'another method in a header': (path) => ({
      path,
      headers: { 'X-HTTP-Method-Override': 'GET', 'X-HTTP-Method': 'GET', 'X-Method-Override': 'POST' },
    }),
    'another method in the query': (path) => ({ path: `${path}?_method=POST&access_token=${ADMIN_TOKEN}` }),
  };

export interface Cell {
  readonly method: Method;
  readonly path: string;
  readonly shape: string;
  readonly kind: Kind;
  readonly headers: Readonly<Record<string, string>>;
}

/** What a path declares for a method; undefined where it does not take it. */
type Declared = (method: Method) => string | undefined;

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly 'x-access'?: string }>>>>;
}

/** The routes as the OpenAPI document tells them, and those that Express serves beside. */
export class DeclaredRoutes {
  private readonly templates: readonly { readonly pattern: RegExp; readonly declared: Declared }[];

  constructor(private readonly document: OpenApi) {
    this.templates = Object.entries(document.paths).map(([path, operations]) => ({
      pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`),
      declared: (method) => operations[(method === 'HEAD' ? 'GET' : method).toLowerCase()]?.['x-access'],
    }));
  }

  /** Every path, its parameters filled in. */
  get paths(): string[] {
    return Object.keys(this.document.paths).map((path) =>
      path
        .replace('{model}', 'default')
        .replace('{version}', '1')
        .replace('{id}', '0123456789abcdef')
        .replace(/\{\w+\}/g, 'x'),
    );
  }

  /** What a path as it is written asks for; undefined where there is nothing. */
  access(method: Method, written: string): string | undefined {
    const path = written.replace(/^http:\/\/localhost/, '').replace(/\?.*$/, '');
    // The one path that its protocol writes in two ways.
    const route = path === '/v2/' ? '/v2' : path;
    const matching = this.templates.filter(({ pattern }) => pattern.test(route));
    return matching.map(({ declared }) => declared(method)).find((access) => access !== undefined);
  }
}

/** Who may the least: whoever gets in by the way a path is written would be one of them. */
const LEAST: readonly Kind[] = ['none', 'wrong', 'expired', 'revoked', 'predict'];

/** Every cell of some paths: as they are by every kind of caller, and written in every way by those who may the least. */
export function cellsOf(paths: readonly string[]): Cell[] {
  return paths.flatMap((path) =>
    METHODS.flatMap((method) =>
      Object.entries(SHAPES).flatMap(([shape, write]) => {
        const { path: written, headers = {} } = write(path);
        if (shape !== 'as is' && written === path && Object.keys(headers).length === 0) return [];
        return (shape === 'as is' ? KINDS : LEAST).map((kind) => ({ method, path: written, shape, kind, headers }));
      }),
    ),
  );
}

/** What is wrong with the answer in a cell; undefined where it is as declared. */
export function whyWrong(cell: Cell, answer: Exchanged, access: string | undefined): string | undefined {
  const { status, headers } = answer;
  const what = `${cell.method} ${cell.path} (${cell.shape}) by ${cell.kind}: ${status}, declared ${access ?? 'nothing'}`;
  if (Object.keys(headers).some((name) => name.startsWith('access-control-'))) return `${what}: has CORS headers`;
  const isAbsent =
    status === 405 || (status === 404 && (cell.method === 'HEAD' || /There is no [A-Z]+ \//.test(answer.text)));
  if (access === undefined) return isAbsent ? undefined : what;
  const scopes: readonly string[] = SCOPES_OF[cell.kind];
  const isSelf =
    /^(http:\/\/localhost)?\/session($|\?)/.test(cell.path) && cell.method !== 'POST' && cell.method !== 'DELETE';
  if (scopes.length === 0 && (access !== 'open' || isSelf)) {
    return status === 401 && headers['www-authenticate']?.startsWith('Bearer') === true ? undefined : what;
  }
  if (access !== 'open' && !scopes.includes(access)) return status === 403 ? undefined : what;
  // Without a body a 404 may as well be what the handler did not find.
  const wasReached = !isAbsent || (cell.method === 'HEAD' && status === 404);
  return !wasReached || status === 401 || status === 403 || status === 421 ? what : undefined;
}

/** Asks a server as the callers of the matrix do. */
export class Callers {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 16 });

  private constructor(
    private readonly server: RunningServer,
    private readonly tokens: Readonly<Record<Exclude<Kind, 'none' | 'session'>, string>>,
    private session: string,
  ) {}

  static async of(server: RunningServer): Promise<Callers> {
    const create = async (scope: string, more: object = {}): Promise<{ token: string; id: string }> => {
      const answer = await server.http
        .post('/tokens')
        .set('Authorization', `Bearer ${ADMIN_TOKEN}`)
        .send({ name: `${scope} of the matrix`, scopes: [scope], ...more });
      if (answer.status !== 201) throw new Error(answer.text);
      return answer.body as { token: string; id: string };
    };
    const [predict, view, operate, administer, revoked, expired] = [
      await create('predict'),
      await create('view'),
      await create('operate'),
      await create('administer'),
      await create('administer'),
      await create('administer', { expiresAt: new Date(Date.now() + 300).toISOString() }),
    ].map(({ token }) => token) as [string, string, string, string, string, string];
    const id = /^ust_([0-9a-f]+)_/.exec(revoked)?.[1] ?? '';
    await server.http.delete(`/tokens/${id}`).set('Authorization', `Bearer ${ADMIN_TOKEN}`);
    const isExpired = async () =>
      (await server.http.get('/tokens').set('Authorization', `Bearer ${expired}`)).status === 401;
    await server.until(isExpired);
    const wrong = administer.replace(/.$/, (letter) => (letter === 'A' ? 'B' : 'A'));
    const tokens = { predict, view, operate, administer, revoked, expired, wrong };
    return new Callers(server, tokens, await signIn(server, operate));
  }

  async ask(cell: Cell): Promise<Exchanged> {
    // A sign-out ends the session of its cell, which is of no other.
    const signsOut = cell.kind === 'session' && cell.method === 'DELETE' && cell.path.includes('/session');
    const session = signsOut ? await signIn(this.server, this.tokens.operate) : this.session;
    const { method, path, headers } = cell;
    const { hostname, port } = new URL(this.server.url);
    return new Promise((resolve, reject) => {
      const sent = { 'Content-Type': 'application/json', ...this.credentials(cell.kind, session), ...headers };
      const request = httpRequest({ agent: this.agent, hostname, port, method, path, headers: sent }, (response) => {
        const chunks: Buffer[] = [];
        if (response.headers['content-type']?.startsWith('text/event-stream') === true) {
          // It would never end; its head says all that is asked here.
          resolve(new Exchanged(response.statusCode ?? 0, response.headers, Buffer.of()));
          response.destroy();
          return;
        }
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          resolve(new Exchanged(response.statusCode ?? 0, response.headers, Buffer.concat(chunks)));
        });
      });
      request.on('error', reject);
      request.end();
    });
  }

  close(): void {
    this.agent.destroy();
  }

  private credentials(kind: Kind, session: string): Record<string, string> {
    if (kind === 'none') return {};
    if (kind !== 'session') return { Authorization: `Bearer ${this.tokens[kind]}` };
    return { Cookie: session, 'X-Understudy-Csrf': '1', 'Sec-Fetch-Site': 'same-origin' };
  }
}

/** Signs in and returns the Cookie header of the session. */
export async function signIn(server: RunningServer, token: string): Promise<string> {
  const answer = await server.http.post('/session').send({ token });
  if (answer.status !== 200) throw new Error(answer.text);
  return String(answer.headers['set-cookie']?.[0]).split(';')[0] ?? '';
}
