import { once } from 'node:events';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { NestFactory } from '@nestjs/core';
import { MirroredDeployments, WaitingRoom } from '@understudy/model-slots';
import { type Configuration, type Logger, NestLogger, SystemClock } from '@understudy/platform';
import { Drain } from '../http/drain';
import { frontServer } from '../http/front-door-adapter';
import { HotDoor } from '../http/hot-door';
import { DRAIN_MS, IDLE_SWEEP_MS, LATE_REQUEST_MS } from '../stop';
import { ControlLink } from './control-link';
import { forward } from './forward';
import type { WorkerArguments } from './worker-program';
import { WorkerModule } from './worker.module';

/** How long the last log lines may take to be read. */
const FLUSH_MS = 500;
/** How often the control process hears how many requests wait here, if that has changed. */
const REPORT_PERIOD_MS = 250;

/**
 * A worker: answers predictions on the connections that it is handed, and passes everything else on to the control process, which it
 * does not outlive.
 */
export async function runWorker(
  configuration: Configuration,
  logger: Logger,
  { controlSocket, id }: WorkerArguments,
): Promise<void> {
  // The control process says when to stop. A signal for the whole group, as from a terminal, reaches this one too.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => undefined);
  process.on('disconnect', () => process.exit(1));
  const connections = new Set<Socket>();
  const link = new ControlLink((socket) => {
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
    server.emit('connection', socket);
    socket.resume();
  });
  const deployments = mirror(configuration, link);
  const app = await NestFactory.createApplicationContext(
    WorkerModule.forRoot(configuration, logger, deployments, link),
    { logger: new NestLogger(logger), abortOnError: false },
  );
  const door = app.get(HotDoor);
  const drain = app.get(Drain);
  const server = frontServer((request, response) => {
    if (!door.take(request, response)) forward(request, response, { controlSocket, isDraining: drain.isDraining });
  });
  // Node looks after slow clients only in a server that listens somewhere. Nobody knows of this place.
  server.listen(`${controlSocket}.${id}`);
  await once(server, 'listening');
  link.on('drain', () => {
    drain.begin();
  });
  link.on('stop', () => {
    void finish(server, connections)
      .then(async () => logger.close(FLUSH_MS))
      .then(() => process.exit(0));
  });
  link.on('serving', (snapshot) => {
    deployments.apply(snapshot);
  });
  link.begin();
}

function mirror({ modelSlots }: Configuration, link: ControlLink): MirroredDeployments {
  const { runnerLimits: limits, servingCounts, requestTimeoutMs } = modelSlots;
  const { workers } = servingCounts;
  const deployments = new MirroredDeployments(
    {
      requestTimeoutMs,
      runTimeoutMs: limits.runTimeoutMs,
      room: new WaitingRoom(Math.ceil(limits.maxWaitingBytesInAll / workers)),
      sharers: workers,
    },
    new SystemClock(),
    {
      applied: (revision) => {
        link.send('applied', { revision });
      },
      released: (version) => {
        link.send('released', { version });
      },
      report: (version, report) => {
        link.send('runner', { version, report });
      },
    },
  );
  reportWaiting(deployments, link);
  return deployments;
}

function reportWaiting(deployments: MirroredDeployments, link: ControlLink): void {
  let last = '';
  setInterval(() => {
    const waiting = deployments.waitingRequests;
    const now = JSON.stringify([...waiting]);
    if (now !== last) link.send('waiting', waiting);
    last = now;
  }, REPORT_PERIOD_MS).unref();
}

/** Lets every request under way be answered, and such as are on their way on a connection that was accepted last. */
async function finish(server: Server, connections: ReadonlySet<Socket>): Promise<void> {
  await sleep(LATE_REQUEST_MS);
  const untilMs = performance.now() + DRAIN_MS;
  while (connections.size > 0 && performance.now() < untilMs) {
    server.closeIdleConnections();
    await sleep(IDLE_SWEEP_MS);
  }
}
