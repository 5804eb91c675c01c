import { type LoadedVersion, type SlotName, type VersionLoader, type VersionRef } from '@understudy/model-slots';
import { type Clock, isDomainError, type Logger, messageOf } from '@understudy/platform';
import type { DeploymentRecord } from '@understudy/store';
import type { Changes } from '../changes/changes';
import type { TrackedChange } from '../changes/tracked-change';
import { type ManagedDeployment, SLOTS, stateOf } from '../managed-deployment';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

export interface ConvergenceParts {
  readonly loader: VersionLoader;
  readonly changes: Changes;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told when something about the slots changed. */
  readonly onProgress: () => void;
}

/**
 * Brings one deployment from what this replica serves to what is wanted: loads what is missing aside, then flips. What cannot be
 * loaded leaves its slot empty, keeps its reason beside it and is tried again; a current that cannot be had leaves everything as it is.
 */
export class Convergence {
  private running: Promise<void> | null = null;
  private interrupt = new AbortController();
  private stopped = false;

  constructor(
    private readonly managed: ManagedDeployment,
    private readonly parts: ConvergenceParts,
  ) {}

  /** Looks again at what is wanted, at once. */
  wake(): void {
    if (this.stopped) return;
    this.interrupt.abort(new Error('something else is wanted now'));
    this.interrupt = new AbortController();
    this.running ??= this.run().finally(() => {
      this.running = null;
      // Somebody may have woken it between its last look and its end.
      if (!this.stopped && !this.isDone()) this.wake();
    });
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.interrupt.abort(new Error('the server is stopping'));
    await this.running;
  }

  private isDone(): boolean {
    const { managed } = this;
    return managed.wanted === null || managed.unrecordedRollbacks > 0 || managed.isConverged;
  }

  private async run(): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    while (!this.stopped && !this.isDone()) {
      const record = this.managed.wanted as DeploymentRecord;
      const { signal } = this.interrupt;
      await this.pass(record, signal);
      this.parts.onProgress();
      if (signal.aborted) pauseMs = FIRST_PAUSE_MS;
      else if (!this.isDone()) {
        await this.parts.clock.sleep(pauseMs, signal).catch(() => undefined);
        pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      }
    }
    if (this.managed.isConverged) this.managed.problems.clear();
  }

  /** Tries each slot once, current first. */
  private async pass(record: DeploymentRecord, signal: AbortSignal): Promise<void> {
    const { managed } = this;
    const { served } = managed;
    const state = stateOf(record);
    const held: LoadedVersion[] = [];
    // Where nothing answers yet each slot answers as soon as it can; else what answers stays until all is there.
    const servesNothing = served.held.current === null;
    const isWanted = (): boolean => managed.wanted === record && managed.unrecordedRollbacks === 0 && !signal.aborted;
    const tracked = this.parts.changes.begin(managed.name, 'converge', null);
    try {
      for (const slot of SLOTS) {
        const version = await this.bring(slot, state[slot], record, tracked, signal);
        if (version !== null) held.push(version);
        if (!isWanted()) return;
        if (slot === 'current' && state.current !== null && version === null) return;
        if (servesNothing) served.flip(state, held);
      }
      if (!managed.isConverged) served.flip(state, held);
      this.tell(record);
    } finally {
      for (const version of held) this.parts.loader.release(version);
      managed.converging = null;
      tracked.succeed(managed.reached);
    }
  }

  /** The slot's version, held once more; null where it is empty or cannot be had now. */
  private async bring(
    slot: SlotName,
    ref: VersionRef | null,
    record: DeploymentRecord,
    tracked: TrackedChange,
    signal: AbortSignal,
  ): Promise<LoadedVersion | null> {
    const { managed, parts } = this;
    if (ref === null) {
      managed.problems.delete(slot);
      return null;
    }
    const { settings } = stateOf(record);
    const known = managed.served.find(ref, settings);
    if (known !== null) return parts.loader.retain(known);
    managed.converging = tracked;
    try {
      const { version } = await parts.loader.restore(ref, {
        settings,
        signal,
        onNews: (news) => {
          tracked.report(news);
        },
      });
      managed.problems.delete(slot);
      return version;
    } catch (error) {
      if (!signal.aborted) this.keepProblem(slot, ref, error);
      return null;
    }
  }

  private keepProblem(slot: SlotName, ref: VersionRef, error: unknown): void {
    const { clock, logger } = this.parts;
    const detail = `${slot} (${ref.uri}) is not in memory on this replica: ${messageOf(error)}`;
    if (this.managed.problems.get(slot)?.detail === detail) return;
    const code = isDomainError(error) ? error.code : 'internal-error';
    this.managed.problems.set(slot, { code, detail, at: clock.now() });
    logger.warn('A slot cannot be filled; trying again', {
      deployment: this.managed.name,
      slot,
      code,
      problem: detail,
    });
  }

  private tell({ name, generation, current, next, previous }: DeploymentRecord): void {
    this.parts.logger.info('A deployment follows what is wanted', {
      deployment: name,
      generation,
      current: current?.uri,
      next: next?.uri,
      previous: previous?.uri,
      complete: this.managed.isConverged,
    });
  }
}
