import { Module, type Provider } from '@nestjs/common';
import { ModelSlotsModule } from '@understudy/model-slots';
import { Clock, Logger, ObservationSettings } from '@understudy/platform';
import { Arms } from './arms';
import { PredictionCounters } from './prediction-counters';
import { NoObserver, PredictionObserver } from './prediction-observer';

/** What counts predictions in any process that answers them. It needs `ServedDeployments`. */
export const OBSERVATION_PROVIDERS: Provider[] = [
  Arms,
  {
    provide: PredictionObserver,
    useFactory: (settings: ObservationSettings, arms: Arms, clock: Clock, logger: Logger): PredictionObserver =>
      settings.countsPredictions ? new PredictionCounters(arms, clock, logger, settings) : new NoObserver(),
    inject: [ObservationSettings, Arms, Clock, Logger],
  },
];

/** What is counted of predictions. */
@Module({
  imports: [ModelSlotsModule],
  providers: OBSERVATION_PROVIDERS,
  exports: [Arms, PredictionObserver],
})
export class ObservationModule {}
