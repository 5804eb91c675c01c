export { Clock, SystemClock } from './clock';
export {
  AccessSettings,
  type Configuration,
  type ConfigurationResult,
  ControlSettings,
  type DatabaseSetting,
  type Environment,
  HttpSettings,
  type Installation,
  LogSettings,
  type MlflowCredentials,
  ModelSlotsSettings,
  ObservationSettings,
  readConfiguration,
  RegistrySettings,
  type RunnerProgram,
} from './configuration/configuration';
export { isLoopback } from './configuration/loopback';
export { SETTINGS, type Setting } from './configuration/settings';
export { closeDebuggerSignal } from './debugger-signal';
export { DomainError, ERROR_CODES, type ErrorCode, type ErrorDetails, isDomainError, messageOf } from './domain-error';
export { isProcessAlive } from './is-process-alive';
export { type LogFields, Logger, NestLogger } from './logger';
export { ReplicaId } from './replica-id';
export { PlatformModule } from './platform.module';
export { RELEASE } from './release';
