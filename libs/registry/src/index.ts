export type { CacheUsage } from './cache/cache-room';
export type { FetchedVersion, FetchProgress, PinnedVersion } from './cache/fetch-version';
export { ModelCache } from './cache/model-cache';
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
export { NeededVersions } from './needed-versions';
export { RegistryModule } from './registry.module';
