import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net';

const READ_BYTES = 64 * 1024;

/** What node's own servers and clients construct their sockets with; the types leave it out. */
interface FromHandle extends SocketConstructorOpts {
  readonly handle: object;
  readonly onread: OnReadOpts;
}

/**
 * The same connection, read into the same memory each time: `onChunk` must copy what it keeps. With 'data' events node makes and
 * collects a buffer of 64 KB for every read, which took longer than the reading itself.
 *
 * A client can ask for that (`onread` of net.connect), a server cannot, so the connection moves to a socket that was made with it.
 *
 * @param accepted - a connection of a server with `pauseOnConnect`: nothing of it was read yet
 */
export function readingIntoOneBuffer(accepted: Socket, onChunk: (chunk: Buffer) => void): Socket {
  const owner = accepted as unknown as { _handle: object | null };
  const handle = owner._handle;
  // A connection that is over already, or a node that keeps its handles elsewhere: the way that always works.
  if (handle === null || typeof handle !== 'object') return accepted.on('data', onChunk).resume();
  owner._handle = null;
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  const options: FromHandle = {
    handle,
    readable: true,
    writable: true,
    onread: {
      buffer,
      callback: (bytes) => {
        onChunk(buffer.subarray(0, bytes));
        return true;
      },
    },
  };
  return new Socket(options).resume();
}
