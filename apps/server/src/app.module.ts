import { type DynamicModule, Module, ValidationPipe } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import { CanaryModule } from '@understudy/canary';
import { ModelSlotsModule } from '@understudy/model-slots';
import { type Configuration, DomainError, Logger, PlatformModule } from '@understudy/platform';
import { RegistryModule } from '@understudy/registry';
import { StoreModule, StoreSettings } from '@understudy/store';
import { ControlController } from './control/control.controller';
import { HealthController } from './health/health.controller';
import { Drain } from './http/drain';
import { HotDoor } from './http/hot-door';
import { ProblemFilter } from './http/problem-filter';
import { validationProblem } from './http/validation-problem';
import { OpenInferenceController } from './open-inference/open-inference.controller';
import { PredictionController } from './prediction/prediction.controller';
import { PredictionService } from './prediction/prediction.service';
import { InferProtocol } from './prediction/protocols/infer.protocol';
import { InvocationsProtocol } from './prediction/protocols/invocations.protocol';
import { PredictProtocol } from './prediction/protocols/predict.protocol';
import { PredictionProtocols } from './prediction/protocols/prediction-protocols';
import { RegistryController } from './registry/registry.controller';
import { VersionsInSlots } from './registry/versions-in-slots';
import { ScoringController } from './scoring/scoring.controller';
import { StatusController } from './status/status.controller';

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
        PredictionService,
        PredictionProtocols,
        PredictProtocol,
        InvocationsProtocol,
        InferProtocol,
        HotDoor,
        Drain,
        VersionsInSlots,
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_PIPE, useValue: validation() },
      ],
    };
  }
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
