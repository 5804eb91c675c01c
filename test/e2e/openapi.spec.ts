import type { Readable } from 'node:stream';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { default as addFormats } from 'ajv-formats';
import { exchange } from '../support/exchange';
import { RunningServer } from '../support/running-server';

/** The OpenAPI document is complete, and what it shows is what the server does. */

interface MediaType {
  readonly schema?: object;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
}

interface Operation {
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required: boolean;
    readonly schema: { readonly example?: string };
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, MediaType>> };
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content?: Readonly<Record<string, MediaType>> }>
  >;
}

interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<
      Record<string, { readonly properties?: Readonly<Record<string, { readonly example?: unknown }>> }>
    >;
  };
}

interface ExpressRouter {
  readonly stack: readonly {
    readonly route?: { readonly path: string; readonly methods: Readonly<Record<string, boolean>> };
  }[];
}

let server: RunningServer;
let document: OpenApiDocument;

beforeAll(async () => {
  server = await RunningServer.start();
  document = (await server.http.get('/docs-json')).body as OpenApiDocument;
});

afterAll(async () => {
  await server.stop();
});

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      path,
      method,
      operation,
      label: `${method.toUpperCase()} ${path}`,
    })),
  );

describe('the OpenAPI document', () => {
  it('has every route that the router has', () => {
    const express = server.app.getHttpAdapter().getInstance() as unknown as { readonly router: ExpressRouter };
    const { router } = express;
    const routed = router.stack
      .flatMap(({ route }) =>
        route === undefined ? [] : Object.keys(route.methods).map((method) => `${method} ${route.path}`),
      )
      .filter((route) => !/^(get|head) \/docs/.test(route))
      .map((route) => route.replace(/:(\w+)/g, '{$1}'));
    expect(routed.sort()).toEqual(
      operations()
        .map(({ method, path }) => `${method} ${path}`)
        .sort(),
    );
    expect(routed.length).toBeGreaterThan(10);
  });

  it('tells of every route what it is for, what it answers, and which errors', () => {
    const withoutErrors = new Set(
      [
        '/',
        '/predict',
        '/deployments',
        '/livez',
        '/readyz',
        '/metrics',
        '/status',
        '/system',
        '/version',
        '/v2',
        '/v2/health/live',
        '/v2/models',
      ].map((path) => `GET ${path}`),
    );
    for (const { label, operation } of operations()) {
      expect([label, operation.summary]).toEqual([label, expect.stringMatching(/^[A-Z].{10,}/)]);
      expect([label, operation.tags?.length]).toEqual([label, 1]);
      expect([label, answerOf(label, operation).schema]).toEqual([label, expect.any(Object)]);
      const errors = Object.keys(operation.responses).filter((status) => status >= '400');
      if (!withoutErrors.has(label)) expect([label, errors.length > 0]).toEqual([label, true]);
    }
  });

  it('[case 155] lets no request name a file, an address, a command or a log', () => {
    const bodies = operations().flatMap(({ operation }) =>
      Object.values(operation.requestBody?.content ?? {}).flatMap(({ schema }) => membersOf(schema)),
    );
    const parameters = operations().flatMap(({ operation }) => (operation.parameters ?? []).map(({ name }) => name));
    const names = new Set([...bodies, ...parameters]);
    expect([...names]).toEqual(expect.arrayContaining(['model_uri', 'canaryProbability', 'settings', 'pageToken']));
    const suspicious = /path|file|folder|director|url|address|host|command|script|target|logg|shell|env/i;
    expect([...names].filter((name) => suspicious.test(name))).toEqual([]);
  });

  it('describes each parameter of a path, and no other', () => {
    for (const { path, label, operation } of operations()) {
      const described = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect([label, described.map(({ name }) => name)]).toEqual([label, inPath]);
    }
  });
});

describe('a method that a path does not take', () => {
  const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

  it('[case 17] is answered 405 with those that it takes, whatever the path', async () => {
    for (const [path, methods] of Object.entries(document.paths)) {
      const takes = Object.keys(methods).map((method) => method.toUpperCase());
      if (takes.includes('GET')) takes.push('HEAD');
      const anyOperation = Object.values(methods)[0] as Operation;
      for (const method of METHODS.filter((each) => !takes.includes(each))) {
        const answer = await exchange(server.url + fillPath(path, anyOperation), { method });
        const label = `${method} ${path}`;
        expect([label, answer.status]).toEqual([label, 405]);
        expect([label, String(answer.headers.allow).split(', ').sort()]).toEqual([label, takes.sort()]);
      }
    }
  });

  it('is 404 where nobody knows the path', async () => {
    const answer = await exchange(`${server.url}/predictions`, { method: 'PUT' });
    expect([answer.status, answer.headers.allow]).toEqual([404, undefined]);
  });
});

