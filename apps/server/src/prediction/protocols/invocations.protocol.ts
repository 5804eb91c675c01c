import { Injectable } from '@nestjs/common';
import { decodeInvocation, encodePredictionsForMlflow } from '@understudy/inference';
import { ServedDeployments } from '@understudy/model-slots';
import { HttpSettings } from '@understudy/platform';
import { checkNotCompressed, readBody } from '../../http/read-body';
import type { HttpAnswer } from '../../http/refusal';
import { refuseInScoring, ScoringRefusal } from '../../scoring/refuse-in-scoring';
import type { PredictionRequest } from '../../http/plain/plain-request';
import type { PredictionRoute } from '../../http/prediction-routes';
import type { ObservedPrediction } from '../../observation/prediction-observer';
import { namesOf } from '../chosen';
import { failedBy } from '../failed-by';
import { PredictionService } from '../prediction.service';
import { readRoutingHeaders } from '../routing-headers';
import { PredictionProtocol } from './prediction-protocol';

/** `POST /invocations`: a drop-in for `mlflow models serve`, for the deployment "default". */
@Injectable()
export class InvocationsProtocol extends PredictionProtocol {
  override readonly refuse = refuseInScoring;

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
    _route: PredictionRoute,
    observed: ObservedPrediction,
  ): Promise<HttpAnswer> {
    const body = await readBody(request, this.bodyLimitOf());
    checkNotCompressed(request);
    const chosen = this.predictions.choose(this.deployments.default, readRoutingHeaders(request.headers), observed);
    try {
      const { signature, declaredAs } = chosen.version;
      const decoded = decodeInvocation(body, request.headers['content-type'], signature, declaredAs);
      if (!decoded.ok) throw new ScoringRefusal(decoded.failure);
      const outputs = await this.predictions.run(chosen, decoded, request, observed);
      const named = signature.outputs.map(({ name }, index) => {
        const { datatype, shape, data } = outputs.at(index);
        return { name, datatype, shape, data };
      });
      return {
        status: 200,
        contentType: 'application/json',
        headers: namesOf(chosen),
        body: encodePredictionsForMlflow(named, decoded.answer),
      };
    } catch (error) {
      throw failedBy(chosen, error);
    }
  }
}
