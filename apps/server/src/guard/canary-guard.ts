import { randomUUID } from 'node:crypto';
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { type ArmOutcomes, judge } from '@understudy/canary';
import { DeploymentControl, type ManagedDeployment, ManagedDeployments } from '@understudy/control';
import type { DeploymentState, GuardSettings } from '@understudy/model-slots';
import { Clock, Logger, messageOf } from '@understudy/platform';
import type { Arm } from '../observation/arm';
import { Arms } from '../observation/arms';
import { RecentOutcomes } from './recent-outcomes';

/** How far back a verdict looks. */
const WINDOW_MS = 60_000;

/** How often it is asked for. */
const LOOK_MS = 1_000;

/** What the audit trail says who did it. */
const ACTOR = 'guard';

/** The arms of one generation: a change of the split or of a version begins anew. */
interface Watch {
  readonly generation: number;
  readonly current: RecentOutcomes;
  readonly next: RecentOutcomes;
}

/**
 * Takes the share away from a next that fails, where its deployment has a guard: every second each replica judges what it saw
 * itself. It sets the split to all current and nothing else, as somebody who is called would, and says why in the audit trail.
 */
@Injectable()
export class CanaryGuard implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly watches = new Map<string, Watch>();
  private readonly stopping = new AbortController();

  constructor(
    private readonly deployments: ManagedDeployments,
    private readonly control: DeploymentControl,
    private readonly arms: Arms,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    void this.lookEachSecond();
  }

  onModuleDestroy(): void {
    this.stopping.abort(new Error('the server is stopping'));
  }

  private async lookEachSecond(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await Promise.all([...this.deployments.all].map((managed) => this.look(managed)));
      await this.clock.sleep(LOOK_MS, signal).catch(() => undefined);
    }
  }

  private async look(managed: ManagedDeployment): Promise<void> {
    const { name } = managed;
    const { state } = managed.served;
    const { guard } = state.settings;
    if (guard === undefined || state.next === null || state.canaryProbability === 1) {
      this.watches.delete(name);
      return;
    }
    const { current, next } = this.outcomes(name, state, guard);
    if (judge(next, current, guard) === 'fail') await this.takeShareAway(name, state, reasonOf(next, guard));
  }

  private outcomes(
    name: string,
    state: DeploymentState,
    guard: GuardSettings,
  ): Record<'current' | 'next', ArmOutcomes> {
    const nowMs = this.clock.monotonicMs();
    const current = this.arm(name, 'current', state);
    const next = this.arm(name, 'next', state);
    const known = this.watches.get(name);
    if (known?.generation === state.generation)
      return { current: known.current.look(current, nowMs), next: known.next.look(next, nowMs) };
    const watch = (arm: Arm | undefined) => new RecentOutcomes(WINDOW_MS, guard.slowMs, arm, nowMs);
    this.watches.set(name, { generation: state.generation, current: watch(current), next: watch(next) });
    return { current: { requests: 0, bad: 0 }, next: { requests: 0, bad: 0 } };
  }

  private arm(deployment: string, slot: 'current' | 'next', state: DeploymentState): Arm | undefined {
    return this.arms.all.find(
      ({ name }) => name.deployment === deployment && name.slot === slot && name.version === state[slot]?.uri,
    );
  }

  private async takeShareAway(name: string, state: DeploymentState, reason: string): Promise<void> {
    const version = state.next?.uri;
    this.logger.warn('The guard takes the share away from next', { deployment: name, version, reason });
    try {
      await this.control.start(
        name,
        { kind: 'set-split', canaryProbability: 1 },
        {
          // Somebody else's change in the meantime, another replica's guard too, was made for a reason.
          ifMatch: state.generation,
          mustNotExist: false,
          idempotencyKey: undefined,
          origin: { actor: ACTOR, tokenId: null, address: null, requestId: randomUUID(), reason },
        },
      ).outcome;
    } catch (error) {
      this.logger.warn('The guard could not take the share away from next', {
        deployment: name,
        problem: messageOf(error),
      });
    }
  }
}

function reasonOf({ requests, bad }: ArmOutcomes, { maxErrorShare, slowMs }: GuardSettings): string {
  const what = slowMs === undefined ? 'failed' : `failed or took longer than ${slowMs} ms`;
  return `${bad} of the last ${requests} requests to next ${what}; the guard allows ${Number((maxErrorShare * 100).toPrecision(3))} %`;
}
