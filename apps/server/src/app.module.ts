import { type DynamicModule, Module, type Provider, type Type, ValidationPipe } from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { CanaryModule } from '@understudy/canary';
import { ControlModule } from '@understudy/control';
import { ModelSlotsModule } from '@understudy/model-slots';
import { type Configuration, DomainError, Logger, PlatformModule } from '@understudy/platform';
import { RegistryModule } from '@understudy/registry';
import { StoreModule, StoreSettings } from '@understudy/store';
import { AccessModule } from './access/access.module';
import { AuditController } from './audit/audit.controller';
import { ChangeDoor } from './control/change-door';
import { ControlController } from './control/control.controller';
import { DeploymentsController } from './control/deployments.controller';
import { RefusedAttempts } from './control/refused-attempts';
import { CanaryGuard } from './guard/canary-guard';
import { HealthController } from './health/health.controller';
import { ProblemFilter } from './http/problem-filter';
import { validationProblem } from './http/validation-problem';
import { Dependencies } from './health/dependencies';
import { InputExampleController } from './input-example/input-example.controller';
import { Metrics } from './metrics/metrics';
import { MetricsController } from './metrics/metrics.controller';
import { ObservationModule } from './observation/observation.module';
import { OpenInferenceController } from './open-inference/open-inference.controller';
import { PredictionController } from './prediction/prediction.controller';
import { PREDICTION_PROVIDERS } from './prediction/prediction.providers';
import { ReplicasController } from './replicas/replicas.controller';
import { RegistryController } from './registry/registry.controller';
import { ScoringController } from './scoring/scoring.controller';
import { ArmStatisticsReader } from './statistics/arm-statistics-reader';
import { ArmStatisticsRecorder } from './statistics/arm-statistics-recorder';
import { StatisticsController } from './statistics/statistics.controller';
import { StatusController } from './status/status.controller';
import { SystemController } from './system/system.controller';
import { AcknowledgeWhenSettled } from './workers/acknowledge-when-settled';
import { Publication } from './workers/publication';
import { WorkerFleet } from './workers/worker-fleet';
import { NoWorkers, WorkerLink } from './workers/worker-link';
import { WorkerReports } from './workers/worker-reports';

/** The wiring: versions come from the registry, slots hold them, the canary rule chooses, predictions are answered. */
@Module({})
export class AppModule {
  static forRoot(configuration: Configuration, logger: Logger, further: readonly Type[] = []): DynamicModule {
    return {
      module: AppModule,
      imports: [
        PlatformModule.forRoot(configuration, logger),
        StoreModule.forRoot(new StoreSettings(configuration.database)),
        RegistryModule,
        ModelSlotsModule,
        ControlModule,
        CanaryModule,
        ObservationModule,
        AccessModule,
        ...further,
      ],
      controllers: [
        PredictionController,
        ScoringController,
        OpenInferenceController,
        ControlController,
        AuditController,
        DeploymentsController,
        InputExampleController,
        ReplicasController,
        RegistryController,
        StatusController,
        SystemController,
        HealthController,
        MetricsController,
        StatisticsController,
      ],
      providers: [
        ...PREDICTION_PROVIDERS,
        ...workerProviders(configuration),
        ChangeDoor,
        RefusedAttempts,
        Dependencies,
        Metrics,
        ArmStatisticsRecorder,
        ArmStatisticsReader,
        CanaryGuard,
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
    WorkerReports,
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
