import type { Tensor } from '@understudy/inference';
import type { Clock, Logger } from '@understudy/platform';
import type { QueueLimits } from './admission';
import type { InferenceOutcome } from './inference-outcome';
import type { RunnerRole } from './lane';
import type { RunObserver } from './run-observer';
import type { RunWatchOptions } from './run-watch';
import type { RunnerState } from './runner-lifecycle';
import { type Refused, RunnerLanes } from './runner-lanes';
import type { RunnerLink } from './runner-link';
import type { LoadStep, RunnerFacts } from './runner-messages';
import type { RunnerPlace, RunnerReport } from './runner-place';
import type { LoadOutcome } from './runner-process';
import { type RunnerProcessStatus, SupervisedRunner, type SupervisionOptions } from './supervised-runner';
import type { WaitingRoom } from './waiting-room';
import type { Client } from './waiting-request';

export interface RunnerOptions extends RunWatchOptions, SupervisionOptions {
  readonly queue: QueueLimits;
  /** How many runners share the requests. */
  readonly replicas: number;
  /** Whether other serving processes send runs to the same runners. */
  readonly shared: boolean;
  /** Something of what {@link ModelRunner.status} says has changed. */
  readonly onChange: () => void;
  /** The room that it shares with the other runners of this process. */
  readonly room: WaitingRoom;
  /** Whether rows of different requests may run together where that was proven to change nothing. */
  readonly batches?: boolean;
}

const DRAIN_POLL_MS = 5;

const SWITCHED_OFF = 'the setting batching of the deployment is false';

/** What a person wants to know of the runners of a version: together, and each. */
export interface RunnerStatus extends Omit<RunnerProcessStatus, 'role'> {
  readonly waitingRequests: number;
  readonly runners: readonly RunnerProcessStatus[];
}

/** The better of two states is what callers see of both. */
const RANK: Readonly<Record<RunnerState, number>> = {
  ready: 0,
  suspect: 1,
  restarting: 2,
  starting: 3,
  failed: 4,
  ended: 5,
};

/** A runner process, and this process's own line to it. */
interface Member {
  readonly id: number;
  readonly runner: SupervisedRunner;
  readonly link: RunnerLink;
}

/**
 * Keeps one model version running, in one process or several that share its requests, and one that stands by if wanted. Requests that
 * the end of a process interrupts run once more; requests that come while none is ready wait, up to their deadline.
 */
export class ModelRunner {
  private members: readonly Member[] = [];
  private loaded: RunnerFacts | undefined;
  private replicas: number;
  private standby = false;
  private isEnding = false;
  private isAdding = false;
  private lastId = 0;
  private readonly waitingElsewhere = new Map<string, number>();
  private readonly lanes: RunnerLanes;

  constructor(
    private readonly options: RunnerOptions,
    private readonly logger: Logger,
    private readonly clock: Clock,
  ) {
    this.replicas = options.replicas;
    this.lanes = new RunnerLanes({
      ...options,
      nowMs: () => clock.monotonicMs(),
      facts: () => this.facts,
      outlook: () => this,
    });
  }

  /** What the first of the runners found out about the model. Only after a load that succeeded. */
  get facts(): RunnerFacts {
    if (this.loaded === undefined) throw new Error('the runner has not loaded its model yet');
    return this.loaded;
  }

  get isReady(): boolean {
    return this.lanes.isReady;
  }

  /** Whether no runner will come back by itself soon. */
  get isOver(): boolean {
    return this.members.every(({ runner }) => runner.isOver);
  }

  /** Of the first runner that has one. */
  get lastProblem(): string | null {
    for (const { runner } of this.members) if (runner.lastProblem !== null) return runner.lastProblem;
    return null;
  }

  get status(): RunnerStatus {
    const runners = this.members.map(({ runner }) => runner.status);
    return {
      state: runners.reduce<RunnerState>((best, { state }) => (RANK[state] < RANK[best] ? state : best), 'ended'),
      pid: runners[0]?.pid ?? null,
      restarts: runners.reduce((sum, { restarts }) => sum + restarts, 0),
      lastProblem: this.lastProblem,
      waitingRequests: [...this.waitingElsewhere.values()].reduce((a, b) => a + b, this.lanes.waitingRequests),
      memoryBytes: sumOfKnown(runners.map(({ memoryBytes }) => memoryBytes)),
      runners,
    };
  }

  /** Where its processes are to be found, for the serving processes that share them. */
  get places(): readonly RunnerPlace[] {
    return this.members.map(({ id, runner: { role, socketPath, lastEnd } }) => ({ id, role, socketPath, lastEnd }));
  }

