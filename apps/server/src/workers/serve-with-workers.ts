import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { RunnerSockets } from '@understudy/model-slots';
import { HttpSettings, type Logger } from '@understudy/platform';
import { DRAIN_MS, type Serving, stop, takeWhatWaits } from '../stop';
import { trustWorkers } from './client-address';
import { WorkerFleet } from './worker-fleet';

/** A worker that has finished its requests needs a moment to end. */
const END_MS = 500;

/**
 * Serves as the control process: connections to the port go to the workers in turn, and what is no prediction comes back from them on
 * a private socket.
 */
export async function serveWithWorkers(app: NestExpressApplication, program: string, logger: Logger): Promise<Serving> {
  const fleet = app.get(WorkerFleet);
  const { host, port } = app.get(HttpSettings);
  const front = createServer({ pauseOnConnect: true, noDelay: true }, (connection) => {
    // A client that resets its connection before a worker has it.
    connection.on('error', () => connection.destroy());
    fleet.give(connection);
  });
  front.listen(port, host);
  await once(front, 'listening');
  const controlSocket = app.get(RunnerSockets).newPath();
  trustWorkers(app.getHttpServer());
  await app.listen(controlSocket);
  fleet.start({ path: program, controlSocket });
  return {
    url: urlOf(front, host),
    stop: async () => {
      fleet.drain();
      await stop(app, logger, async () => finishRequests(front, fleet));
    },
  };
}

function urlOf(front: Server, host: string): string {
  const { port } = front.address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Resolves to whether the workers finished every request. */
async function finishRequests(front: Server, fleet: WorkerFleet): Promise<boolean> {
  // Right after the event loop has accepted all that there was: what waits to be accepted when the port closes is lost.
  await takeWhatWaits(front);
  front.close();
  // What was accepted has been handed over before the workers hear that they shall stop.
  return fleet.stop(DRAIN_MS + END_MS);
}
