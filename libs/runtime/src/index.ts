export { systemClock } from './system-clock.ts';
export { createLogger, type LogLevel, logLevels } from './logger.ts';
export { Shutdown } from './shutdown.ts';
export { parseSettings, SettingsError, type SettingProblem } from './settings.ts';
