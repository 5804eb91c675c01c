import { Module } from '@nestjs/common';
import { RegistryModule } from '@understudy/registry';
import { Deployments } from './deployment/deployments';
import { ServedDeployments } from './deployment/served-deployments';
import { VersionLoader } from './deployment/version-loader';
import { VersionPool } from './deployment/version-pool';
import { MemoryPressure } from './runner/memory-pressure';
import { RunnerSockets } from './runner/runner-sockets';

/** Which version is in which slot, and the runners that run them. */
@Module({
  imports: [RegistryModule],
  providers: [
    MemoryPressure,
    RunnerSockets,
    VersionPool,
    Deployments,
    { provide: ServedDeployments, useExisting: Deployments },
    VersionLoader,
  ],
  exports: [Deployments, MemoryPressure, RunnerSockets, ServedDeployments, VersionLoader, VersionPool],
})
export class ModelSlotsModule {}
