import { once } from 'node:events';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { NestFactory } from '@nestjs/core';
import { MirroredDeployments, WaitingRoom } from '@understudy/model-slots';
import { type Configuration, type Logger, NestLogger, SystemClock } from '@understudy/platform';
import { Drain } from '../http/drain';
import { FrontServer } from '../http/front-server';
import { HotDoor } from '../http/hot-door';
import { PredictionObserver } from '../observation/prediction-observer';
import { closeWhatIsIdle, DRAIN_MS, lateRequestMs } from '../stop';
import { asksBySession } from './asks-by-session';
import { ControlLink } from './control-link';
import { forward } from './forward';
import { MirroredTokens } from './mirrored-tokens';
import { Reporting } from './reporting';
import type { WorkerArguments } from './worker-program';
import { WorkerModule } from './worker.module';

/** How long the last log lines may take to be read. */
const FLUSH_MS = 200;

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
  const connections = new Connections(shareOf(configuration.http.maxConnections, configuration));
  const link = new ControlLink((socket) => {
    if (!connections.take(socket)) return;
    server.emit('connection', socket);
    socket.resume();
  });
  const deployments = mirror(configuration, link);
  const tokens = new MirroredTokens();
  const app = await NestFactory.createApplicationContext(
    WorkerModule.forRoot(configuration, logger, deployments, tokens),
    { logger: new NestLogger(logger), abortOnError: false },
  );
  const door = app.get(HotDoor);
  const drain = app.get(Drain);
  const reporting = new Reporting(deployments, app.get(PredictionObserver), tokens, link);
  const server = new FrontServer((request, response) => {
    if (asksBySession(request) || !door.take(request, response)) forward(request, response, { controlSocket, drain });
  });
  const { plain } = door;
  server.takePlain({
    expect: (request) => (asksBySession(request) ? undefined : plain.expect(request)),
    take: (request, outlet, observed) => !asksBySession(request) && plain.take(request, outlet, observed),
  });
  // Node looks after slow clients only in a server that listens somewhere. Nobody knows of this place.
  server.listen(`${controlSocket}.${id}`);
  await once(server, 'listening');
  link.on('stop', () => {
    drain.endConnections();
    void finish(server, connections, lateRequestMs(configuration.http.lameDuckMs))
      .then(async () => reporting.report())
      .then(async () => logger.close(FLUSH_MS))
      .then(() => process.exit(0));
  });
  link.on('state', (state) => {
    // Before anything that has to be waited for: a token that was revoked counts no longer.
    tokens.replace(state.tokens);
    deployments.apply(state.serving);
  });
  reporting.begin();
  link.begin();
}

/** The clients' connections, at most so many. */
class Connections {
  private readonly open = new Set<Socket>();

  constructor(private readonly most: number) {}

  get count(): number {
    return this.open.size;
  }

  /** Whether there is room for one more; else it is closed. */
  take(socket: Socket): boolean {
    if (this.open.size >= this.most) {
      socket.destroy();
      return false;
    }
    this.open.add(socket);
    socket.on('close', () => this.open.delete(socket));
    return true;
  }
}

const shareOf = (most: number, { modelSlots }: Configuration): number =>
  Math.ceil(most / modelSlots.servingCounts.workers);

function mirror(configuration: Configuration, link: ControlLink): MirroredDeployments {
  const { runnerLimits: limits, servingCounts, requestTimeoutMs } = configuration.modelSlots;
  return new MirroredDeployments(
    {
      requestTimeoutMs,
      runTimeoutMs: limits.runTimeoutMs,
      room: new WaitingRoom(shareOf(limits.maxWaitingBytesInAll, configuration)),
      sharers: servingCounts.workers,
    },
    new SystemClock(),
    {
      applied: (revision) => {
        void link.send('applied', { revision });
      },
      released: (version) => {
        void link.send('released', { version });
      },
      report: (version, report) => {
        void link.send('runner', { version, report });
      },
    },
  );
}

/** Lets every request under way be answered, and such as are about to come on a connection that is open. */
async function finish(server: Server, connections: Connections, lateMs: number): Promise<void> {
  const untilMs = performance.now() + DRAIN_MS;
  await closeWhatIsIdle(server, lateMs, () => connections.count === 0 || performance.now() > untilMs);
}
