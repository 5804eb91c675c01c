import { Injectable } from '@nestjs/common';
import type { PredictionRoute } from '../../http/prediction-routes';
import { InferProtocol } from './infer.protocol';
import { InvocationsProtocol } from './invocations.protocol';
import { PredictProtocol } from './predict.protocol';
import type { PredictionProtocol } from './prediction-protocol';

/** The protocols by which predictions can be asked for. */
@Injectable()
export class PredictionProtocols {
  private readonly byName: Readonly<Record<PredictionRoute['protocol'], PredictionProtocol>>;

  constructor(predict: PredictProtocol, invocations: InvocationsProtocol, infer: InferProtocol) {
    this.byName = { predict, invocations, infer };
  }

  of({ protocol }: PredictionRoute): PredictionProtocol {
    return this.byName[protocol];
  }
}
