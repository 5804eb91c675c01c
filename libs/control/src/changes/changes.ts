import { Injectable } from '@nestjs/common';
import { Clock, DomainError } from '@understudy/platform';
import { TrackedChange } from './tracked-change';

/** Changes that ended are remembered this many at a time, the oldest forgotten first. */
const REMEMBERED = 1_000;

/** The changes that this replica makes and made, to be followed. */
@Injectable()
export class Changes {
  private readonly byId = new Map<string, TrackedChange>();
  private readonly listeners = new Set<() => void>();

  constructor(private readonly clock: Clock) {}

  begin(deployment: string, action: string, modelUri: string | null): TrackedChange {
    const change = new TrackedChange(deployment, action, modelUri, this.clock, () => {
      for (const listener of this.listeners) listener();
    });
    this.byId.set(change.id, change);
    for (const [id, { state }] of this.byId) {
      if (this.byId.size <= REMEMBERED) break;
      if (state !== 'running') this.byId.delete(id);
    }
    return change;
  }

  /** Calls the listener whenever a change got further: often, so it must be cheap. */
  onNews(listener: () => void): void {
    this.listeners.add(listener);
  }

  /** Throws DomainError `change-not-found`. */
  find(deployment: string, id: string): TrackedChange {
    const change = this.byId.get(id);
    if (change?.deployment === deployment) return change;
    throw new DomainError(
      'change-not-found',
      `This replica knows no change ${JSON.stringify(id.slice(0, 100))} of "${deployment}". Changes are followed on the replica that makes ` +
        `them and forgotten when it ends; GET /deployments/${deployment}/events?requestId=..., with the X-Request-Id of the answer that named it, says what came of it`,
    );
  }
}
