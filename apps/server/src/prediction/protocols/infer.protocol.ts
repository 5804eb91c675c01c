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
import { reuseBodyMemory } from '../../http/body-memory';
import { compressFor } from '../../http/compress';
import type { PredictionRequest } from '../../http/plain/plain-request';
import type { PredictionRoute } from '../../http/prediction-routes';
import type { HttpAnswer } from '../../http/refusal';
import { readUncompressedBody } from '../../http/uncompress';
import type { ObservedPrediction } from '../../observation/prediction-observer';
import { refuseInOpenInference } from '../../open-inference/refuse-in-open-inference';
import { type Chosen, namesOf } from '../chosen';
import { failedBy } from '../failed-by';
import { PredictionService } from '../prediction.service';
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

  override bodyLimitOf({ headers }: PredictionRequest): number {
    const { maxBodyBytes, maxJsonBytes } = this.settings;
    return headers[INFERENCE_HEADER] === undefined ? maxJsonBytes : maxBodyBytes;
  }

  override async answer(
    request: PredictionRequest,
    route: PredictionRoute,
    observed: ObservedPrediction,
  ): Promise<HttpAnswer> {
    if (route.protocol !== 'infer') throw new Error('not a route of this protocol');
    const header = readHeaderLength(request.headers[INFERENCE_HEADER] as string | undefined);
    const jsonBytes = header.ok ? header.length : 0;
    const body = await readUncompressedBody(request, this.bodyLimitOf(request), jsonBytes ?? 0);
    const deployment = this.deployments.named(route.model);
    const chosen = this.choose(deployment, route.version, readRoutingHeaders(request.headers), observed);
    try {
      if (!header.ok) throw new DomainError(header.code, header.problem);
      const decoded = this.decode(body, header.length, chosen);
      const outputs = await this.predictions.run(chosen, decoded, request, observed, timeoutMsOf(decoded));
      // The runner has answered, so it has read its inputs. After a failure they may still be on their way.
      reuseBodyMemory(body);
      const answer = encode(deployment, chosen, decoded, outputs);
      return request.headers['accept-encoding'] === undefined ? answer : await compressFor(request, answer);
    } catch (error) {
      throw failedBy(chosen, error);
    }
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

  private decode(body: Buffer, jsonBytes: number | undefined, { version }: Chosen): InferRequest {
    if (jsonBytes !== undefined && jsonBytes > this.settings.maxJsonBytes) {
      throw new DomainError(
        'body-too-large',
        `The request has ${jsonBytes} bytes of JSON; at most ${this.settings.maxJsonBytes} are read. ` +
          'Send tensors as binary data, or raise UNDERSTUDY_MAX_JSON_BYTES',
      );
    }
    const { batching, signature } = version;
    const decoded = decodeInfer(body, jsonBytes, signature, batching.batched ? Number.MAX_SAFE_INTEGER : 0);
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
