import type { Server } from 'node:http';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Logger } from '@understudy/platform';
import { Drain } from './http/drain';

/** How long requests under way may take once the server is asked to stop. */
const DRAIN_MS = 25_000;
const IDLE_SWEEP_MS = 50;

/** Stops the server: not ready first, then the requests under way, then the runners. */
export async function stop(app: NestExpressApplication, logger: Logger): Promise<void> {
  app.get(Drain).begin();
  const server = app.getHttpServer();
  const finished = await closeGracefully(server);
  if (!finished) logger.warn('Some requests did not finish in time and were cut', { drainMs: DRAIN_MS });
  await app.close();
}

/** Resolves to whether every request finished by itself. */
async function closeGracefully(server: Server): Promise<boolean> {
  return new Promise((resolve) => {
    // A connection becomes idle when its request is answered; Node closes only those that were idle at the call of close().
    const sweep = setInterval(() => {
      server.closeIdleConnections();
    }, IDLE_SWEEP_MS);
    const cut = setTimeout(() => {
      settle(false);
      server.closeAllConnections();
    }, DRAIN_MS);
    const settle = (finished: boolean): void => {
      clearInterval(sweep);
      clearTimeout(cut);
      resolve(finished);
    };
    server.close(() => {
      settle(true);
    });
  });
}
