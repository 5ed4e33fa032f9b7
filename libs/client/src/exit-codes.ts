import { errorCatalog, isErrorCode } from '@certfolio/core';

/** What a command of ours ends with; scripts rely on the numbers. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  keyRefused: 3,
  limited: 4,
  certcentral: 5,
  rowsFound: 10,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

const byCode = new Map<string, ExitCode>([
  ['UNAUTHENTICATED', exitCodes.keyRefused],
  ['FORBIDDEN', exitCodes.keyRefused],
  ['BAD_KEY_FORMAT', exitCodes.keyRefused],
  ['RATE_LIMITED', exitCodes.limited],
]);

/** The exit code for an error code; one that we do not know is a plain failure. */
export function exitCodeOf(code: string): ExitCode {
  const known = byCode.get(code);
  if (known !== undefined) return known;
  return isErrorCode(code) && errorCatalog[code].fault === 'certcentral' ? exitCodes.certcentral : exitCodes.failed;
}
