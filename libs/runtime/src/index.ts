export { closeServer, type ClosableServer } from './close-server.ts';
export { systemClock } from './system-clock.ts';
export { createLogger, type LogLevel, logLevels } from './logger.ts';
export { Shutdown } from './shutdown.ts';
export { SettingsError, type SettingProblem } from './settings.ts';
export { parseEnvironment, usBaseUrl, type Environment, type EnvironmentCheck } from './environment.ts';
export { secretFromFile } from './secret-file.fs.ts';
export { runService, type ServiceProcess } from './run-main.ts';
