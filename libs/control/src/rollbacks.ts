import { Injectable } from '@nestjs/common';
import { decide, isSameVersion, type VersionRef } from '@understudy/model-slots';
import { Clock, DomainError, isDomainError, Logger, messageOf } from '@understudy/platform';
import { type DeploymentRecord, DeploymentStore, type Origin } from '@understudy/store';
import type { ChangeOptions } from './change-request';
import { subjectOf } from './changes/history';
import type { TrackedChange } from './changes/tracked-change';
import { desiredOf, type ManagedDeployment, stateOf } from './managed-deployment';
import { checkPreconditions } from './preconditions';
import { askedBy } from './record/asked-by';
import { Attempts, lateNoted } from './record/attempts';
import { DatabaseWatch } from './record/database-watch';
import { recordJson } from './record/record-json';
import { RecordQueue } from './record/record-queue';
import { Reconciler } from './reconcile/reconciler';

/** How long an idempotency key is looked for in the store before a rollback that carries one takes effect. */
const REPLAY_LOOK_MS = 30;

interface TakenBack {
  readonly at: Date;
  readonly from: VersionRef | null;
  readonly to: VersionRef;
}

/**
 * Goes back to the version before. The slots change at once, from memory alone; the record is written afterwards, in turn, and as
 * often as it takes. Where another replica changed current meanwhile its change stands, and this one is recorded as refused.
 */
@Injectable()
export class Rollbacks {
  /** Those whose record may have been written already. */
  private readonly uncertain = new WeakSet<Origin>();

