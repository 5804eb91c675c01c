export type { FetchedVersion, FetchProgress, PinnedVersion } from './cache/fetch-version';
export {
  ModelRegistry,
  type Page,
  type PageRequest,
  type RegisteredModel,
  type RegisteredVersion,
  type ResolvedVersion,
} from './model-registry';
export { ModelSource } from './model-source';
export { isModelName, parseModelUri } from './model-uri';
export { RegistryModule } from './registry.module';
