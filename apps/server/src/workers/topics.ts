import type { RunnerReport, ServingSnapshot } from '@understudy/model-slots';
import type { HashedToken } from '@understudy/store';
import type { Counted } from '../observation/counted-elsewhere';

/**
 * What the control process and its workers say to each other, by topic. Plain data only: it is copied between processes. A feature that
 * has to reach the other side adds its topic here and uses {@link WorkerLink} or {@link ControlLink}.
 */
export interface ToWorkers {
  /** All that is served and who may ask, whenever something of it has changed. */
  readonly state: {
    readonly serving: ServingSnapshot;
    readonly tokens: readonly HashedToken[];
  };
  /** No connection comes any more: ask clients to reconnect elsewhere, finish the requests under way and end. */
  readonly stop: null;
}

export interface ToControl {
  /** The state of this revision has been taken over: no answer comes from an older one any more. */
  readonly applied: { readonly revision: number };
  /** No request is at the runners of this version any more. */
  readonly released: { readonly version: number };
  /** What was seen of a runner. */
  readonly runner: { readonly version: number; readonly report: RunnerReport };
  /** What was counted since the last report, and which tokens were used. */
  readonly report: { readonly counted: Counted | undefined; readonly usedTokens: readonly string[] };
  /** Requests that wait, by version, whenever that has changed. */
  readonly waiting: ReadonlyMap<number, number>;
}

export type WorkerTopic = keyof ToWorkers;
export type ControlTopic = keyof ToControl;

export interface Message<Topics, Topic extends keyof Topics = keyof Topics> {
  readonly topic: Topic;
  readonly payload: Topics[Topic];
}