  constructor(
    private readonly store: DeploymentStore,
    private readonly queue: RecordQueue,
    private readonly attempts: Attempts,
    private readonly reconciler: Reconciler,
    private readonly database: DatabaseWatch,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** Throws DomainError `no-previous-version`, `generation-mismatch`, or `change-conflict` where another replica was first. */
  async perform(managed: ManagedDeployment, options: ChangeOptions, change: TrackedChange) {
    const replay = await this.findReplay(options);
    if (replay !== null) return { deployment: replay, before: replay, recorded: true };
    const before = managed.wanted;
    checkPreconditions(managed.name, before?.generation ?? null, options);
    const provisional = this.flip(managed, before);
    change.beginRecording();
    this.tell(managed.name, provisional, options.origin);
    const taken: TakenBack = {
      at: provisional.changedAt,
      from: before?.current ?? null,
      to: provisional.current as VersionRef,
    };
    managed.unrecordedRollbacks++;
    const answer = { given: false };
    const written = await this.queue.submit(() => this.record(managed, taken, options, answer));
    answer.given = true;
    if (!written.inTime) return { deployment: provisional, before, recorded: false };
    return { deployment: written.result ?? provisional, before, recorded: true };
  }

  /** The pointer flip: no I/O from the decision to its effect. */
  private flip(managed: ManagedDeployment, before: DeploymentRecord | null): DeploymentRecord {
    const state = stateOf(before);
    const held = managed.served.find(state.previous, managed.served.state.settings);
    const facts = { nextIsReady: false, loading: null, previousIsHeld: held !== null };
    const decision = decide(state, { kind: 'roll-back' }, facts);
    if (!decision.ok) throw new DomainError(decision.code, `Deployment "${managed.name}": ${decision.why}`);
    managed.served.flip({ ...decision.state, settings: managed.served.state.settings });
    const provisional: DeploymentRecord = {
      name: managed.name,
      generation: decision.state.generation,
      ...desiredOf(decision.state),
      changedAt: this.clock.now(),
    };
    managed.want(provisional);
    return provisional;
  }

  /** Writes the rollback on top of what is stored now; settles what holds from then on. */
  private async record(
    managed: ManagedDeployment,
    taken: TakenBack,
    options: ChangeOptions,
    answer: { readonly given: boolean },
  ): Promise<DeploymentRecord | null> {
    const settle = (): void => {
      managed.unrecordedRollbacks--;
      this.reconciler.wake();
    };
    try {
      const record = await this.writeOnce(managed.name, taken, options);
      settle();
      this.adopt(managed, record, options.origin);
      return record;
    } catch (error) {
      // While the database is away this is tried again, and the rollback still counts.
      const isFinal = !isDomainError(error, 'database-unavailable') && !isDomainError(error, 'change-outcome-unknown');
      if (isFinal) {
        settle();
        if (answer.given) this.tellLate(managed, taken, options.origin, error);
      } else if (isDomainError(error, 'change-outcome-unknown')) {
        this.uncertain.add(options.origin);
      }
      throw error;
    }
  }

  private async writeOnce(
    name: string,
    taken: TakenBack,
    { origin, idempotencyKey }: ChangeOptions,
  ): Promise<DeploymentRecord | null> {
    const attempt = { origin, action: 'roll-back', subject: subjectOf(name) };
    for (;;) {
      const stored = await this.store.read(name);
      if (this.uncertain.has(origin) && (await this.attempts.wasDone(attempt))) return stored;
      if (stored === null || !isSameVersion(stored.current, taken.from)) throw this.movedOn(name, stored, taken);
      const { from: previous, to: current } = taken;
      const desired = { ...desiredOf(stateOf(stored)), current, previous, canaryProbability: 1 };
      try {
        const { deployment } = await this.store.change({
          name,
          expectedGeneration: stored.generation,
          desired,
          action: 'roll-back',
          origin: lateNoted(origin, taken.at, this.clock.now()),
          ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
        });
        return deployment;
      } catch (error) {
        this.attempts.noteStoreRefusal(error);
        if (!isDomainError(error, 'generation-mismatch')) throw error;
      }
    }
  }

  private adopt(managed: ManagedDeployment, record: DeploymentRecord | null, origin: Origin): void {
    if (record === null || managed.unrecordedRollbacks > 0) return;
    const { actor, reason, requestId } = origin;
    managed.lastChange = { action: 'roll-back', at: this.clock.now(), actor, reason, requestId };
    managed.want(record);
    managed.served.flip(stateOf(record));
    this.reconciler.converge(managed);
  }

  private movedOn(name: string, stored: DeploymentRecord | null, { from, to }: TakenBack): DomainError {
    const is =
      stored === null
        ? 'was removed'
        : `is at generation ${stored.generation} with ${stored.current?.uri ?? 'nothing'} in current`;
    return new DomainError(
      'change-conflict',
      `The rollback of "${name}" from ${from?.uri ?? 'nothing'} to ${to.uri} came after another change: the deployment ${is}, which stands. ` +
        'Read it again and decide again',
      { generation: stored?.generation ?? null },
    );
  }

  private async findReplay({ origin, idempotencyKey }: ChangeOptions): Promise<DeploymentRecord | null> {
    if (idempotencyKey === undefined || !this.database.isUp) return null;
    const look = this.store.findReplay(origin, idempotencyKey);
    const enough = this.clock.sleep(REPLAY_LOOK_MS).then(() => null);
    try {
      return (await Promise.race([look, enough]))?.deployment ?? null;
    } catch (error) {
      if (isDomainError(error, 'database-unavailable')) return null;
      throw error;
    }
  }

  /** Whoever asked has been answered: the trail and the log tell what became of it. */
  private tellLate(managed: ManagedDeployment, { at }: TakenBack, origin: Origin, error: unknown): void {
    const noted = lateNoted(origin, at, this.clock.now());
    const attempt = { origin: noted, action: 'roll-back', subject: subjectOf(managed.name) };
    // Not waited for: this is one of the records that the next one waits for.
    void this.attempts.refused(attempt, error, recordJson(managed.wanted));
    this.logger.warn('A rollback that took effect while the database was away does not stand', {
      deployment: managed.name,
      ...askedBy(origin),
      problem: messageOf(error),
    });
  }

  private tell(deployment: string, { current, previous, generation }: DeploymentRecord, origin: Origin): void {
    this.logger.info('A deployment was rolled back', {
      deployment,
      ...askedBy(origin),
      generation,
      current: current?.uri,
      previous: previous?.uri,
    });
  }
}
