import { Injectable } from '@nestjs/common';
import { CanaryRouter, type RoutingHints, type ServingSlot } from '@understudy/canary';
import type { Tensor } from '@understudy/inference';
import type { DeploymentSettings, InferenceOutcome, RequestOutputs, ServedDeployment } from '@understudy/model-slots';
import { Clock, DomainError, HttpSettings } from '@understudy/platform';
import type { PredictionRequest } from '../http/plain/plain-request';
import type { ObservedPrediction } from '../observation/prediction-observer';
import type { Chosen } from './chosen';
import { failedBy } from './failed-by';
import { readRequestTimeoutMs } from './request-deadline';

/** The tensors of a request, in the signature's order. */
export interface DecodedRequest {
  readonly inputs: readonly Tensor[];
  /** The size of the batch axis; undefined where the inputs share none, so that the request runs by itself. */
  readonly rows: number | undefined;
}

/** Answers predictions, whichever protocol they came by; the one code path behind both doors. */
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
   * The slot that answers, as the split says and the request wishes. Throws DomainError `model-not-ready`, or `overloaded`: before
   * the body is decoded, which costs more than all else that a refused request would cost.
   */
  choose(deployment: ServedDeployment, hints: RoutingHints, observed: ObservedPrediction): Chosen {
    const { current, next } = deployment.held;
    const ready = { current: current?.isReady ?? false, next: next?.isReady ?? false };
    const { settings } = deployment.state;
    const { slot } = this.router.choose(hints, deployment.state, ready, settings.stickySalt ?? deployment.name);
    const version = slot === 'current' ? current : next;
    if (version !== null) observed.chose(deployment.name, slot, version);
    if (version === null) throw new DomainError('model-not-ready', nothingIn(slot));
    const chosen: Chosen = { slot, version, settings };
    if (slot === 'next' && !ready.next) throw failedBy(chosen, notReady(chosen));
    const busy = version.runner.whyBusy(this.clock.monotonicMs() + this.limitOf(settings));
    if (busy !== undefined) throw failedBy(chosen, toError(busy));
    return chosen;
  }

  /**
   * Runs the version on the tensors, within `timeoutMs` where the protocol gives one, the request's own header or the setting.
   * Throws DomainError `model-not-ready`, `overloaded`, `inference-failed`, `inference-timeout` or `invalid-header`.
   */
  async run(
    { version, settings }: Chosen,
    { inputs, rows }: DecodedRequest,
    request: PredictionRequest,
    observed: ObservedPrediction,
    timeoutMs = readRequestTimeoutMs(request.headers),
  ): Promise<RequestOutputs> {
    const deadlineMs = this.clock.monotonicMs() + Math.min(timeoutMs ?? Infinity, this.limitOf(settings));
    const outcome = await version.runner.infer(inputs, rows, deadlineMs, request.socket, observed.runs);
    if (!outcome.ok) throw toError(outcome);
    observed.predicted(outcome.outputs);
    return outcome.outputs;
  }

  /** A deployment may allow less than the server, not more. */
  private limitOf({ requestTimeoutMs }: DeploymentSettings): number {
    return requestTimeoutMs === undefined ? this.timeoutMs : Math.min(requestTimeoutMs, this.timeoutMs);
  }
}

function toError({ code, problem, retryAfterSeconds }: InferenceOutcome & { readonly ok: false }): DomainError {
  return new DomainError(code, problem, retryAfterSeconds === undefined ? {} : { retryAfterSeconds });
}

function notReady({ slot, version }: Chosen): DomainError {
  return new DomainError(
    'model-not-ready',
    `${slot} (${version.identity.uri}) cannot answer now; try again in a second`,
  );
}

function nothingIn(slot: ServingSlot): string {
  const todo =
    slot === 'next'
      ? 'load one with POST /update-model'
      : 'the first one is looked for in the registry (see /status), or load one with POST /update-model and POST /accept-next-model';
  return `${slot} holds no version: ${todo}`;
}
