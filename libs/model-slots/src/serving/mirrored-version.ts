import type { DeclaredAs, ModelSignature } from '@understudy/inference';
import type { Clock } from '@understudy/platform';
import type { ServedVersion } from '../deployment/served-version';
import type { VersionIdentity } from '../deployment/version-ref';
import type { QueueLimits } from '../runner/admission';
import type { RunnerEnd } from '../runner/runner-end';
import { RunnerLanes, type RunnerLanesOptions } from '../runner/runner-lanes';
import type { RunnerLink, RunnerReports } from '../runner/runner-link';
import type { Batching } from '../runner/runner-messages';
import type { RunnerPlace, RunnerReport } from '../runner/runner-place';
import type { VersionSnapshot } from './serving-snapshot';

export interface MirrorOptions extends Pick<RunnerLanesOptions, 'room' | 'requestTimeoutMs' | 'runTimeoutMs'> {
  /** How many processes share out the bounds on what may wait. */
  readonly sharers: number;
}

interface Seat {
  readonly link: RunnerLink;
  /** Of the process that the link is, or was, connected to; null where nothing is expected of it any more. */
  path: string | null;
}

const IDLE_POLL_MS = 5;
const UNKNOWN_END: RunnerEnd = { kind: 'exited', problem: 'its process ended' };

/** A version that another process has loaded, with this process's own lines to its runners. */
export class MirroredVersion implements ServedVersion {
  readonly runner: RunnerLanes;
  private readonly seats = new Map<number, Seat>();

  constructor(
    private snapshot: VersionSnapshot,
    options: MirrorOptions,
    private readonly clock: Clock,
    private readonly report: (report: RunnerReport) => void,
  ) {
    const { sharers, ...others } = options;
    this.runner = new RunnerLanes({
      ...others,
      queue: shareOf(snapshot.queue, sharers),
      label: snapshot.identity.uri,
      shared: true,
      nowMs: () => clock.monotonicMs(),
      facts: () => this.snapshot.facts,
      outlook: () => this.snapshot.outlook,
    });
  }

  get id(): number {
    return this.snapshot.id;
  }

  get identity(): VersionIdentity {
    return this.snapshot.identity;
  }

  get signature(): ModelSignature {
    return this.snapshot.facts.signature;
  }

  get batching(): Batching {
    return this.snapshot.facts.batching;
  }

  get classNames(): readonly string[] | null {
    return this.snapshot.classNames;
  }

  get declaredAs(): DeclaredAs {
    return this.snapshot.declaredAs;
  }

  get isReady(): boolean {
    return this.runner.isReady;
  }

  /** Takes over what has changed. Resolves when every runner that can be reached is connected. */
  async update(snapshot: VersionSnapshot): Promise<void> {
    // Facts never change: what is under way may go on with those it began with.
    this.snapshot = { ...snapshot, facts: this.snapshot.facts };
    if (snapshot.outlook.isOver) this.runner.abandon();
    for (const id of this.seats.keys()) if (!snapshot.runners.some((place) => place.id === id)) void this.vacate(id);
    await Promise.all(snapshot.runners.map(async (place) => this.follow(place)));
  }

  /** Lets the requests under way finish, and lets go of the runners. */
  async finish(): Promise<void> {
    while (!this.runner.isIdle) await this.clock.sleep(IDLE_POLL_MS);
    this.runner.end();
  }

  private async follow({ id, role, socketPath, lastEnd }: RunnerPlace): Promise<void> {
    const seat = this.seats.get(id) ?? { link: this.runner.add(role, this.reportsOf(id)), path: null };
    this.seats.set(id, seat);
    if (seat.path !== null && seat.path !== socketPath) {
      seat.link.ended(lastEnd ?? UNKNOWN_END);
      seat.path = null;
    }
    if (socketPath === null || seat.path !== null) return;
    seat.path = socketPath;
    // One that cannot be reached has ended meanwhile; who supervises it will say so.
    await seat.link.connect(socketPath, this.snapshot.facts.timings).catch(() => undefined);
  }

  private async vacate(id: number): Promise<void> {
    const seat = this.seats.get(id);
    if (seat === undefined) return;
    this.seats.delete(id);
    seat.link.retire();
    while (seat.link.isConnected && !seat.link.isIdle) await this.clock.sleep(IDLE_POLL_MS);
    this.runner.remove(seat.link);
  }

  private reportsOf(id: number): RunnerReports {
    const say = (saw: RunnerReport['saw']): void => {
      const socketPath = this.seats.get(id)?.path ?? null;
      if (socketPath !== null) this.report({ runner: id, socketPath, saw });
    };
    return {
      answered: () => {
        say({ kind: 'answered' });
      },
      silent: () => {
        say({ kind: 'silent' });
      },
      hung: (problem) => {
        say({ kind: 'hung', problem });
      },
      lost: () => {
        say({ kind: 'lost' });
      },
    };
  }
}

function shareOf({ requests, rows, bytes }: QueueLimits, sharers: number): QueueLimits {
  const share = (most: number): number => Math.ceil(most / sharers);
  return { requests: share(requests), rows: share(rows), bytes: share(bytes) };
}
