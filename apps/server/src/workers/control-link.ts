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

  send<Topic extends ControlTopic>(topic: Topic, payload: ToControl[Topic]): void {
    // A control process that is gone takes this one with it (run-worker.ts).
    if (process.connected) process.send?.({ topic, payload } satisfies Message<ToControl>);
  }

  on<Topic extends WorkerTopic>(topic: Topic, handler: (payload: ToWorkers[Topic]) => void): void {
    this.handlers.set(topic, handler);
  }
}
