import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { decide, type DeploymentState, type LoadedVersion } from '@understudy/model-slots';
import { Clock, DomainError, isDomainError, Logger, messageOf } from '@understudy/platform';
import { type DeploymentRecord, DeploymentStore } from '@understudy/store';
import { type ChangeOptions, type Intent, modelUriOf } from './change-request';
import { Changes } from './changes/changes';
import { DryRun, type Foreseen } from './changes/dry-run';
import { subjectOf } from './changes/history';
import { Preparation, type Prepared } from './changes/preparation';
import type { TrackedChange } from './changes/tracked-change';
import { desiredOf, type ManagedDeployment, stateOf } from './managed-deployment';
import { ManagedDeployments } from './managed-deployments';
import { checkPreconditions } from './preconditions';
import { askedBy } from './record/asked-by';
import { Attempts } from './record/attempts';
import { recordJson } from './record/record-json';
import { DatabaseWatch } from './record/database-watch';
import { Reconciler } from './reconcile/reconciler';
import { factsOf, protectedDeployment, refusal, rollbackComesFirst } from './refusals';
import { Rollbacks } from './rollbacks';
import { UnderWay } from './changes/under-way';

/** What a change came to. */
export interface ChangeOutcome {
  /** The wanted state afterwards; null where the deployment was removed. */
  readonly deployment: DeploymentRecord | null;
  readonly before: DeploymentRecord | null;
  /** False for a rollback that took effect while the database was away: its record follows. */
  readonly recorded: boolean;
}

export interface StartedChange {
  readonly change: TrackedChange;
  readonly outcome: Promise<ChangeOutcome>;
}

type Prepares = Exclude<Intent, { kind: 'roll-back' }>;

/** Those that load nothing. */
type PointerChange = Extract<Intent, { kind: 'promote' | 'set-split' | 'unload-next' }>;

const isPointerChange = (intent: Intent): intent is PointerChange =>
  intent.kind === 'promote' || intent.kind === 'set-split' || intent.kind === 'unload-next';

/** What is wrong with a request alone: nothing of the deployment failed. */
const isOfTheRequest = (error: unknown): boolean =>
  isDomainError(error, 'generation-mismatch') ||
  isDomainError(error, 'idempotency-key-reused') ||
  isDomainError(error, 'change-conflict');

/** How long a dry run may ask the registry, in milliseconds. */
const FORESEE_TIMEOUT_MS = 30_000;

/** Those that load versions, and therefore only one at a time. */
const LOADS: ReadonlySet<Intent['kind']> = new Set<Intent['kind']>(['load-next', 'fill', 'replace', 'restore']);

/**
 * Changes deployments. Each change is prepared aside, decided on the state that the store has, made durable together with its entry of
 * the audit trail, and only then takes effect here; other replicas follow by themselves. Only a rollback takes effect first.
 */
@Injectable()
export class DeploymentControl implements OnModuleDestroy {
  private readonly running = new Set<TrackedChange>();
  private readonly underWay = new UnderWay<StartedChange>();

