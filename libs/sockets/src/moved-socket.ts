import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net';

/** The most that one read of a connection brings, where it does not go to a place of its own. */
export const READ_BYTES = 64 * 1024;

/** What node's own servers and clients construct their sockets with; the types leave it out. */
interface FromHandle extends SocketConstructorOpts {
  readonly handle: object;
  readonly onread?: OnReadOpts;
}

/** Whoever reads a connection, and where to. */
export interface ConnectionReader {
  /** Where the next bytes are to go. Asked at the beginning and after each read; undefined: where those before went. */
  nextTarget(): Buffer | undefined;
  /** So many bytes have come and lie at the beginning of the target. False: no more is read until the socket is resumed. */
  read(bytes: number): boolean;
}

/** For net.connect, and for {@link readingInPlace}. */
export function onread(reader: ConnectionReader): OnReadOpts {
  // The types know nothing of a function that gives none.
  const buffer = (() => reader.nextTarget()) as () => Buffer;
  return { buffer, callback: (bytes) => reader.read(bytes) };
}

/**
 * The same connection, read to where the reader wants it. With 'data' events node makes and collects a buffer of 64 KB for every
 * read, which took longer than the reading itself.
 *
 * A client can ask for that (`onread` of net.connect), a server cannot, so the connection moves to a socket that was made with it.
 * Undefined where it cannot move: it is over already, or this node keeps its handles elsewhere.
 *
 * @param accepted - a connection of which nothing was read yet
 * @param allowHalfOpen - as net.createServer has it
 */
export function readingInPlace(accepted: Socket, reader: ConnectionReader, allowHalfOpen: boolean): Socket | undefined {
  return moved(accepted, { onread: onread(reader), allowHalfOpen })?.resume();
}

/** Where a connection that was read in place is left to be read to: node never forgets the last target. */
const LAST_TARGET = Buffer.allocUnsafeSlow(READ_BYTES);

/**
 * The same connection on a socket for node:http, which sees `bytes` before whatever comes next. Only for node:http, which reads the
 * connection itself: listeners for 'data' would see nothing more. Undefined where it cannot move.
 */
export function readingByHttp(socket: Socket, bytes: Buffer): Socket | undefined {
  const { _handle: handle } = socket as unknown as { readonly _handle: UserBuffered | null };
  handle?.useUserBuffer(LAST_TARGET);
  // As a server's own sockets are: whoever reads decides what a client's end means.
  const usual = moved(socket, { allowHalfOpen: true });
  if (bytes.length > 0) usual?.unshift(bytes);
  return usual;
}

interface UserBuffered {
  useUserBuffer(buffer: Buffer): void;
}

function moved(from: Socket, options: Partial<FromHandle>): Socket | undefined {
  const owner = from as unknown as { _handle: object | null | undefined };
  const handle = owner._handle;
  if (handle === null || typeof handle !== 'object') return undefined;
  owner._handle = null;
  return new Socket({ handle, readable: true, writable: true, ...options } satisfies FromHandle);
}
