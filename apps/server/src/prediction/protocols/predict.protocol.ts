import { Injectable } from '@nestjs/common';
import { decodePredict, encodePredictions } from '@understudy/inference';
import { outputIndexOf, ServedDeployments } from '@understudy/model-slots';
import { DomainError, HttpSettings } from '@understudy/platform';
import { checkJsonHeaders, readBody } from '../../http/read-body';
import type { PredictionRequest } from '../../http/plain/plain-request';
import type { PredictionRoute } from '../../http/prediction-routes';
import { type HttpAnswer, refuseAsProblem } from '../../http/refusal';
import type { ObservedPrediction } from '../../observation/prediction-observer';
import { namesOf } from '../chosen';
import { failedBy } from '../failed-by';
import { PredictionService } from '../prediction.service';
import { readRoutingHeaders } from '../routing-headers';
import { PredictionProtocol } from './prediction-protocol';

/** `POST [/deployments/{deployment}]/predict`: rows in, one output out, the first where the deployment names none. */
@Injectable()
export class PredictProtocol extends PredictionProtocol {
  override readonly refuse = refuseAsProblem;

  constructor(
    private readonly predictions: PredictionService,
    private readonly deployments: ServedDeployments,
    private readonly settings: HttpSettings,
  ) {
    super();
  }

  override bodyLimitOf(): number {
    return this.settings.maxJsonBytes;
  }

  override async answer(
    request: PredictionRequest,
    route: PredictionRoute,
    observed: ObservedPrediction,
  ): Promise<HttpAnswer> {
    if (route.protocol !== 'predict') throw new Error('not a route of this protocol');
    const body = await readBody(request, this.bodyLimitOf());
    checkJsonHeaders(request);
    const { deployment: name } = route;
    const deployment = name === undefined ? this.deployments.default : this.deployments.named(name);
    const chosen = this.predictions.choose(deployment, readRoutingHeaders(request.headers), observed);
    try {
      const decoded = decodePredict(body, chosen.version.signature);
      if (!decoded.ok) throw new DomainError(decoded.code, decoded.problem);
      const outputs = await this.predictions.run(chosen, decoded, request, observed);
      return {
        status: 200,
        contentType: 'application/json; charset=utf-8',
        headers: namesOf(chosen),
        body: encodePredictions(outputs.at(outputIndexOf(chosen.version, chosen.settings.outputName)), chosen.slot),
      };
    } catch (error) {
      throw failedBy(chosen, error);
    }
  }
}
