import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { type Configuration, type Logger, NestLogger } from '@understudy/platform';
import type { Type } from '@nestjs/common';
import type { Express } from 'express';
import { Admission } from './access/admission';
import { DeclaredAccess, DOCS_PATHS } from './access/declared-access';
import { securityHeaders } from './access/security-headers';
import { UsableAccess } from './access/usable-access';
import { AppModule } from './app.module';
import { serveDashboard } from './dashboard/serve-dashboard';
import { Drain } from './http/drain';
import { FrontDoorAdapter } from './http/front-door-adapter';
import { HotDoor } from './http/hot-door';
import { jsonBody } from './http/json-body';
import { oneSpelling } from './http/one-spelling';
import { standingHeaders } from './http/standing-headers';
import { serveOpenApi } from './openapi/openapi';

export interface ApplicationOptions {
  /** Whether predictions are taken before Express. Tests turn it off to compare both ways. */
  readonly hotDoor?: boolean;
  /** The folder of the built dashboard; without it nothing is served at /dashboard. */
  readonly dashboard?: string;
  /** Modules beside the product's own; tests plant routes with them. */
  readonly modules?: readonly Type[];
}

/** The whole application, wired and ready to listen. */
export async function createApplication(
  configuration: Configuration,
  logger: Logger,
  { hotDoor = true, dashboard, modules = [] }: ApplicationOptions = {},
): Promise<NestExpressApplication> {
  const adapter = new FrontDoorAdapter(configuration.http.maxConnections);
  const root = AppModule.forRoot(configuration, logger, modules);
  const app = await NestFactory.create<NestExpressApplication>(root, adapter, {
    bodyParser: false,
    // What cannot start says so in a sentence (main.ts), and does not abort.
    abortOnError: false,
    logger: new NestLogger(logger),
  });
  try {
    app.get(UsableAccess).check();
    prepareExpress(app);
    if (dashboard !== undefined) serveDashboard(app, dashboard);
    app.get(DeclaredAccess).check(adapter.getInstance<Express>());
  } catch (error) {
    await app.close();
    throw error;
  }
  if (hotDoor) {
    const door = app.get(HotDoor);
    adapter.openFrontDoor((request, response) => door.take(request, response));
    // Workers answer the clients' connections, and hand over here what they do not answer.
    if (configuration.modelSlots.servingCounts.workers === 1) adapter.takePlain(door.plain);
  }
  return app;
}

/** What happens to requests before a route of Nest's is looked for. */
function prepareExpress(app: NestExpressApplication): void {
  const admission = app.get(Admission);
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.use(securityHeaders());
  app.use(standingHeaders(app.get(Drain)));
  app.use(admission.identify());
  app.use(oneSpelling());
  app.use(jsonBody((request) => admission.bodyLimitOf(request)));
  app.use(DOCS_PATHS, admission.require('view'));
  serveOpenApi(app);
}
