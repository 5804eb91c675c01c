import { type IncomingMessage, Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { OneWriteResponse } from './one-write-response';
import type { PlainTaker } from './plain/plain-connection';
import { PlainConnections } from './plain/plain-connections';
import { TIMEOUTS } from './timeouts';
import { WholeBodyRequest } from './whole-body-request';

const OPTIONS = { ...TIMEOUTS, IncomingMessage: WholeBodyRequest, ServerResponse: OneWriteResponse };

/** An HTTP server as this product has it: slow clients are cut, and plain predictions may be read off their connections without node:http. */
export class FrontServer extends Server {
  private plain: PlainConnections | undefined;

  constructor(listener: (request: IncomingMessage, response: ServerResponse) => void) {
    super(OPTIONS, listener);
  }

  /** From now on `taker` gets the predictions of connections that are opened, as long as they are plain. */
  takePlain(taker: PlainTaker): void {
    // What node:http does with a connection.
    const [readByHttp] = this.listeners('connection') as [(this: Server, socket: Socket) => void];
    this.removeListener('connection', readByHttp);
    const plain = new PlainConnections(taker, (socket) => {
      readByHttp.call(this, socket);
    });
    this.on('connection', (socket) => {
      plain.add(socket);
    });
    this.plain = plain;
  }

  override closeIdleConnections(): void {
    super.closeIdleConnections();
    this.plain?.closeIdle();
  }

  override closeAllConnections(): void {
    super.closeAllConnections();
    this.plain?.closeAll();
  }
}
