import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net';

/** The most that one read of a connection brings. */
export const READ_BYTES = 64 * 1024;

/** What node's own servers and clients construct their sockets with; the types leave it out. */
interface FromHandle extends SocketConstructorOpts {
  readonly handle: object;
  readonly onread?: OnReadOpts;
}

export interface OneBuffer {
  /** May serve any number of connections: each chunk is dealt with before the next is read. */
  readonly buffer: Buffer;
  /** Must copy what it keeps. False: nothing more is read until the socket is resumed. */
  readonly onChunk: (chunk: Buffer) => boolean;
  /** As net.createServer has it. */
  readonly allowHalfOpen?: boolean;
}

/**
 * The same connection, read into the same memory each time. With 'data' events node makes and
 * collects a buffer of 64 KB for every read, which took longer than the reading itself.
 *
 * A client can ask for that (`onread` of net.connect), a server cannot, so the connection moves to a socket that was made with it.
 * Undefined where it cannot move: it is over already, or this node keeps its handles elsewhere.
 *
 * @param accepted - a connection of which nothing was read yet
 */
export function readingIntoOneBuffer(
  accepted: Socket,
  { buffer, onChunk, allowHalfOpen = false }: OneBuffer,
): Socket | undefined {
  const onread: OnReadOpts = { buffer, callback: (bytes) => onChunk(buffer.subarray(0, bytes)) };
  return moved(accepted, { onread, allowHalfOpen })?.resume();
}

/** The same connection on an ordinary socket, which sees `bytes` before whatever comes next. Undefined where it cannot move. */
export function readingAsUsual(socket: Socket, bytes: Buffer): Socket | undefined {
  // As a server's own sockets are: whoever reads decides what a client's end means.
  const usual = moved(socket, { allowHalfOpen: true });
  if (bytes.length > 0) usual?.unshift(bytes);
  return usual;
}

function moved(from: Socket, options: Partial<FromHandle>): Socket | undefined {
  const owner = from as unknown as { _handle: object | null | undefined };
  const handle = owner._handle;
  if (handle === null || typeof handle !== 'object') return undefined;
  owner._handle = null;
  return new Socket({ handle, readable: true, writable: true, ...options } satisfies FromHandle);
}
