import { Module } from '@nestjs/common';
import { ModelSlotsModule } from '@understudy/model-slots';
import { Clock, Logger, ObservationSettings } from '@understudy/platform';
import { Arms } from './arms';
import { PredictionCounters } from './prediction-counters';
import { NoObserver, PredictionObserver } from './prediction-observer';

/** What is counted of predictions. */
@Module({
  imports: [ModelSlotsModule],
  providers: [
    Arms,
    {
      provide: PredictionObserver,
      useFactory: (settings: ObservationSettings, arms: Arms, clock: Clock, logger: Logger): PredictionObserver =>
        settings.countsPredictions ? new PredictionCounters(arms, clock, logger, settings) : new NoObserver(),
      inject: [ObservationSettings, Arms, Clock, Logger],
    },
  ],
  exports: [Arms, PredictionObserver],
})
export class ObservationModule {}