describe('"Try it out"', () => {
  it('works with the examples as they stand, and every answer has the shape that is documented', async () => {
    const ajv = new Ajv2020({ strict: false, allErrors: true });
    (addFormats as unknown as (target: Ajv2020) => void)(ajv);
    ajv.addSchema({ $id: 'openapi', components: asJsonSchema(document.components) });
    const tried: string[] = [];
    // In the order of the workflow: a promotion needs a next, a rollback needs a promotion.
    const order = ['/update-model', '/accept-next-model', '/rollback'];
    const sorted = operations().sort((a, b) => order.indexOf(a.path) - order.indexOf(b.path));
    for (const { path, method, operation, label } of sorted) {
      for (const body of bodiesOf(operation)) {
        const url = fillPath(path, operation);
        const send = server.http[method as 'get' | 'post' | 'put' | 'delete'](url);
        const request = body === undefined ? send : send.send(body as object);
        const answer = await request.buffer(true).parse(asText);
        const { status, body: text } = answer as { readonly status: number; readonly body: string };
        const documented = answerOf(label, operation);
        expect([label, status, text]).toEqual([label, documented.status, text]);
        const validate = ajv.compile(pointIntoDocument(documented.schema ?? {}));
        expect([label, validate(bodyOf(text)), validate.errors]).toEqual([label, true, null]);
        tried.push(label);
      }
    }
    expect(new Set(tried).size).toBe(operations().length);
  });
});

/** What routes answer to their examples: 200, but for what creates, what answers nothing, and what cannot be done to an example. */
const OTHER_STATUSES: Readonly<Record<string, number>> = {
  'POST /v2/repository/models/{model}/unload': 503,
  'DELETE /deployments/{deployment}': 409,
  'GET /deployments/{deployment}/changes/{change}': 404,
  'DELETE /deployments/{deployment}/changes/{change}': 404,
  'POST /tokens': 201,
  'DELETE /tokens/{id}': 404,
  'DELETE /session': 204,
};

function answerOf(label: string, { responses }: Operation) {
  const status = OTHER_STATUSES[label] ?? 200;
  const response = responses[String(status)];
  const { schema } = Object.values(response?.content ?? {})[0] ?? {};
  // Whatever fits: a documented answer without a body.
  return { status, schema: schema ?? (response !== undefined && status === 204 ? {} : undefined) };
}

/** Takes the bytes as they are: MLflow labels as JSON what is none. Of a stream without an end, the first event by its name. */
const asText: Parameters<ReturnType<typeof server.http.get>['parse']>[0] = (response, done) => {
  let text = '';
  const isStream = String(response.headers['content-type']).startsWith('text/event-stream');
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    text += chunk;
    const [, event, data] = (isStream ? /^event: (\S+)\n(?:id: .*\n)?data: (.*)\n\n/m.exec(text) : null) ?? [];
    if (event === undefined || data === undefined) return;
    done(null, `{"${event}":${data}}`);
    (response as unknown as Readable).destroy();
  });
  response.on('end', () => {
    done(null, text);
  });
};

function bodyOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The bodies that Swagger UI offers: the examples of the operation, or one made from the examples of the fields. */
function bodiesOf(operation: Operation): unknown[] {
  const json = operation.requestBody?.content['application/json'];
  if (json === undefined) return [undefined];
  if (json.examples !== undefined) return Object.values(json.examples).map(({ value }) => value);
  const name = /\/([^/]+)$/.exec((json.schema as { $ref: string }).$ref)?.[1] ?? '';
  const properties = document.components.schemas[name]?.properties ?? {};
  return [Object.fromEntries(Object.entries(properties).map(([key, { example }]) => [key, example]))];
}

function fillPath(path: string, operation: Operation): string {
  return path.replace(
    /\{(\w+)\}/g,
    (_, name: string) => operation.parameters?.find((parameter) => parameter.name === name)?.schema.example ?? name,
  );
}

/** References within the document, as references to the document that the validator knows. */
function pointIntoDocument(schema: object): object {
  return JSON.parse(JSON.stringify(schema).replaceAll('#/components', 'openapi#/components')) as object;
}

/** OpenAPI 3.0 writes "this schema or null" as `nullable` beside `allOf`, which JSON Schema has no word for. */
function asJsonSchema(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asJsonSchema);
  if (typeof value !== 'object' || value === null) return value;
  const schema = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, asJsonSchema(inner)]));
  if (schema['nullable'] !== true || schema['allOf'] === undefined) return schema;
  return { anyOf: [{ allOf: schema['allOf'] }, { type: 'null' }] };
}

/** The names of all members of what a schema describes, at any depth. */
function membersOf(schema: unknown, seen = new Set<unknown>()): string[] {
  if (typeof schema !== 'object' || schema === null || seen.has(schema)) return [];
  seen.add(schema);
  const { $ref, properties = {} } = schema as { $ref?: string; properties?: object };
  const named = $ref === undefined ? undefined : document.components.schemas[$ref.split('/').at(-1) ?? ''];
  return [...Object.keys(properties), ...[named, ...Object.values(schema)].flatMap((part) => membersOf(part, seen))];
}
