import { type DynamicModule, Module, type Provider, ValidationPipe } from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { CanaryModule } from '@understudy/canary';
import { ModelSlotsModule } from '@understudy/model-slots';
import { type Configuration, DomainError, Logger, PlatformModule } from '@understudy/platform';
import { RegistryModule } from '@understudy/registry';
import { StoreModule, StoreSettings } from '@understudy/store';
import { ControlController } from './control/control.controller';
import { HealthController } from './health/health.controller';
import { ProblemFilter } from './http/problem-filter';
import { validationProblem } from './http/validation-problem';
import { OpenInferenceController } from './open-inference/open-inference.controller';
import { PredictionController } from './prediction/prediction.controller';
import { PREDICTION_PROVIDERS } from './prediction/prediction.providers';
import { RegistryController } from './registry/registry.controller';
import { ScoringController } from './scoring/scoring.controller';
import { StatusController } from './status/status.controller';
import { AcknowledgeWhenSettled } from './workers/acknowledge-when-settled';
import { Publication } from './workers/publication';
import { WorkerFleet } from './workers/worker-fleet';
import { NoWorkers, WorkerLink } from './workers/worker-link';

/** The wiring: versions come from the registry, slots hold them, the canary rule chooses, predictions are answered. */
@Module({})
export class AppModule {
  static forRoot(configuration: Configuration, logger: Logger): DynamicModule {
    return {
      module: AppModule,
      imports: [
        PlatformModule.forRoot(configuration, logger),
        StoreModule.forRoot(new StoreSettings(configuration.database)),
        RegistryModule,
        ModelSlotsModule,
        CanaryModule,
      ],
      controllers: [
        PredictionController,
        ScoringController,
        OpenInferenceController,
        ControlController,
        RegistryController,
        StatusController,
        HealthController,
      ],
      providers: [
        ...PREDICTION_PROVIDERS,
        ...workerProviders(configuration),
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_PIPE, useValue: validation() },
      ],
    };
  }
}

/** What the control process has beside; a server that answers predictions itself has none of it. */
function workerProviders({ modelSlots }: Configuration): Provider[] {
  if (modelSlots.servingCounts.workers === 1) return [{ provide: WorkerLink, useClass: NoWorkers }];
  return [
    WorkerFleet,
    { provide: WorkerLink, useExisting: WorkerFleet },
    Publication,
    { provide: APP_INTERCEPTOR, useClass: AcknowledgeWhenSettled },
  ];
}

function validation(): ValidationPipe {
  return new ValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    exceptionFactory: (errors) => new DomainError('invalid-body', validationProblem(errors)),
  });
}
