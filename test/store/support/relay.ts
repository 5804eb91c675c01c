import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Between a client and PostgreSQL: passes bytes on, and can lose them. */
export class Relay {
  private readonly sockets = new Set<Socket>();
  /**
   * A connection is cut when PostgreSQL answers to the last of these texts, sent by its client in this order: the answer is lost.
   * More than one, since a commit alone may be anybody's.
   */
  loseAnswerTo: readonly string[] = [];
  /** Whether the network is gone from the lost answer on. */
  staysLost = false;
  /** Whether new connections are cut at once. */
  refuses = false;
  /** Whether bytes are held back, as by a firewall that drops. */
  holds = false;

  private constructor(private readonly server: Server) {}

  static async to(port: number): Promise<Relay> {
    const server = createServer();
    const relay = new Relay(server);
    server.on('connection', (client) => {
      relay.pass(client, port);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return relay;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Cuts all connections there are. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
    this.sockets.clear();
  }

  async close(): Promise<void> {
    this.cut();
    this.server.close();
    await once(this.server, 'close');
  }

  private pass(client: Socket, port: number): void {
    if (this.refuses) {
      client.destroy();
      return;
    }
    const upstream = connect(port, '127.0.0.1');
    let isLost = false;
    let heard = 0;
    for (const socket of [client, upstream]) {
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (bytes) => {
      if (this.holds) return;
      upstream.write(bytes);
      const awaited = this.loseAnswerTo[heard];
      if (awaited === undefined || !bytes.includes(awaited)) return;
      if (++heard < this.loseAnswerTo.length) return;
      this.loseAnswerTo = [];
      heard = 0;
      isLost = true;
    });
    upstream.on('data', (bytes) => {
      if (this.holds) return;
      // The answer has come, so PostgreSQL has done it; the client will never know.
      if (!isLost) {
        client.write(bytes);
        return;
      }
      this.refuses = this.staysLost;
      if (this.staysLost) this.cut();
      client.destroy();
    });
  }
}
