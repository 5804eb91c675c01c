import { randomBytes } from 'node:crypto';
import { type DynamicModule, Module } from '@nestjs/common';
import { CanaryModule } from '@understudy/canary';
import { MemoryPressure, type MirroredDeployments, ServedDeployments } from '@understudy/model-slots';
import { type Configuration, type Logger, PlatformModule } from '@understudy/platform';
import { AllowedHosts } from '../access/allowed-hosts';
import { TokenSource } from '../access/bearer-tokens';
import { Gate } from '../access/gate';
import { Sessions } from '../access/sessions';
import { OBSERVATION_PROVIDERS } from '../observation/observation.module';
import { PREDICTION_PROVIDERS } from '../prediction/prediction.providers';
import type { MirroredTokens } from './mirrored-tokens';

/** The wiring of a worker: predictions as everywhere, over copies of the deployments and of the tokens. */
@Module({})
export class WorkerModule {
  static forRoot(
    configuration: Configuration,
    logger: Logger,
    deployments: MirroredDeployments,
    tokens: MirroredTokens,
  ): DynamicModule {
    return {
      module: WorkerModule,
      imports: [PlatformModule.forRoot(configuration, logger), CanaryModule],
      providers: [
        { provide: ServedDeployments, useValue: deployments },
        { provide: TokenSource, useValue: tokens },
        // Sessions are the control process's (asks-by-session.ts): with a key that nobody else has, none is known here.
        { provide: Sessions, useValue: new Sessions(randomBytes(32), configuration.access.sessionMs) },
        AllowedHosts,
        Gate,
        MemoryPressure,
        ...OBSERVATION_PROVIDERS,
        ...PREDICTION_PROVIDERS,
      ],
    };
  }
}
