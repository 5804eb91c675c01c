import { type DynamicModule, Module } from '@nestjs/common';
import { Clock, SystemClock } from './clock';
import {
  AccessSettings,
  type Configuration,
  ControlSettings,
  HttpSettings,
  LogSettings,
  ModelSlotsSettings,
  ObservationSettings,
  RegistrySettings,
} from './configuration/configuration';
import { Logger } from './logger';
import { ReplicaId } from './replica-id';

/** Makes the clock, the log and each slice of the configuration injectable everywhere. */
@Module({})
export class PlatformModule {
  static forRoot(configuration: Configuration, logger: Logger): DynamicModule {
    const providers = [
      { provide: HttpSettings, useValue: configuration.http },
      { provide: RegistrySettings, useValue: configuration.registry },
      { provide: ModelSlotsSettings, useValue: configuration.modelSlots },
      { provide: ControlSettings, useValue: configuration.control },
      { provide: AccessSettings, useValue: configuration.access },
      { provide: ObservationSettings, useValue: configuration.observation },
      { provide: LogSettings, useValue: configuration.log },
      { provide: Logger, useValue: logger },
      { provide: Clock, useClass: SystemClock },
      ReplicaId,
    ];
    return { module: PlatformModule, global: true, providers, exports: providers };
  }
}
