import { exitCodes, type ExitCode } from '@certfolio/client';

/** A command that ends with a sentence and an exit code; no stack is shown for it. */
export class CliError extends Error {
  readonly code: string;
  readonly exitCode: ExitCode;

  constructor(code: string, message: string, exitCode: ExitCode = exitCodes.failed) {
    super(message);
    this.name = 'CliError';
    this.code = code;
    this.exitCode = exitCode;
  }
}

/** The command was called in a way that cannot work, whatever the gateway says. */
export class UsageError extends CliError {
  constructor(message: string) {
    super('USAGE', message, exitCodes.usage);
  }
}
