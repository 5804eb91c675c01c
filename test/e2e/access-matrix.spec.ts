import { Controller, Get, type MiddlewareConsumer, Module, type NestModule } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Access } from '../../apps/server/src/access/access.decorator';
import { ADMIN_TOKEN, Callers, type Cell, cellsOf, DeclaredRoutes, KINDS, whyWrong } from '../support/access-matrix';
import { RunningServer } from '../support/running-server';

/** Every route by every kind of caller, however the path is written: each cell is as the OpenAPI document declares it. */

const SETTINGS = { UNDERSTUDY_AUTH: 'tokens', UNDERSTUDY_ADMIN_TOKEN: ADMIN_TOKEN, UNDERSTUDY_LOG_LEVEL: 'error' };

/** The routes that nobody needs a token for; the session's own look at who asks by themselves. */
const OPEN = [
  'DELETE /session',
  'GET /',
  'GET /livez',
  'GET /ping',
  'GET /readyz',
  'GET /session',
  'GET /v2/health/live',
  'GET /v2/health/ready',
  'POST /session',
];

@Controller('planted')
class PlantedController {
  @Get()
  @Access('administer')
  read(): object {
    return {};
  }
}

/** Declares a scope that nobody looks at: what the matrix is there to find. */
@Module({ controllers: [PlantedController] })
class PlantedModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply((_request: Request, response: Response) => response.json({ planted: true })).forRoutes('planted');
  }
}

@Controller('forgotten')
class ForgottenController {
  @Get('route')
  read(): object {
    return {};
  }
}

@Module({ controllers: [ForgottenController] })
class ForgottenModule {}

async function openApiOf(server: RunningServer): Promise<ConstructorParameters<typeof DeclaredRoutes>[0]> {
  const answer = await server.http.get('/docs-json').set('Authorization', `Bearer ${ADMIN_TOKEN}`);
  return answer.body as ConstructorParameters<typeof DeclaredRoutes>[0];
}

/** What is wrong, of all cells; in turns, so that a row at a time is under way. */
async function walk(callers: Callers, cells: readonly Cell[], routes: DeclaredRoutes): Promise<string[]> {
  const wrong: string[] = [];
  for (let at = 0; at < cells.length; at += 64) {
    const answers = cells.slice(at, at + 64).map(async (cell) => {
      const why = whyWrong(cell, await callers.ask(cell), routes.access(cell.method, cell.path));
      if (why !== undefined) wrong.push(why);
    });
    await Promise.all(answers);
  }
  return wrong;
}

describe.each([
  ['predictions at the hot door', true],
  ['predictions at the documented controllers', false],
])('[case 133] [case 134] the access matrix, %s', (name, hotDoor) => {
  let server: RunningServer;
  let callers: Callers;
  let routes: DeclaredRoutes;

  beforeAll(async () => {
    server = await RunningServer.start({ settings: SETTINGS, hotDoor });
    callers = await Callers.of(server);
    routes = new DeclaredRoutes(await openApiOf(server));
  });

  afterAll(async () => {
    callers.close();
    await server.stop();
  });

  it('holds in every cell', async () => {
    // Behind the documented controllers only predictions are reached in another way.
    const paths = hotDoor ? routes.paths : routes.paths.filter((path) => routes.access('POST', path) === 'predict');
    const cells = cellsOf(paths);
    const wrong = await walk(callers, cells, routes);
    console.info(`access matrix, ${name}: ${cells.length - wrong.length} of ${cells.length} cells as declared`);
    expect(wrong).toEqual([]);
    expect(cells.length).toBeGreaterThan(hotDoor ? 10_000 : 2_000);
  }, 300_000);

  it('shows Swagger UI and the document to those who may view, whatever is asked of them', async () => {
    const cells = [
      '/docs',
      '/docs/',
      '/docs/swagger-ui-init.js',
      '/docs/swagger-ui.css',
      '/docs/%2e',
      '/docs-json',
      '/docs-yaml',
    ].flatMap((path) =>
      (['GET', 'HEAD', 'POST', 'OPTIONS'] as const).flatMap((method) =>
        KINDS.map((kind): Cell => ({ method, path, kind, shape: 'as is', headers: {} })),
      ),
    );
    const may = new Set(['view', 'operate', 'administer', 'session']);
    for (const cell of cells) {
      const { status } = await callers.ask(cell);
      const isRefused = status === 401 || status === 403;
      expect([cell, isRefused]).toEqual([cell, !may.has(cell.kind)]);
    }
  });

  it('[case 150] has no open routes but those that are meant to be, and lets who predicts do nothing else', async () => {
    const { paths } = await openApiOf(server);
    const declared = Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, operation]) => [
        `${method.toUpperCase()} ${path}`,
        operation['x-access'],
      ]),
    );
    const having = (access: string) => declared.flatMap(([route, its]) => (its === access ? [route] : [])).sort();
    expect(having('open')).toEqual(OPEN);
    expect(having('predict').every((route) => /\/(predict|invocations|infer)$/.test(route ?? ''))).toBe(true);
    expect(declared.filter(([, access]) => access === undefined)).toEqual([]);
  });
});

describe('what would make the matrix fail', () => {
  it('is found: a route that answers before its guard', async () => {
    const server = await RunningServer.start({ settings: SETTINGS, modules: [PlantedModule] });
    const callers = await Callers.of(server);
    try {
      const routes = new DeclaredRoutes(await openApiOf(server));
      const cells = cellsOf(['/planted']);
      const wrong = await walk(callers, cells, routes);
      expect(wrong).toContain('GET /planted (as is) by none: 200, declared administer');
    } finally {
      callers.close();
      await server.stop();
    }
  });

  it('does not start: a route that declares no scope', async () => {
    await expect(RunningServer.start({ settings: SETTINGS, modules: [ForgottenModule] })).rejects.toThrow(
      /no scope is declared for GET forgotten\/route \(ForgottenController\.read\)\. Put @Access\(/,
    );
  });
});
