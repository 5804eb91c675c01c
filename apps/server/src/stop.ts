import { once } from 'node:events';
import type { Server } from 'node:http';
import { Server as TcpServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { HttpSettings, type Logger } from '@understudy/platform';
import { Drain } from './http/drain';

/** A connection that was accepted last of all has this long to send its request, at most. */
export const LATE_REQUEST_MS = 200;
/** How long requests under way may take after that. */
export const DRAIN_MS = 25_000;
export const IDLE_SWEEP_MS = 50;

/** A server that can be reached, and how to stop it. */
export interface Serving {
  readonly url: string;
  stop(): Promise<void>;
}

/** Stops the server: not ready first, then the requests under way, then the runners. */
export async function stop(app: NestExpressApplication, logger: Logger): Promise<void> {
  app.get(Drain).begin();
  // Still accepting, but not ready: what load balancers and clients have on its way is answered.
  const { lameDuckMs } = app.get(HttpSettings);
  await sleep(lameDuckMs);
  const finished = await closeGracefully(app.getHttpServer(), Math.min(lameDuckMs, LATE_REQUEST_MS));
  if (!finished) logger.warn('Some requests did not finish in time and were cut', { drainMs: DRAIN_MS });
  await app.close();
}

/** Resolves to whether every request finished by itself. */
async function closeGracefully(server: Server, lateRequestMs: number): Promise<boolean> {
  const closed = once(server, 'close').then(() => true);
  // http.Server.close() would cut at once every connection whose request has not arrived yet; this only stops accepting.
  TcpServer.prototype.close.call(server);
  await sleep(lateRequestMs);
  // A connection becomes idle when its request is answered.
  const sweep = setInterval(() => {
    server.closeIdleConnections();
  }, IDLE_SWEEP_MS);
  const deadline = new AbortController();
  const late = sleep(DRAIN_MS, false, { signal: deadline.signal }).catch(() => false);
  const finished = await Promise.race([closed, late]);
  clearInterval(sweep);
  deadline.abort();
  server.closeAllConnections();
  return finished;
}
