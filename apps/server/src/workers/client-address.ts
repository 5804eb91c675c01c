import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';

/** Whom a worker forwards for. Only what comes over the private socket is believed, and workers let no such header through. */
const CLIENT_HEADER = 'x-understudy-client';

const fromWorkers = new WeakSet<Socket>();

/** Whoever connects to this server is a worker. */
export function trustWorkers(server: Server): void {
  server.on('connection', (socket: Socket) => fromWorkers.add(socket));
}

/** The address of the client that asked, whichever process it is connected to. */
export function clientAddressOf({ socket, headers }: Pick<IncomingMessage, 'headers' | 'socket'>): string | undefined {
  if (!fromWorkers.has(socket)) return socket.remoteAddress;
  const address = headers[CLIENT_HEADER];
  return typeof address === 'string' ? address : undefined;
}

/** What a worker adds for the control process. */
export const forwardedFor = ({ socket }: IncomingMessage): string[] => [CLIENT_HEADER, socket.remoteAddress ?? ''];

/** Whether a client's header may not reach the control process. */
export const isPrivateHeader = (name: string): boolean => name.toLowerCase() === CLIENT_HEADER;
