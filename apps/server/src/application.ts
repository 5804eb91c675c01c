import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { type Configuration, HttpSettings, type Logger, NestLogger } from '@understudy/platform';
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
}

/** The whole application, wired and ready to listen. */
export async function createApplication(
  configuration: Configuration,
  logger: Logger,
  { hotDoor = true, dashboard }: ApplicationOptions = {},
): Promise<NestExpressApplication> {
  const adapter = new FrontDoorAdapter();
  const app = await NestFactory.create<NestExpressApplication>(AppModule.forRoot(configuration, logger), adapter, {
    bodyParser: false,
    // What cannot start says so in a sentence (main.ts), and does not abort.
    abortOnError: false,
    logger: new NestLogger(logger),
  });
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.use(standingHeaders(app.get(Drain)));
  app.use(oneSpelling());
  app.use(jsonBody(app.get(HttpSettings).maxJsonBytes));
  serveOpenApi(app);
  if (dashboard !== undefined) serveDashboard(app, dashboard);
  if (hotDoor) {
    const door = app.get(HotDoor);
    adapter.openFrontDoor((request, response) => door.take(request, response));
  }
  return app;
}
