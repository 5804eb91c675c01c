import { type ChildProcess, fork } from 'node:child_process';
import type { Socket } from 'node:net';
import type { WorkerProgram } from './worker-program';
import type { Message, ToControl, ToWorkers, WorkerTopic } from './topics';

export interface WorkerListener {
  onMessage(message: Message<ToControl>): void;
  onExit(how: string): void;
}

/** One worker process, from its start to its end. */
export class WorkerProcess {
  /** Connections that it was given. */
  connections = 0;
  /** Whether it has taken over what is served, so that it can answer. */
  isReady = false;
  private readonly child: ChildProcess;
  /** Connections that it was given and that have not left: each waits until the worker has taken the one before. */
  private readonly leaving = new Set<Socket>();
  /** What node holds of the connection that left last, until the worker has taken it. */
  private left: { close(): void } | null = null;
  private isGone = false;

  constructor(
    readonly id: number,
    { path, controlSocket }: WorkerProgram,
    listener: WorkerListener,
  ) {
    // It reads the same settings from the same environment. Maps travel as they are.
    this.child = fork(path, ['worker', controlSocket, String(id)], { serialization: 'advanced' });
    this.child.on('message', (message: Message<ToControl>) => {
      listener.onMessage(message);
    });
    const gone = (how: string): void => {
      if (this.isGone) return;
      this.isGone = true;
      this.isReady = false;
      listener.onExit(how);
    };
    let how: string | undefined;
    const goneOnceRead = (): void => {
      if (how !== undefined && !this.child.connected) gone(how);
    };
    this.child.on('exit', (code, signal) => {
      this.isReady = false;
      how = signal === null ? `exit code ${code ?? 'unknown'}` : `signal ${signal}`;
      goneOnceRead();
    });
    // What it said last may still have to be read when it has ended.
    this.child.on('disconnect', goneOnceRead);
    // An error of a process that runs is a message that did not reach it; its end tells what matters.
    this.child.on('error', (error) => {
      if (this.child.pid === undefined) gone(error.message);
    });
  }

  get takesConnections(): boolean {
    return this.isReady && this.child.connected;
  }

  get pid(): number | null {
    return this.isGone ? null : (this.child.pid ?? null);
  }

  send<Topic extends WorkerTopic>(topic: Topic, payload: ToWorkers[Topic]): void {
    if (this.child.connected) this.child.send({ topic, payload } satisfies Message<ToWorkers>, () => undefined);
  }

  /** Hands a client's connection over, which nobody has read from. */
  give(connection: Socket): void {
    this.connections++;
    this.leaving.add(connection);
    const { _handle: handle } = connection as unknown as { readonly _handle: { close(): void } | null };
    this.child.send({ topic: 'connection' }, connection, (error) => {
      if (!this.leaving.delete(connection)) return;
      this.left = handle;
      if (error !== null) connection.destroy();
    });
  }

  /** Once it is gone: the connections that it was given and that never left. One that left and did not arrive is closed. */
  takeBack(): readonly Socket[] {
    // Node forgets it, and its client would wait for ever. Where the worker has taken it, node has closed it, and this does nothing.
    this.left?.close();
    const never = [...this.leaving];
    this.leaving.clear();
    return never;
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }
}
