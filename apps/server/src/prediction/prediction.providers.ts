import { Drain } from '../http/drain';
import { HotDoor } from '../http/hot-door';
import { PredictionService } from './prediction.service';
import { InferProtocol } from './protocols/infer.protocol';
import { InvocationsProtocol } from './protocols/invocations.protocol';
import { PredictProtocol } from './protocols/predict.protocol';
import { PredictionProtocols } from './protocols/prediction-protocols';

/** What answers predictions in any process that does. It needs `ServedDeployments`. */
export const PREDICTION_PROVIDERS = [
  PredictionService,
  PredictionProtocols,
  PredictProtocol,
  InvocationsProtocol,
  InferProtocol,
  HotDoor,
  Drain,
];
