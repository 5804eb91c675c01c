import type { ServingSlot } from '@understudy/canary';
import type { RequestOutputs, RunObserver, ServedVersion } from '@understudy/model-slots';
import type { PredictionRoute } from '../http/prediction-routes';

export type ProtocolName = PredictionRoute['protocol'];

/** Is told what becomes of each prediction, whichever protocol and door it came by. */
export abstract class PredictionObserver {
  /** A prediction was asked for. One of `answered`, `refused` and `gone` follows. */
  abstract begin(protocol: ProtocolName): ObservedPrediction;
}

/** One prediction, from its head to its answer. All calls are on the path of predictions: they cost next to nothing and never throw. */
export interface ObservedPrediction {
  /** Is told of the runs; undefined until a slot was chosen. */
  readonly runs: RunObserver | undefined;
  /** This slot of the deployment, with the version it holds, is to answer. */
  chose(deployment: string, slot: ServingSlot, version: ServedVersion): void;
  /** The model gave these outputs. */
  predicted(outputs: RequestOutputs): void;
  answered(): void;
  refused(code: string, status: number, requestId: string): void;
  /** The client went away before there was an answer. */
  gone(): void;
}

const NOBODY_LOOKS: ObservedPrediction = {
  runs: undefined,
  chose: () => undefined,
  predicted: () => undefined,
  answered: () => undefined,
  refused: () => undefined,
  gone: () => undefined,
};

/** Where the settings say that nothing is counted. */
export class NoObserver extends PredictionObserver {
  override begin(): ObservedPrediction {
    return NOBODY_LOOKS;
  }
}
