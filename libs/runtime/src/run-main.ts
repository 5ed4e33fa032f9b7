import type { Logger } from '@certfolio/core';
import type { Environment } from './environment.ts';
import { createLogger } from './logger.ts';
import { SettingsError } from './settings.ts';
import { Shutdown } from './shutdown.ts';

/** What a process needs of its surroundings to start, end and say why it could not. */
export interface ProcessHost {
  on(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
  exit(code: number): never;
  writeError(text: string): void;
}

/** Runs in flight get this long to end, then everything is closed. */
const shutdownLimitMs = 9_000;

/**
 * The whole life of one of our processes: settings, logger, start, a greeting on standard output, an orderly end.
 *
 * @param start starts all parts, adding how each ends, and resolves to what to print when everything is ready
 */
export async function runService<Settings extends Pick<Environment, 'LOG_LEVEL'>>(
  { process, readEnvironment }: { readonly process: ServiceProcess; readonly readEnvironment: () => Settings },
  start: (environment: Settings, shutdown: Shutdown, logger: Logger) => Promise<string>,
): Promise<void> {
  const host: ProcessHost = {
    on: (signal, listener) => process.on(signal, listener),
    exit: (code) => process.exit(code),
    writeError: (text) => void process.stderr.write(text),
  };
  const environment = readOrExit(host, readEnvironment);
  const logger = createLogger(environment.LOG_LEVEL);
  const shutdown = new Shutdown(logger, shutdownLimitMs);
  await runMain(host, shutdown, logger, async () => {
    process.stdout.write(await start(environment, shutdown, logger));
  });
}

/** The parts of Node's `process` that a service needs. */
export type ServiceProcess = Pick<NodeJS.Process, 'on' | 'exit' | 'stderr' | 'stdout'>;

function readOrExit<Settings>(host: ProcessHost, readEnvironment: () => Settings): Settings {
  try {
    return readEnvironment();
  } catch (error) {
    host.writeError(`${describeStartFailure(error)}\n`);
    return host.exit(1);
  }
}

/**
 * Starts a process and ends it on SIGINT and SIGTERM. A start that fails says why in one message, undoes what it had
 * started, and exits with 1; so does a part that fails to end in time.
 */
export async function runMain(
  host: ProcessHost,
  shutdown: Shutdown,
  logger: Logger,
  start: () => Promise<void>,
): Promise<void> {
  let isEnding = false;
  const end = async (signal: string) => {
    if (isEnding) return;
    isEnding = true;
    logger.debug({ signal }, 'Ending.');
    host.exit((await shutdown.end()) ? 0 : 1);
  };
  host.on('SIGINT', () => void end('SIGINT'));
  host.on('SIGTERM', () => void end('SIGTERM'));
  try {
    await start();
  } catch (error) {
    if (isEnding) return;
    isEnding = true;
    host.writeError(`${describeStartFailure(error)}\n`);
    await shutdown.end();
    host.exit(1);
  }
}

/** Settings, the system and other failures whose message says all; anything else shows where it happened. */
export function describeStartFailure(error: unknown): string {
  if (error instanceof SettingsError) return error.message;
  if (error instanceof AggregateError || (error instanceof Error && 'syscall' in error))
    return `Certfolio cannot start: ${messageOf(error)}.`;
  if (error instanceof Error)
    return error.name === 'Error' || error.name === 'TypeError'
      ? `Certfolio cannot start: ${error.stack ?? error.message}`
      : `Certfolio cannot start: ${error.message}`;
  return `Certfolio cannot start: ${String(error)}`;
}

/** Node tries every address of a name; its error then has the messages in its parts. */
function messageOf(error: Error): string {
  if (error.message !== '' || !(error instanceof AggregateError)) return error.message;
  return error.errors.map((part) => (part instanceof Error ? part.message : String(part))).join(', ');
}
