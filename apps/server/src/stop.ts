import { once } from 'node:events';
import type { Server } from 'node:http';
import { Server as TcpServer } from 'node:net';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { HttpSettings, type Logger, messageOf } from '@understudy/platform';
import { Drain } from './http/drain';
import { ArmStatisticsRecorder } from './statistics/arm-statistics-recorder';

/** A connection on which nothing goes on has this long to send a request, at most, after the port has closed. */
const LATE_REQUEST_MS = 1_000;
/** Of the event loop, after the last connection was accepted: one to read, and two more for what came with it. */
const TURNS = 3;
/** The event loop accepts one connection in a turn, and the system lets so many wait. */
const MOST_TURNS = 511;
/** How long requests under way may take after that. */
export const DRAIN_MS = 25_000;
const IDLE_SWEEP_MS = 50;
/** How long the database may take to hear the last statistics, and everything else to end. Together the server ends within 30 s. */
const STATISTICS_MS = 1_500;
const CLOSE_MS = 2_500;

/** A server that can be reached, and how to stop it. */
export interface Serving {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Stops the server: not ready first, then the requests under way, then what they counted is written, then the runners and the
 * database. No step can hold up the end. `finishRequests` takes no more requests and resolves to whether all under way finished.
 */
export async function stop(
  app: NestExpressApplication,
  logger: Logger,
  finishRequests = closeGracefully,
): Promise<void> {
  app.get(Drain).begin();
  // Still accepting, but not ready: what load balancers and clients have on its way is answered.
  const { lameDuckMs } = app.get(HttpSettings);
  await sleep(lameDuckMs);
  await takeWhatWaits(app.getHttpServer());
  const finishing = finishRequests(app.getHttpServer(), lateRequestMs(lameDuckMs));
  app.get(Drain).endConnections();
  const finished = await finishing;
  if (!finished) logger.warn('Some requests did not finish in time and were cut', { drainMs: DRAIN_MS });
  const written = await within(STATISTICS_MS, app.get(ArmStatisticsRecorder).flush());
  if (written !== true) logger.warn('The last arm statistics could not be written');
  const closing = app.close().then(
    () => true,
    (error: unknown) => {
      logger.error('The server did not stop cleanly', { problem: messageOf(error) });
      return true;
    },
  );
  if ((await within(CLOSE_MS, closing)) === undefined)
    logger.warn('Something did not end in time; the server ends without it', { closeMs: CLOSE_MS });
}

/** What the work comes to; undefined where that takes longer. */
async function within<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
  const done = new AbortController();
  const late = sleep(ms, undefined, { signal: done.signal }).catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    done.abort();
  }
}

/**
 * Lets the event loop accept the connections and read the requests that are there. Where the process got no time for a while, its timers
 * are over before it has looked: closing then would cut requests that came long before.
 */
export async function takeWhatWaits(server: TcpServer): Promise<void> {
  let quiet = 0;
  const accepted = (): void => {
    quiet = 0;
  };
  server.on('connection', accepted);
  for (let turns = 0; quiet < TURNS && turns < MOST_TURNS; turns++) {
    quiet++;
    await turn();
  }
  server.off('connection', accepted);
}

/** How long a client may take that has a connection and is about to use it: it learns from the answer that the server goes. */
export const lateRequestMs = (lameDuckMs: number): number => Math.min(lameDuckMs, LATE_REQUEST_MS);

/** Closes connections that are idle, from `lateMs` on, until `isOver`. Those that are used close with their answer. */
export async function closeWhatIsIdle(server: Server, lateMs: number, isOver: () => boolean): Promise<void> {
  const fromMs = performance.now() + lateMs;
  while (!isOver()) {
    await takeWhatWaits(server);
    if (performance.now() >= fromMs) server.closeIdleConnections();
    await sleep(IDLE_SWEEP_MS);
  }
}

/** Resolves to whether every request finished by itself. */
async function closeGracefully(server: Server, lateMs: number): Promise<boolean> {
  let isOver = false;
  const closed = once(server, 'close').then(() => (isOver = true));
  // http.Server.close() would cut at once every connection whose request has not arrived yet; this only stops accepting.
  TcpServer.prototype.close.call(server);
  const closing = closeWhatIsIdle(server, lateMs, () => isOver);
  const finished = (await within(DRAIN_MS, closed)) === true;
  isOver = true;
  await closing;
  server.closeAllConnections();
  return finished;
}
