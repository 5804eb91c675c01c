import { Injectable } from '@nestjs/common';
import { EMPTY_STATE, type DeploymentSettings, type DeploymentState } from '@understudy/model-slots';
import { DomainError } from '@understudy/platform';
import { AuditTrail, type DeploymentRecord } from '@understudy/store';
import type { LastChange } from '../managed-deployment';

const PAGE = 200;

export const subjectOf = (deployment: string): string => `deployment:${deployment}`;

/** What the audit trail tells of a deployment's earlier states. */
@Injectable()
export class History {
  constructor(private readonly audit: AuditTrail) {}

  /** The state that a deployment had at a generation. Throws DomainError `generation-not-found`. */
  async stateAt(deployment: string, generation: number): Promise<DeploymentState> {
    const filter = { subject: subjectOf(deployment), outcome: 'done' as const };
    let before: number | undefined;
    do {
      const { events, nextBefore } = await this.audit.page(filter, PAGE, before);
      for (const { after } of events) {
        const state = after as unknown as Partial<DeploymentRecord> | null;
        if (state?.generation === generation) return toState(state);
      }
      before = nextBefore ?? undefined;
    } while (before !== undefined);
    throw new DomainError(
      'generation-not-found',
      `The history of "${deployment}" has no generation ${generation}; GET /deployments/${deployment}/events lists what it has`,
    );
  }

  /** Null where nothing was done yet. Throws DomainError `database-unavailable`. */
  async lastChange(deployment: string): Promise<LastChange | null> {
    const { events } = await this.audit.page({ subject: subjectOf(deployment), outcome: 'done' }, 1);
    const [event] = events;
    if (event === undefined) return null;
    const { action, at, origin } = event;
    return { action, at, actor: origin.actor, reason: origin.reason, requestId: origin.requestId };
  }
}

function toState({ generation, current, next, previous, canaryProbability, settings }: Partial<DeploymentRecord>) {
  return {
    generation: generation ?? 0,
    current: current ?? null,
    next: next ?? null,
    previous: previous ?? null,
    canaryProbability: canaryProbability ?? EMPTY_STATE.canaryProbability,
    settings: (settings ?? {}) as DeploymentSettings,
  };
}
