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
  /** Connections that it was given and has not got: each waits until the worker has taken the one before. */
  private readonly leaving = new Map<Socket, Closable | null>();
  /** What node holds of the connection that left last, until the worker has taken it. */
  private left: Closable | null = null;
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
    this.child.on('exit', () => {
      this.isReady = false;
    });
    // What it said last may still have to be read when it has ended. There may be no 'disconnect' while a connection leaves.
    this.child.on('close', (code, signal) => {
      gone(signal === null ? `exit code ${code ?? 'unknown'}` : `signal ${signal}`);
    });
    // An error of a process that runs is a message that did not reach it; its end tells what matters.
    this.child.on('error', (error) => {
      if (this.child.pid === undefined) gone(error.message);
    });
  }

  get takesConnections(): boolean {
    return this.isReady && this.child.connected;
  }

  /** Whether it has ended. What it said before may be heard afterwards. */
  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
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
    const handle = handleOf(connection);
    this.leaving.set(connection, handle);
    this.child.send({ topic: 'connection' }, connection, (error) => {
      if (!this.leaving.delete(connection)) return;
      this.left = handle;
      if (error !== null) connection.destroy();
    });
  }

  /**
   * Once it is gone: the connections that it was given and that never left. Those that left and did not arrive are closed: node forgets
   * them, and their clients would wait for ever. Where the worker has taken one, node has closed it, and closing does nothing.
   */
  takeBack(): readonly Socket[] {
    this.left?.close();
    const given = [...this.leaving];
    this.leaving.clear();
    const never: Socket[] = [];
    for (const [connection, handle] of given) {
      // Node has taken it out, though it has not said yet how that went.
      if (handleOf(connection) === null) handle?.close();
      else never.push(connection);
    }
    return never;
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }
}

/** What node calls a handle. */
interface Closable {
  close(): void;
}

/** Null where node has sent it to another process, or the connection is over. */
function handleOf(connection: Socket): Closable | null {
  return (connection as unknown as { readonly _handle: Closable | null })._handle;
}