  /** How much may wait for it. */
  get queue(): QueueLimits {
    return this.options.queue;
  }

  /** Takes what another serving process has seen of a runner. */
  take({ runner: id, socketPath, saw }: RunnerReport): void {
    const runner = this.members.find((member) => member.id === id)?.runner;
    if (runner?.socketPath !== socketPath) return;
    if (saw.kind === 'hung') runner.hung(saw.problem);
    else runner[saw.kind]();
  }

  /** How many requests wait in another serving process, by its name; 0 where it has gone. */
  setWaitingElsewhere(process: string, requests: number): void {
    if (requests === 0) this.waitingElsewhere.delete(process);
    else this.waitingElsewhere.set(process, requests);
  }

  /** Loads the model for the first time. Once one runner is ready the version is; the others follow without anybody waiting. */
  async start(onStep: (step: LoadStep) => void): Promise<LoadOutcome> {
    const { runner } = this.addMember('active');
    const outcome = await runner.start(null, onStep);
    if (outcome.ok) void this.addMissing();
    else this.lanes.end();
    return outcome;
  }

  /** Has at least so many runners share the requests. */
  ensureReplicas(replicas: number): void {
    this.replicas = Math.max(this.replicas, replicas);
    void this.addMissing();
  }

  /** Whether one more runner is kept ready that takes requests only while an active one cannot. */
  setStandby(wanted: boolean): void {
    this.standby = wanted;
    if (wanted) void this.addMissing();
    else for (const member of this.members) if (member.runner.role === 'standby') void this.dismiss(member);
  }

  /** See {@link RunnerLanes.whyBusy}. */
  whyBusy(deadlineMs: number): Refused | undefined {
    return this.lanes.whyBusy(deadlineMs);
  }

  /** See {@link RunnerLanes.infer}. */
  async infer(
    inputs: readonly Tensor[],
    rows: number | undefined,
    deadlineMs: number,
    client?: Client,
    observer?: RunObserver,
  ): Promise<InferenceOutcome> {
    return this.lanes.infer(inputs, rows, deadlineMs, client, observer);
  }

  /** Lets the requests under way finish, for at most `drainMs`, and ends the processes. */
  async end(drainMs: number): Promise<void> {
    const until = this.clock.monotonicMs() + drainMs;
    while (this.isReady && !this.lanes.isIdle && this.clock.monotonicMs() < until)
      await this.clock.sleep(DRAIN_POLL_MS);
    this.isEnding = true;
    for (const { runner } of this.members) runner.stop();
    this.lanes.end();
  }

  private allowed(facts: RunnerFacts): RunnerFacts {
    if (this.options.batches !== false) return facts;
    return { ...facts, batching: { batched: false, because: SWITCHED_OFF } };
  }

  private addMember(role: RunnerRole): Member {
    const runner: SupervisedRunner = new SupervisedRunner(
      role,
      this.options,
      {
        connect: async (socketPath, facts) => {
          // What was found out once holds; where the graph came from is told of the latest load.
          this.loaded = { ...(this.loaded ?? this.allowed(facts)), graph: facts.graph };
          await link.connect(socketPath, facts.timings);
        },
        ended: (end) => {
          link.ended(end);
        },
        changed: () => {
          if (this.isOver) this.lanes.abandon();
          this.options.onChange();
        },
      },
      this.logger,
      this.clock,
    );
    const link = this.lanes.add(role, runner);
    const member = { id: ++this.lastId, runner, link };
    this.members = [...this.members, member];
    return member;
  }

  /** Starts the runners that are wanted and not there, one after another: they share the machine with those that serve. */
  private async addMissing(): Promise<void> {
    if (this.isAdding) return;
    this.isAdding = true;
    for (let role = this.missingRole(); role !== undefined; role = this.missingRole())
      await this.addMember(role).runner.startBeside(this.facts);
    this.isAdding = false;
  }

  private missingRole(): RunnerRole | undefined {
    if (this.isEnding || this.loaded === undefined) return undefined;
    const active = this.members.filter(({ runner }) => runner.role === 'active').length;
    if (active < this.replicas) return 'active';
    return this.standby && active === this.members.length ? 'standby' : undefined;
  }

  /** Takes a runner away; what it is running is answered first. */
  private async dismiss(member: Member): Promise<void> {
    this.members = this.members.filter((other) => other !== member);
    member.link.retire();
    this.options.onChange();
    while (!this.isEnding && member.link.isConnected && !member.link.isIdle) await this.clock.sleep(DRAIN_POLL_MS);
    this.lanes.remove(member.link);
    member.runner.stop();
  }
}

function sumOfKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
}
