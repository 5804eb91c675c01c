import { Injectable } from '@nestjs/common';
import {
  type Change,
  checkFits,
  decide,
  type DeploymentSettings,
  type DeploymentState,
  type VersionRef,
} from '@understudy/model-slots';
import { DomainError } from '@understudy/platform';
import { ModelSource } from '@understudy/registry';
import { type DeploymentRecord, DeploymentStore } from '@understudy/store';
import type { ChangeOptions, Intent } from '../change-request';
import { type ManagedDeployment, stateOf } from '../managed-deployment';
import { checkPreconditions } from '../preconditions';
import { DatabaseWatch } from '../record/database-watch';
import { factsOf, protectedDeployment, refusal } from '../refusals';
import { PromotionGate } from '../replicas/promotion-gate';
import { History } from './history';

/** What a change would do. */
export interface Foreseen {
  readonly wouldChange: boolean;
  readonly before: DeploymentState | null;
  /** A version that was not fetched has the empty text for its digest. */
  readonly after: DeploymentState | null;
}

/** Says what a change would do, without doing any of it: nothing is loaded, nothing recorded. */
@Injectable()
export class DryRun {
  constructor(
    private readonly store: DeploymentStore,
    private readonly source: ModelSource,
    private readonly history: History,
    private readonly gate: PromotionGate,
    private readonly database: DatabaseWatch,
  ) {}

  /** Throws what the change itself would throw, as far as that can be known without loading. */
  async foresee(
    name: string,
    managed: ManagedDeployment | undefined,
    intent: Intent,
    options: ChangeOptions,
    signal: AbortSignal,
  ): Promise<Foreseen> {
    const stored = await this.database.watch(() => this.store.read(name));
    checkPreconditions(name, stored?.generation ?? null, options);
    const before = stored === null ? null : stateOf(stored);
    if (intent.kind === 'remove') {
      if (managed?.isDefault === true) throw protectedDeployment();
      return { wouldChange: stored !== null, before, after: null };
    }
    const change = await this.changeOf(name, intent, stored, signal);
    const loads = ['load-next', 'fill', 'replace', 'restore'].includes(intent.kind);
    const facts =
      loads || managed === undefined
        ? { nextIsReady: false, loading: null, previousIsHeld: false }
        : factsOf(managed, stored);
    const decision = decide(stateOf(stored), change, facts);
    if (!decision.ok) throw refusal(name, decision);
    if (managed !== undefined) checkInMemory(managed, change, stateOf(stored).settings);
    if (change.kind === 'promote' && stored?.next) await this.gate.check(name, stored.next);
    return { wouldChange: decision.changed || stored === null, before, after: decision.state };
  }

  private async changeOf(
    name: string,
    intent: Exclude<Intent, { kind: 'remove' }>,
    stored: DeploymentRecord | null,
    signal: AbortSignal,
  ): Promise<Change> {
    switch (intent.kind) {
      case 'load-next':
      case 'fill':
        return { kind: intent.kind, version: await this.resolve(intent.modelUri, stored, signal) };
      case 'replace': {
        const { canaryProbability, settings } = intent;
        const current = await this.resolve(intent.current, stored, signal);
        const next = intent.next === null ? null : await this.resolve(intent.next, stored, signal);
        return { kind: 'replace', wanted: { current, next, canaryProbability, settings } };
      }
      case 'restore': {
        const { generation: _, ...wanted } = await this.history.stateAt(name, intent.generation);
        return { kind: 'restore', wanted };
      }
      default:
        return intent;
    }
  }

  /** What the URI names now. Its digest is known where a slot holds the version already. */
  private async resolve(modelUri: string, stored: DeploymentRecord | null, signal: AbortSignal): Promise<VersionRef> {
    const { uri, name, version } = await this.source.resolve(modelUri, signal).catch((error: unknown) => {
      throw signal.aborted ? new DomainError('registry-unavailable', 'The registry did not answer in time') : error;
    });
    const known = [stored?.current, stored?.next, stored?.previous].find((slot) => slot?.uri === uri);
    return { requestedUri: modelUri, uri, name, version, digest: known?.digest ?? '' };
  }
}

/** Of versions that are in memory it is known whether they fit what they are to stand beside. */
function checkInMemory({ served }: ManagedDeployment, change: Change, settings: DeploymentSettings): void {
  if (change.kind === 'load-next') {
    const version = served.find(change.version, settings);
    if (version !== null) checkFits(version, served.held.current, settings);
  }
  if (change.kind !== 'replace') return;
  const { wanted } = change;
  const current = served.find(wanted.current, wanted.settings);
  const next = served.find(wanted.next, wanted.settings);
  if (current !== null) checkFits(current, served.held.current, wanted.settings);
  if (next !== null) checkFits(next, current ?? served.held.current, wanted.settings);
}
