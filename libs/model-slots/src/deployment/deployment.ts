import { whyInputsDoNotFit } from '@understudy/inference';
import { type Clock, DomainError, type Logger } from '@understudy/platform';
import type { ModelSource } from '@understudy/registry';
import {
  type Change,
  decide,
  type DeploymentState,
  EMPTY_STATE,
  type Facts,
  type ServingSlot,
  type SlotName,
} from './deployment-state';
import { type HeldVersions, NOTHING_HELD } from './held-versions';
import type { LoadedVersion } from './loaded-version';
import type { LoadProgress } from './load-progress';
import type { ServedDeployment } from './served-deployments';
import { isSameVersion } from './version-ref';
import type { VersionPool } from './version-pool';

/** Who asks for a change, as far as is known. */
export interface ChangeContext {
  readonly requestId: string;
}

/**
 * One addressable endpoint: its slots, its split, and the changes to them. A load prepares everything aside and then flips in one
 * step; every other change is that one step. Nothing else ever writes the slots, so no request sees half a change.
 */
export class Deployment implements ServedDeployment {
  private current: DeploymentState = EMPTY_STATE;
  private slots: HeldVersions = NOTHING_HELD;
  private progress: LoadProgress | null = null;
  private change: { readonly kind: Change['kind']; readonly at: Date; readonly requestId: string } | null = null;

  constructor(
    readonly name: string,
    private readonly source: ModelSource,
    private readonly pool: VersionPool,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  get state(): DeploymentState {
    return this.current;
  }

  get held(): HeldVersions {
    return this.slots;
  }

  slotOf(version: string): ServingSlot {
    const slot = (['current', 'next'] as const).find((name) => this.slots[name]?.identity.version === version);
    if (slot !== undefined) return slot;
    throw new DomainError(
      'version-not-served',
      `Request for unknown model: '${this.name}' version ${version.slice(0, 100)} is not found: ` +
        'it is in neither slot; load it with POST /update-model',
    );
  }

  /** The load under way; null when there is none. */
  get loading(): LoadProgress | null {
    return this.progress;
  }

  get lastChange(): typeof this.change {
    return this.change;
  }

  /**
   * Loads a version and puts it into next; for the first version of all, into every empty slot (`fill`). Until the flip nothing
   * changes, whatever goes wrong. Throws DomainError: `change-conflict` while another load is under way, `signature-conflict`
   * where clients of current could not use it, and whatever resolving, fetching and loading throw.
   */
  async load(
    modelUri: string,
    kind: 'load-next' | 'fill',
    context: ChangeContext,
    signal: AbortSignal,
  ): Promise<DeploymentState> {
    if (this.progress !== null) {
      throw new DomainError(
        'change-conflict',
        `${this.progress.modelUri} is being loaded into "${this.name}" (step ${this.progress.step}). Wait until it is done, then try again`,
        { loading: this.progress.modelUri, step: this.progress.step },
      );
    }
    this.progress = { modelUri, step: 'resolve', startedAt: this.clock.now(), bytes: 0, totalBytes: null };
    try {
      const version = await this.prepare(modelUri, signal);
      try {
        this.checkFits(version);
        return this.perform({ kind, version: { ...version.identity, requestedUri: modelUri } }, context, version);
      } finally {
        this.pool.release(version);
      }
    } finally {
      this.progress = null;
    }
  }

  /** Current becomes previous, next becomes current. Nothing is loaded. Throws DomainError `change-conflict` or `next-not-ready`. */
  promote(context: ChangeContext): DeploymentState {
    return this.perform({ kind: 'promote' }, context);
  }

  /** Previous becomes current again and answers everything. Throws DomainError `no-previous-version`. */
  rollBack(context: ChangeContext): DeploymentState {
    return this.perform({ kind: 'roll-back' }, context);
  }

  /** Sets the share of requests that current answers, from 0 to 1. */
  setSplit(canaryProbability: number, context: ChangeContext): DeploymentState {
    return this.perform({ kind: 'set-split', canaryProbability }, context);
  }

  private async prepare(modelUri: string, signal: AbortSignal): Promise<LoadedVersion> {
    const resolved = await this.source.resolve(modelUri, signal);
    this.report({ step: 'fetch' });
    const fetched = await this.source.fetch(
      resolved,
      (bytes) => {
        this.report(bytes);
      },
      signal,
    );
    return this.pool.acquire(resolved, fetched, (step) => {
      this.report({ step });
    });
  }

  private report(news: Partial<LoadProgress>): void {
    if (this.progress !== null) this.progress = { ...this.progress, ...news };
  }

  private checkFits(version: LoadedVersion): void {
    const { current } = this.slots;
    const why = current === null ? undefined : whyInputsDoNotFit(version.signature, current.signature);
    if (why === undefined) return;
    throw new DomainError(
      'signature-conflict',
      `${version.identity.uri} does not take what clients of current (${current?.identity.uri ?? ''}) send: ${why}. ` +
        'Load a version with the same inputs',
    );
  }

  private perform(change: Change, { requestId }: ChangeContext, incoming?: LoadedVersion): DeploymentState {
    const decision = decide(this.current, change, this.facts());
    if (!decision.ok) throw new DomainError(decision.code, `Deployment "${this.name}": ${decision.why}`);
    if (decision.changed) {
      this.flip(decision.state, incoming);
      this.change = { kind: change.kind, at: this.clock.now(), requestId };
    }
    const { generation, canaryProbability } = decision.state;
    this.logger.info('A deployment was changed', {
      deployment: this.name,
      change: change.kind,
      requestId,
      generation,
      canaryProbability,
      current: decision.state.current?.uri,
      next: decision.state.next?.uri,
      previous: decision.state.previous?.uri,
    });
    return decision.state;
  }

  private facts(): Facts {
    return { nextIsReady: this.slots.next?.isReady ?? false, loading: this.progress?.modelUri ?? null };
  }

  /** The one place that writes the slots. Holds the new versions before letting go of the old. */
  private flip(state: DeploymentState, incoming: LoadedVersion | undefined): void {
    const before = this.slots;
    const known = [incoming, ...Object.values(before)].filter((version) => version !== undefined && version !== null);
    const holderOf = (slot: SlotName): LoadedVersion | null =>
      known.find((version) => isSameVersion(version.identity, state[slot])) ?? null;
    const after: HeldVersions = {
      current: holderOf('current'),
      next: holderOf('next'),
      previous: holderOf('previous'),
    };
    for (const version of Object.values(after)) if (version !== null) this.pool.retain(version);
    this.slots = after;
    this.current = state;
    this.pool.flipped(this.name, after.current);
    for (const version of Object.values(before)) if (version !== null) this.pool.release(version);
  }
}
