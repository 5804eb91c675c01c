import type { PredictionRequest } from '../../http/plain/plain-request';
import type { PredictionRoute } from '../../http/prediction-routes';
import type { HttpAnswer, Refuse } from '../../http/refusal';
import type { ObservedPrediction } from '../../observation/prediction-observer';

/** How clients ask for predictions and are answered: paths, bodies, headers and errors of one protocol. */
export abstract class PredictionProtocol {
  /** Reads the request's body and answers it. Throws DomainError, or the request's own error when the client goes away. */
  abstract answer(
    request: PredictionRequest,
    route: PredictionRoute,
    observed: ObservedPrediction,
  ): Promise<HttpAnswer>;

  /** The most bytes of a body that {@link answer} reads for a request with this head. */
  abstract bodyLimitOf(request: PredictionRequest): number;

  /** The answer to whatever {@link answer} threw. */
  abstract readonly refuse: Refuse;
}
