import { InvalidArgumentError, Option } from 'commander';

/** `--limit <n>` with its bounds. */
export function createLimit(what: string, usual: number, most: number): Option {
  return new Option('--limit <n>', `${what} at most`).default(usual).argParser((text) => {
    const limit = Number(text);
    if (/^\d{1,6}$/.test(text) && limit >= 1 && limit <= most) return limit;
    throw new InvalidArgumentError(`Write a whole number, 1 to ${most}.`);
  });
}
