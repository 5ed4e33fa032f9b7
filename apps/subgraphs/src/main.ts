import { readEnvironment } from './config.ts';
import { createLogger, describeStartFailure, runMain, Shutdown, type Environment } from '@certfolio/runtime';
import { startSubgraphs } from './start-subgraphs.ts';

/** Runs in flight get this long to end, then everything is closed. */
const shutdownLimitMs = 9_000;

const environment = readOrExit();
const logger = createLogger(environment.LOG_LEVEL);
const shutdown = new Shutdown(logger, shutdownLimitMs);
const host = {
  on: (signal: 'SIGINT' | 'SIGTERM', listener: () => void) => process.on(signal, listener),
  exit: (code: number) => process.exit(code),
  writeError: (text: string) => void process.stderr.write(text),
};
await runMain(host, shutdown, logger, async () => {
  const greeting = await startSubgraphs(environment, shutdown, logger);
  process.stdout.write(greeting);
});

function readOrExit(): Environment {
  try {
    return readEnvironment();
  } catch (error) {
    process.stderr.write(`${describeStartFailure(error)}\n`);
    return process.exit(1);
  }
}
