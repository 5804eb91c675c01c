import type { Socket } from 'node:net';
import { readingByHttp } from '@understudy/sockets';
import { TIMEOUTS } from '../timeouts';
import { PlainConnection, type PlainOwner, type PlainTaker } from './plain-connection';

/** How long a client may take over a request before node:http, which knows what to do with slow ones, has it: one to two of these. */
const SWEEP_MS = 1_000;
const MOST_IDLE_SWEEPS = TIMEOUTS.keepAliveTimeout / SWEEP_MS;

/** The connections of a server that node:http does not read. */
export class PlainConnections implements PlainOwner {
  sweep = 0;
  private readonly open = new Set<PlainConnection>();
  private timer: NodeJS.Timeout | undefined;

  /** @param readByHttp Has node:http read a connection. */
  constructor(
    readonly taker: PlainTaker,
    private readonly readByHttp: (socket: Socket) => void,
  ) {}

  /** Reads a connection; one of which something was read already stays with node:http. */
  add(accepted: Socket): void {
    const connection = accepted.bytesRead > 0 ? undefined : PlainConnection.open(accepted, this);
    if (connection === undefined) {
      this.readByHttp(accepted);
      return;
    }
    this.open.add(connection);
    this.timer ??= setInterval(() => {
      this.look();
    }, SWEEP_MS).unref();
  }

  handOver(connection: PlainConnection, bytes: Buffer): void {
    const socket = readingByHttp(connection.socket, bytes);
    if (socket === undefined) {
      // Over already.
      connection.socket.destroy();
      return;
    }
    this.closed(connection);
    socket.once('close', () => connection.accepted.destroy());
    this.readByHttp(socket);
  }

  closed(connection: PlainConnection): void {
    this.open.delete(connection);
    if (this.open.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** Those that were used, as node:http closes its own: what is new may have a request on its way. */
  closeIdle(): void {
    for (const { isIdle, wasUsed, socket } of this.open) if (isIdle && wasUsed) socket.destroy();
  }

  closeAll(): void {
    for (const { socket } of this.open) socket.destroy();
  }

  private look(): void {
    this.sweep++;
    for (const connection of this.open) {
      const sweeps = this.sweep - connection.waitsSince;
      if (!connection.waits) continue;
      if (connection.wasUsed && connection.isIdle) {
        if (sweeps > MOST_IDLE_SWEEPS) connection.socket.destroy();
      } else if (sweeps > 1) connection.handOver();
    }
  }
}
