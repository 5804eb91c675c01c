import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { ModelSlotsSettings, RegistrySettings } from '@understudy/platform';
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
      useFactory: (settings: ModelSlotsSettings) => new ModelCache(join(settings.dataDirectory, 'models')),
      inject: [ModelSlotsSettings],
    },
    ModelSource,
  ],
  exports: [ModelRegistry, ModelSource],
})
export class RegistryModule {}

function createRegistry({ source }: RegistrySettings): ModelRegistry {
  return source.kind === 'folder' ? new FolderRegistry(source.directory) : new MlflowRegistry(source);
}
