import { parseCommandLine, UsageError } from './command-line.ts';
import { readEnvironment } from './config.ts';
import { createEmulator, defaultOptions } from './emulator.ts';

function fail(message: string, exitCode: number): never {
  process.stderr.write(`${message}\n`);
  process.exit(exitCode);
}

function readOptions() {
  try {
    return { ...defaultOptions, ...parseCommandLine(process.argv.slice(2), readEnvironment()) };
  } catch (error) {
    if (error instanceof UsageError) fail(error.message, 2);
    throw error;
  }
}

const options = readOptions();
const emulator = await createEmulator(options).catch((error: unknown) => {
  return fail(`The emulator cannot start: ${error instanceof Error ? error.message : String(error)}`, 1);
});

let isEnding = false;
async function end(): Promise<void> {
  if (isEnding) return;
  isEnding = true;
  await emulator.close();
  process.exit(0);
}
process.on('SIGINT', end);
process.on('SIGTERM', end);
// With an IPC channel the parent is expected to outlive this process; when it is gone, nobody needs the emulator.
process.on('disconnect', end);

process.stdout.write(`Emulator ready: ${emulator.baseUrl} (${options.orders} orders, seed ${options.seed})\n`);
