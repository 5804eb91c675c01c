import type { ControlTopic, ToControl, ToWorkers, WorkerTopic } from './topics';

export interface WorkerStatus {
  readonly pid: number | null;
  /** Whether it gets connections. */
  readonly ready: boolean;
  /** Connections that it was given since it started. */
  readonly connections: number;
}

export type OnControlTopic<Topic extends ControlTopic> = (payload: ToControl[Topic], worker: number) => void;

/** The workers, as the control process reaches them: a port, for a server may have none. */
export abstract class WorkerLink {
  abstract get workers(): readonly WorkerStatus[];

  /** Tells every worker. One that starts later is not told. */
  abstract broadcast<Topic extends WorkerTopic>(topic: Topic, payload: ToWorkers[Topic]): void;

  /** From now on `handler` gets what workers say on a topic, and which worker it was: a number that is not used again. */
  abstract on<Topic extends ControlTopic>(topic: Topic, handler: OnControlTopic<Topic>): void;
}

/** A server that answers predictions itself. */
export class NoWorkers extends WorkerLink {
  override readonly workers = [];

  override broadcast(): void {
    // nobody is there
  }

  override on(): void {
    // nobody says anything
  }
}
