import { Injectable } from '@nestjs/common';
import { CanaryRouter, type RoutingHints, type ServingSlot } from '@understudy/canary';
import { decodePredict, encodePredictions, type TensorValue } from '@understudy/inference';
import { Deployment, type LoadedVersion } from '@understudy/model-slots';
import { Clock, DomainError, HttpSettings } from '@understudy/platform';

export interface PredictionRequest {
  /** The body as it came. */
  readonly body: Uint8Array;
  readonly hints: RoutingHints;
}

export interface Prediction {
  /** The JSON that answers. */
  readonly body: string;
  readonly slot: ServingSlot;
  /** The version that answered, as `X-Model-Version` says it. */
  readonly version: string;
}

/** Answers predictions; the one code path behind both doors. */
@Injectable()
export class PredictionService {
  private readonly timeoutMs: number;

  constructor(
    private readonly router: CanaryRouter,
    private readonly clock: Clock,
    settings: HttpSettings,
  ) {
    this.timeoutMs = settings.requestTimeoutMs;
  }

  /**
   * Routes, decodes, runs, encodes. Throws DomainError `invalid-json`, `invalid-body`, `tensor-mismatch`, `model-not-ready`,
   * `inference-failed` or `inference-timeout`.
   */
  async predict(deployment: Deployment, { body, hints }: PredictionRequest): Promise<Prediction> {
    const { slot, version } = this.choose(deployment, hints);
    const decoded = decodePredict(body, version.signature);
    if (!decoded.ok) throw new DomainError(decoded.code, decoded.problem);
    const deadlineMs = this.clock.monotonicMs() + this.timeoutMs;
    const outcome = await version.runner.infer(decoded.inputs, decoded.rows, deadlineMs);
    if (!outcome.ok) throw new DomainError(outcome.code, outcome.problem);
    const output = outcome.outputs[0] as TensorValue;
    return { body: encodePredictions(output, slot), slot, version: versionLabel(version) };
  }

  private choose(deployment: Deployment, hints: RoutingHints): { slot: ServingSlot; version: LoadedVersion } {
    const { current, next } = deployment.held;
    const ready = { current: current?.isReady ?? false, next: next?.isReady ?? false };
    const { slot } = this.router.choose(hints, deployment.state, ready, deployment.name);
    const version = slot === 'current' ? current : next;
    if (version === null || (slot === 'next' && !ready.next)) throw notReady(slot, version);
    return { slot, version };
  }
}

function notReady(slot: ServingSlot, version: LoadedVersion | null): DomainError {
  if (version !== null)
    return new DomainError(
      'model-not-ready',
      `${slot} (${version.identity.uri}) cannot answer now; try again in a second`,
    );
  const todo =
    slot === 'next'
      ? 'load one with POST /update-model'
      : 'the first one is looked for in the registry (see /status), or load one with POST /update-model and POST /accept-next-model';
  return new DomainError('model-not-ready', `${slot} holds no version: ${todo}`);
}

/** A header takes ASCII only; names may be anything. */
const versionLabel = ({ identity }: LoadedVersion): string => identity.version ?? encodeURI(identity.uri);
