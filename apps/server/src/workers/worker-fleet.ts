import { setTimeout as sleep } from 'node:timers/promises';
import type { Socket } from 'node:net';
import { Injectable } from '@nestjs/common';
import { HttpSettings, Logger, ModelSlotsSettings } from '@understudy/platform';
import { type OnControlTopic, WorkerLink, type WorkerStatus } from './worker-link';
import { WorkerProcess } from './worker-process';
import type { WorkerProgram } from './worker-program';
import type { ControlTopic, Message, ToControl, ToWorkers, WorkerTopic } from './topics';

/** Pause before a worker is replaced that ended before it could answer anything; one that could is replaced at once. */
const REPLACE_AFTER_MS = 500;

/**
 * The worker processes: started, given the clients' connections in turn, replaced when they end. Connections that come while none is
 * ready wait for the first.
 */
@Injectable()
export class WorkerFleet extends WorkerLink {
  private readonly all = new Map<number, WorkerProcess>();
  private readonly handlers = new Map<ControlTopic, OnControlTopic<ControlTopic>[]>();
  private readonly onStarted: ((worker: WorkerProcess) => void)[] = [];
  private readonly onGone: ((worker: number) => void)[] = [];
  private waiting: Socket[] = [];
  private program: WorkerProgram | undefined;
  private lastId = 0;
  private turn = 0;
  private isStopping = false;

  constructor(
    private readonly settings: ModelSlotsSettings,
    private readonly http: HttpSettings,
    private readonly logger: Logger,
  ) {
    super();
  }

  override get workers(): readonly WorkerStatus[] {
    return [...this.all.values()].map(({ pid, isReady, connections }) => ({ pid, ready: isReady, connections }));
  }

  override broadcast<Topic extends WorkerTopic>(topic: Topic, payload: ToWorkers[Topic]): void {
    for (const worker of this.all.values()) worker.send(topic, payload);
  }

  override on<Topic extends ControlTopic>(topic: Topic, handler: OnControlTopic<Topic>): void {
    const known = this.handlers.get(topic) ?? [];
    this.handlers.set(topic, [...known, handler as OnControlTopic<ControlTopic>]);
  }

  /** Tells of each worker that starts, before it can answer; and of each that has ended. */
  watch(onStarted: (worker: WorkerProcess) => void, onGone: (worker: number) => void): void {
    this.onStarted.push(onStarted);
    this.onGone.push(onGone);
  }

  start(program: WorkerProgram): void {
    this.program = program;
    while (this.all.size < this.settings.servingCounts.workers) this.startOne(program);
  }

  /** The worker can answer: it gets connections from now on. */
  ready(id: number): void {
    const worker = this.all.get(id);
    if (worker === undefined || worker.isReady || worker.hasEnded) return;
    worker.isReady = true;
    this.logger.info('A worker takes connections', { worker: id, pid: worker.pid });
    const { waiting } = this;
    this.waiting = [];
    for (const connection of waiting) this.give(connection);
  }

  /** Hands a connection to the next worker. */
  give(connection: Socket): void {
    const ready = [...this.all.values()].filter(({ takesConnections }) => takesConnections);
    if (ready.length === 0 && this.waiting.length >= this.http.maxConnections) connection.destroy();
    else if (ready.length === 0) this.waiting.push(connection);
    else ready[this.turn++ % ready.length]?.give(connection);
  }

  /** Ends a worker that does not do as it is told; it is replaced. */
  end(id: number, why: string): void {
    this.logger.error('A worker is ended and replaced', { worker: id, pid: this.all.get(id)?.pid, why });
    this.all.get(id)?.kill();
  }

  /** The server is about to stop: a worker that ends is not replaced any more. */
  drain(): void {
    this.isStopping = true;
  }

  /** Lets every worker finish its requests and end. No connection may be given any more. Resolves to whether all ended by themselves. */
  async stop(withinMs: number): Promise<boolean> {
    for (const connection of this.waiting) connection.destroy();
    this.broadcast('stop', null);
    const until = performance.now() + withinMs;
    while (this.all.size > 0 && performance.now() < until) await sleep(10);
    const finished = this.all.size === 0;
    for (const worker of this.all.values()) worker.kill();
    return finished;
  }

  private startOne(program: WorkerProgram): void {
    const worker: WorkerProcess = new WorkerProcess(++this.lastId, program, {
      onMessage: (message) => {
        this.deliver(message, worker.id);
      },
      onExit: (how) => {
        this.onExit(worker, how);
      },
    });
    this.all.set(worker.id, worker);
    for (const tell of this.onStarted) tell(worker);
  }

  private deliver({ topic, payload }: Message<ToControl>, worker: number): void {
    for (const handler of this.handlers.get(topic) ?? []) handler(payload, worker);
  }

  private onExit(worker: WorkerProcess, how: string): void {
    const { id, connections } = worker;
    this.all.delete(id);
    for (const tell of this.onGone) tell(id);
    for (const connection of worker.takeBack()) {
      if (this.isStopping) connection.destroy();
      else this.give(connection);
    }
    if (this.isStopping) return;
    this.logger.error('A worker ended and is replaced; its connections are lost', { worker: id, how, connections });
    // One that never got a connection might never get that far either: not in a tight loop.
    void sleep(connections > 0 ? 0 : REPLACE_AFTER_MS).then(() => {
      if (!this.isStopping && this.program !== undefined) this.startOne(this.program);
    });
  }
}
