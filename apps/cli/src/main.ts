import { readFileSync } from 'node:fs';
import { CommanderError } from 'commander';
import { CliError } from './cli-error.ts';
import { readConfig } from './config.ts';
import { buildProgram, exitCodeOfUsage } from './program.ts';
import { reportError } from './report-error.ts';
import { createSession } from './session.ts';
import { createTerminal } from './terminal.ts';

/** 128 and the number of the signal, as shells do it. */
const interruptedCode = { SIGINT: 130, SIGTERM: 143 } as const;

/** Runs one command. The exit code is set, not forced, so that what was written is also delivered. */
export async function main(args: readonly string[]): Promise<void> {
  const config = readConfig();
  const terminal = createTerminal(process.stdout, process.stderr, config);
  let json = args.includes('--json');
  const interrupted = watchSignals();
  const write = {
    out: (text: string) => terminal.line(text.trimEnd()),
    err: (text: string) => terminal.note(text.trimEnd()),
  };
  const program = buildProgram({
    version: readVersion(),
    write,
    async start(options, work) {
      json = options.json;
      process.exitCode = await work(createSession(config, terminal, options, interrupted.signal));
      if (terminal.failure !== null)
        throw new CliError('OUTPUT', `Standard output cannot be written: ${terminal.failure.message}.`);
    },
  });
  try {
    if (args.length === 0) program.outputHelp();
    else await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (interrupted.by !== null) process.exitCode = interruptedCode[interrupted.by];
    else if (error instanceof CommanderError) process.exitCode = exitCodeOfUsage(error.code);
    else process.exitCode = reportError(error, terminal, { json, debug: config.debug });
  } finally {
    interrupted.end();
  }
}

/** The first signal lets a command tidy up; a second one finds no listener and ends it where it stands. */
function watchSignals() {
  const controller = new AbortController();
  const watch = {
    signal: controller.signal,
    by: null as keyof typeof interruptedCode | null,
    end: () => void process.off('SIGINT', onSignal).off('SIGTERM', onSignal),
  };
  function onSignal(name: NodeJS.Signals): void {
    watch.end();
    watch.by = name === 'SIGTERM' ? 'SIGTERM' : 'SIGINT';
    controller.abort(new Error(`Interrupted by ${name}.`));
  }
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  return watch;
}

function readVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return version;
}
