import { type DynamicModule, Module } from '@nestjs/common';
import { CanaryModule } from '@understudy/canary';
import { MirroredDeployments, ServedDeployments } from '@understudy/model-slots';
import { type Configuration, Logger, PlatformModule } from '@understudy/platform';
import { PREDICTION_PROVIDERS } from '../prediction/prediction.providers';
import { ControlLink } from './control-link';

/** The wiring of a worker: predictions as everywhere, over a copy of the deployments. */
@Module({})
export class WorkerModule {
  static forRoot(
    configuration: Configuration,
    logger: Logger,
    deployments: MirroredDeployments,
    link: ControlLink,
  ): DynamicModule {
    return {
      module: WorkerModule,
      imports: [PlatformModule.forRoot(configuration, logger), CanaryModule],
      providers: [
        { provide: ServedDeployments, useValue: deployments },
        { provide: ControlLink, useValue: link },
        ...PREDICTION_PROVIDERS,
      ],
    };
  }
}
