import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import type { RoutingHints } from '@understudy/canary';
import {
  decodeInfer,
  encodeInfer,
  INFERENCE_HEADER,
  type InferRequest,
  readHeaderLength,
  type TensorValue,
} from '@understudy/inference';
import { type RequestOutputs, type ServedDeployment, ServedDeployments } from '@understudy/model-slots';
import { DomainError, HttpSettings } from '@understudy/platform';
import { compressFor } from '../../http/compress';
import type { PredictionRoute } from '../../http/prediction-routes';
import type { HttpAnswer } from '../../http/refusal';
import { readUncompressedBody } from '../../http/uncompress';
import type { ObservedPrediction } from '../../observation/prediction-observer';
import { refuseInOpenInference } from '../../open-inference/refuse-in-open-inference';
import { type Chosen, namesOf, PredictionService } from '../prediction.service';
import { readRoutingHeaders } from '../routing-headers';
import { PredictionProtocol } from './prediction-protocol';

/** `POST /v2/models/{deployment}[/versions/{version}]/infer` of the Open Inference Protocol, with binary tensors. */
@Injectable()
export class InferProtocol extends PredictionProtocol {
  override readonly refuse = refuseInOpenInference;

  constructor(
    private readonly predictions: PredictionService,
    private readonly deployments: ServedDeployments,
    private readonly settings: HttpSettings,
  ) {
    super();
  }

  override async answer(
    request: IncomingMessage,
    route: PredictionRoute,
    observed: ObservedPrediction,
  ): Promise<HttpAnswer> {
    if (route.protocol !== 'infer') throw new Error('not a route of this protocol');
    const { maxBodyBytes, maxJsonBytes } = this.settings;
    const isAllJson = request.headers[INFERENCE_HEADER] === undefined;
    const body = await readUncompressedBody(request, isAllJson ? maxJsonBytes : maxBodyBytes);
    const deployment = this.deployments.named(route.model);
    const chosen = this.choose(deployment, route.version, readRoutingHeaders(request.headers), observed);
    const decoded = this.decode(body, request, chosen);
    const outputs = await this.predictions.run(chosen, decoded, request, observed, timeoutMsOf(decoded));
    return compressFor(request, encode(deployment, chosen, decoded, outputs));
  }

  /** A path that names a version asks for the slot that holds it. */
  private choose(
    deployment: ServedDeployment,
    version: string | undefined,
    hints: RoutingHints,
    observed: ObservedPrediction,
  ): Chosen {
    if (version === undefined) return this.predictions.choose(deployment, hints, observed);
    return this.predictions.choose(deployment, { ...hints, forcedSlot: deployment.slotOf(version) }, observed);
  }

  private decode(body: Buffer, request: IncomingMessage, { version }: Chosen): InferRequest {
    const header = readHeaderLength(request.headers[INFERENCE_HEADER] as string | undefined);
    if (!header.ok) throw new DomainError(header.code, header.problem);
    if (header.length !== undefined && header.length > this.settings.maxJsonBytes) {
      throw new DomainError(
        'body-too-large',
        `The request has ${header.length} bytes of JSON; at most ${this.settings.maxJsonBytes} are read. ` +
          'Send tensors as binary data, or raise UNDERSTUDY_MAX_JSON_BYTES',
      );
    }
    const { batching, signature } = version;
    const decoded = decodeInfer(body, header.length, signature, batching.batched ? Number.MAX_SAFE_INTEGER : 0);
    if (!decoded.ok) throw new DomainError(decoded.code, decoded.problem);
    return decoded;
  }
}

const timeoutMsOf = ({ timeoutUs }: InferRequest): number | undefined => (timeoutUs ? timeoutUs / 1000 : undefined);

function encode(
  deployment: ServedDeployment,
  chosen: Chosen,
  { id, outputs: requested }: InferRequest,
  outputs: RequestOutputs,
): HttpAnswer {
  const { identity, batching, classNames } = chosen.version;
  // Only what was asked for is cut out of the run.
  const tensors: TensorValue[] = [];
  for (const { index } of requested) tensors[index] = outputs.at(index);
  const answer = encodeInfer({
    modelName: deployment.name,
    modelVersion: identity.version ?? undefined,
    id,
    requested,
    tensors,
    batched: batching.batched,
    classNames,
  });
  if (!answer.ok) throw new DomainError(answer.code, answer.problem);
  const headers = [...namesOf(chosen)];
  if (answer.headerLength !== undefined) headers.push('Inference-Header-Content-Length', String(answer.headerLength));
  return { status: 200, contentType: answer.contentType, headers, body: answer.body };
}