  constructor(
    private readonly store: DeploymentStore,
    private readonly deployments: ManagedDeployments,
    private readonly preparation: Preparation,
    private readonly rollbacks: Rollbacks,
    private readonly dryRun: DryRun,
    private readonly attempts: Attempts,
    private readonly changes: Changes,
    private readonly reconciler: Reconciler,
    private readonly database: DatabaseWatch,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** Starts a change. Its outcome rejects with DomainError; nothing else about it needs to be awaited. */
  start(name: string, intent: Intent, options: ChangeOptions): StartedChange {
    return this.underWay.join(options, () => {
      const change = this.changes.begin(name, intent.kind, modelUriOf(intent));
      const outcome = this.run(name, intent, options, change);
      // Whoever does not wait follows the change instead.
      outcome.catch(() => undefined);
      return { change, outcome };
    });
  }

  /** What a change would do; nothing is loaded and nothing recorded. */
  foresee(name: string, intent: Intent, options: ChangeOptions): Promise<Foreseen> {
    const managed = intent.kind === 'replace' ? this.deployments.find(name) : this.deployments.named(name);
    return this.dryRun.foresee(name, managed, intent, options, AbortSignal.timeout(FORESEE_TIMEOUT_MS));
  }

  async onModuleDestroy(): Promise<void> {
    for (const change of this.running) {
      try {
        change.cancel('because the server stops');
      } catch {
        // It is being recorded, which ends by itself.
      }
    }
    await Promise.all([...this.deployments.all].map(({ turns }) => turns.run(async () => undefined)));
  }

  private async run(
    name: string,
    intent: Intent,
    options: ChangeOptions,
    change: TrackedChange,
  ): Promise<ChangeOutcome> {
    this.running.add(change);
    const managed = this.managedFor(name, intent);
    try {
      if (managed instanceof DomainError) throw managed;
      const outcome = await (intent.kind === 'roll-back'
        ? this.rollbacks.perform(managed, options, change)
        : this.perform(managed, intent, options, change));
      // What could not be loaded before is of no interest once another load came to its end.
      if (LOADS.has(intent.kind)) managed.lastFailed = null;
      change.succeed(outcome.deployment?.generation ?? null);
      return outcome;
    } catch (error) {
      change.fail(error);
      await this.onFailure(name, intent, options, change, error);
      throw error;
    } finally {
      this.running.delete(change);
    }
  }

  /** A refusal is returned, so that it is recorded like every other. */
  private managedFor(name: string, { kind }: Intent): ManagedDeployment | DomainError {
    if (kind === 'replace') return this.deployments.ensure(name);
    try {
      return this.deployments.named(name);
    } catch (error) {
      if (isDomainError(error)) return error;
      throw error;
    }
  }

  private async perform(
    managed: ManagedDeployment,
    intent: Prepares,
    options: ChangeOptions,
    change: TrackedChange,
  ): Promise<ChangeOutcome> {
    const replay = await this.findReplay(options);
    if (replay !== null) return replay;
    if (LOADS.has(intent.kind)) this.beginLoading(managed, change);
    try {
      const stored = await this.read(managed.name);
      checkPreconditions(managed.name, stored?.generation ?? null, options);
      if (isPointerChange(intent)) this.refuseEarly(managed, intent, stored);
      const prepared = await this.preparation.prepare(managed, intent, stored, change);
      try {
        return await managed.turns.run(() => this.commit(managed, intent, prepared, options, change));
      } finally {
        this.preparation.release(prepared);
      }
    } finally {
      if (managed.preparing === change) managed.preparing = null;
      if (managed.wanted === null) this.deployments.remove(managed);
    }
  }

  /** A refusal that is known before replicas are waited for. The decision that counts falls in {@link commit}. */
  private refuseEarly(managed: ManagedDeployment, intent: PointerChange, stored: DeploymentRecord | null): void {
    const facts = factsOf(managed, stored);
    // A next that this replica is still loading is waited for.
    const nextIsReady = facts.nextIsReady || !managed.isConverged;
    const decision = decide(stateOf(stored), intent, { ...facts, nextIsReady });
    if (!decision.ok) throw refusal(managed.name, decision);
  }

  private beginLoading(managed: ManagedDeployment, change: TrackedChange): void {
    const { preparing } = managed;
    if (preparing !== null) {
      const modelUri = preparing.modelUri ?? 'a version';
      throw new DomainError(
        'change-conflict',
        `${modelUri} is being loaded into "${managed.name}" (step ${preparing.step}). Wait until it is done, then try again`,
        { loading: modelUri, step: preparing.step },
      );
    }
    managed.preparing = change;
  }

  private async commit(
    managed: ManagedDeployment,
    intent: Prepares,
    prepared: Prepared,
    options: ChangeOptions,
    change: TrackedChange,
  ): Promise<ChangeOutcome> {
    change.beginRecording();
    const { name } = managed;
    const stored = await this.read(name);
    checkPreconditions(name, stored?.generation ?? null, options);
    if (managed.unrecordedRollbacks > 0) throw rollbackComesFirst(name);
    const next = this.decideNext(managed, prepared, stored, intent);
    if (next === 'unchanged') {
      // Of several replicas that start at once one fills; the others asked for nothing.
      if (intent.kind !== 'fill')
        await this.attempts.nothingToDo(this.attemptOf(name, intent, options, stored), recordJson(stored));
      this.adopt(managed, stored, prepared);
      return { deployment: stored, before: stored, recorded: true };
    }
    const { deployment, replayed } = await this.write(name, intent, options, stored, next);
    if (replayed) {
      this.reconciler.wake();
      return { deployment, before: stored, recorded: true };
    }
    const { origin } = options;
    const { actor, reason, requestId } = origin;
    managed.lastChange = { action: actionOf(intent, stored), at: this.clock.now(), actor, reason, requestId };
    this.adopt(managed, deployment, prepared);
    this.tell(name, intent, options, deployment);
    return { deployment, before: stored, recorded: true };
  }

  /** The state to write; null to remove the deployment. */
  private decideNext(
    managed: ManagedDeployment,
    { change, versions }: Prepared,
    stored: DeploymentRecord | null,
    intent: Prepares,
  ): DeploymentState | null | 'unchanged' {
    const { name } = managed;
    if (change === null) {
      if (managed.isDefault) throw protectedDeployment();
      if (managed.preparing !== null)
        throw new DomainError('change-conflict', `A version is being loaded into "${name}"; cancel that first`);
      if (stored === null) throw new DomainError('deployment-not-found', `There is no deployment "${name}"`);
      return null;
    }
    const facts = LOADS.has(intent.kind)
      ? { nextIsReady: versions.length > 0, loading: null, previousIsHeld: false }
      : factsOf(managed, stored);
    const decision = decide(stateOf(stored), change, facts);
    if (!decision.ok) throw refusal(name, decision);
    // A deployment comes into being whatever its state.
    return decision.changed || stored === null ? decision.state : 'unchanged';
  }

  private async write(
    name: string,
    intent: Prepares,
    { origin, idempotencyKey, ifMatch }: ChangeOptions,
    stored: DeploymentRecord | null,
    next: DeploymentState | null,
  ) {
    try {
      return await this.database.watch(() =>
        this.store.change({
          name,
          expectedGeneration: stored?.generation ?? null,
          desired: next === null ? null : desiredOf(next),
          action: actionOf(intent, stored),
          origin,
          ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
        }),
      );
    } catch (error) {
      this.attempts.noteStoreRefusal(error);
      if (!isDomainError(error, 'generation-mismatch') || ifMatch !== undefined) throw error;
      // Nobody named a generation: it is not the client's that is stale.
      const conflict = new DomainError(
        'change-conflict',
        `"${name}" was changed through another replica at the same moment. Read it again and decide again`,
        error.details,
      );
      this.attempts.noteRecorded(conflict);
      throw conflict;
    }
  }

  /** Takes over what is stored now, and flips to it. */
  private adopt(managed: ManagedDeployment, record: DeploymentRecord | null, { versions }: Prepared): void {
    // A rollback that came meanwhile holds until it is recorded, on top of this.
    if (managed.unrecordedRollbacks > 0) return;
    managed.want(record);
    if (record === null) this.deployments.remove(managed);
    else if (!managed.isConverged || bringsOther(managed, versions)) managed.served.flip(stateOf(record), versions);
    this.reconciler.converge(managed);
  }

  private async findReplay({ origin, idempotencyKey }: ChangeOptions): Promise<ChangeOutcome | null> {
    if (idempotencyKey === undefined) return null;
    const replay = await this.database.watch(() => this.store.findReplay(origin, idempotencyKey));
    if (replay === null) return null;
    const before = replay.deployment?.generation === 1 ? null : replay.deployment;
    return { deployment: replay.deployment, before, recorded: true };
  }

  private read(name: string): Promise<DeploymentRecord | null> {
    return this.database.watch(() => this.store.read(name));
  }

  private async onFailure(
    name: string,
    intent: Intent,
    options: ChangeOptions,
    change: TrackedChange,
    error: unknown,
  ): Promise<void> {
    const managed = this.deployments.find(name);
    if (managed !== undefined && LOADS.has(intent.kind) && !isOfTheRequest(error)) managed.lastFailed = change;
    // Whether it was made will show; then this replica has to follow.
    if (isDomainError(error, 'change-outcome-unknown')) this.reconciler.wake();
    if (!isDomainError(error)) {
      const fields = { deployment: name, change: intent.kind, ...askedBy(options.origin) };
      this.logger.error('A change failed unforeseen', { ...fields, stack: (error as Error).stack ?? messageOf(error) });
    }
    // The server's own search for its first version tells of its failures itself: it goes on for hours.
    if (intent.kind === 'fill') return;
    const stored = managed?.wanted ?? null;
    await this.attempts.refused(this.attemptOf(name, intent, options, stored), error, recordJson(stored));
  }

  private attemptOf(name: string, intent: Intent, { origin }: ChangeOptions, stored: DeploymentRecord | null) {
    return { origin, action: actionOf(intent, stored), subject: subjectOf(name) };
  }

  private tell(name: string, intent: Intent, { origin }: ChangeOptions, record: DeploymentRecord | null): void {
    this.logger.info('A deployment was changed', {
      deployment: name,
      change: intent.kind,
      ...askedBy(origin),
      generation: record?.generation,
      canaryProbability: record?.canaryProbability,
      current: record?.current?.uri,
      next: record?.next?.uri,
      previous: record?.previous?.uri,
    });
  }
}

/** What the audit trail calls it: bringing a deployment into being is its own verb. */
const actionOf = ({ kind }: Intent, stored: DeploymentRecord | null): string =>
  kind === 'replace' && stored === null ? 'create' : kind;

/** Whether a version was loaded anew beside the one that is held: one whose runner was given up is replaced by loading it again. */
function bringsOther({ served }: ManagedDeployment, versions: readonly LoadedVersion[]): boolean {
  const held = Object.values(served.held);
  return versions.some((version) => !held.includes(version));
}
