import type { Socket } from 'node:net';
import type { ControlTopic, Message, ToControl, ToWorkers, WorkerTopic } from './topics';

/** The control process, as a worker reaches it. */
export class ControlLink {
  private readonly handlers = new Map<WorkerTopic, (payload: never) => void>();

  /** `onConnection` gets each client's connection that the control process hands over. */
  constructor(private readonly onConnection: (socket: Socket) => void) {}

  /** Takes what comes, and what has come: to be called once everybody who listens does. */
  begin(): void {
    process.on('message', (message: Message<ToWorkers> | { readonly topic: 'connection' }, socket?: Socket) => {
      if (message.topic !== 'connection') this.handlers.get(message.topic)?.(message.payload as never);
      // Closed by the client on its way here: there is nothing left to hand over.
      else if (socket !== undefined) this.onConnection(socket);
    });
  }

  /** Resolves when the message survives this process, or cannot be delivered. */
  async send<Topic extends ControlTopic>(topic: Topic, payload: ToControl[Topic]): Promise<void> {
    return new Promise((resolve) => {
      const message: Message<ToControl> = { topic, payload };
      // A control process that is gone takes this one with it (run-worker.ts).
      if (process.send === undefined || !process.connected) resolve();
      else
        process.send(message, undefined, undefined, () => {
          resolve();
        });
    });
  }

  on<Topic extends WorkerTopic>(topic: Topic, handler: (payload: ToWorkers[Topic]) => void): void {
    this.handlers.set(topic, handler);
  }
}
