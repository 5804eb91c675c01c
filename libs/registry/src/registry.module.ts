import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { Logger, ModelSlotsSettings, RegistrySettings } from '@understudy/platform';
import { CacheUpkeep } from './cache/cache-upkeep';
import { ModelCache } from './cache/model-cache';
import { FolderRegistry } from './folder/folder-registry';
import { MlflowRegistry } from './mlflow/mlflow-registry';
import { ModelRegistry } from './model-registry';
import { ModelSource } from './model-source';

/** Where model versions come from: an MLflow server where one is configured, else a folder; and the cache of their files. */
@Module({
  providers: [
    { provide: ModelRegistry, useFactory: createRegistry, inject: [RegistrySettings] },
    {
      provide: ModelCache,
      useFactory: createCache,
      inject: [RegistrySettings, ModelSlotsSettings, Logger],
    },
    CacheUpkeep,
    ModelSource,
  ],
  exports: [ModelRegistry, ModelSource, ModelCache],
})
export class RegistryModule {}

/** From the files of a version to a slot it may take what loading may take, and a minute for what is around it. */
const AROUND_LOADING_MS = 60_000;

function createCache(
  { cacheBytes }: RegistrySettings,
  { dataDirectory, loadTimeoutMs }: ModelSlotsSettings,
  logger: Logger,
): ModelCache {
  return new ModelCache(join(dataDirectory, 'models'), {
    maxBytes: cacheBytes,
    arrivalMs: loadTimeoutMs + AROUND_LOADING_MS,
    onDamaged: (digest, file) => {
      logger.warn('A cached version is not what was stored and is not used; it is fetched again', { digest, file });
    },
  });
}

function createRegistry({ source }: RegistrySettings): ModelRegistry {
  return source.kind === 'folder' ? new FolderRegistry(source.directory) : new MlflowRegistry(source);
}
