import { exitCodes, type ExitCode } from '@certfolio/client';

/** One thing that was looked at. */
export interface Check {
  readonly name: string;
  /** `skipped`: could not be looked at, and something else says why. */
  readonly state: 'ok' | 'warn' | 'fail' | 'skipped';
  /** What was found. */
  readonly found: string;
  /** Null when there is nothing to do. */
  readonly whatToDo: string | null;
  /** What the command ends with when this is the first that fails; absent otherwise. */
  readonly exitCode?: ExitCode;
}

export const ok = (name: string, found: string): Check => ({ name, state: 'ok', found, whatToDo: null });
export const warn = (name: string, found: string, whatToDo: string): Check => ({
  name,
  state: 'warn',
  found,
  whatToDo,
});
export const fail = (name: string, found: string, whatToDo: string, exitCode: ExitCode = exitCodes.failed): Check => ({
  name,
  state: 'fail',
  found,
  whatToDo,
  exitCode,
});
export const skipped = (name: string, found: string): Check => ({ name, state: 'skipped', found, whatToDo: null });

/** The exit code of the first check that fails; later ones often follow from it. */
export function exitCodeOfChecks(checks: readonly Check[]): ExitCode {
  return checks.find(({ state }) => state === 'fail')?.exitCode ?? exitCodes.ok;
}
