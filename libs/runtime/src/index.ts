export { closeServer, type ClosableServer } from './close-server.ts';
export { systemClock } from './system-clock.ts';
export { createLogger, type LogLevel, logLevels } from './logger.ts';
export { Shutdown } from './shutdown.ts';
export { SettingsError, type SettingProblem } from './settings.ts';
export { parseEnvironment, type Environment, type EnvironmentCheck } from './environment.ts';
export {
  defaultAccount,
  euBaseUrl,
  usBaseUrl,
  type AccountConfiguration,
  type CallWindow,
  type KeySource,
} from './config-accounts.ts';
export type { DestinationConfiguration, EgressConfiguration } from './config-destinations.ts';
export { readConfigDocument } from './config-document.ts';
export { type PassThroughConfiguration, type Tiers } from './config-keys.ts';
export { ConfigReader } from './config-members.ts';
export type { LimitsConfiguration } from './config-limits.ts';
export type { AuditConfiguration } from './config-audit.ts';
export type { MetricsConfiguration } from './config-metrics.ts';
export type { ReportsConfiguration } from './config-reports.ts';
export type { RestConfiguration } from './config-rest.ts';
export type { MessagesConfiguration, MigrationConfiguration } from './config-migration.ts';
export { defaultMirror, type MirrorConfiguration } from './config-mirror.ts';
export {
  parseConfiguration,
  type Configuration,
  type ConfigurationCheck,
  type ConfigurationOptions,
} from './configuration.ts';
export { secretFromFile } from './secret-file.fs.ts';
export { collectEarly, keepHeapSmall } from './heap-growth.ts';
export { runService, type ServiceProcess } from './run-main.ts';
