import { BadUserInput, nearestOf } from '@certfolio/core';

/**
 * @param accounts names of those that are configured; null when they are not known here, and any name will do
 * @throws BadUserInput naming the nearest, when there is none of this name
 */
export function requireAccount(name: string, accounts: readonly string[] | null): void {
  if (accounts === null || accounts.includes(name)) return;
  const nearest = nearestOf(name, accounts);
  const advice = nearest === null ? `there are ${accounts.join(', ')}` : `the nearest is "${nearest}"`;
  throw new BadUserInput(`No upstream account of the name "${name}" is configured; ${advice}.`, {
    nearest: nearest === null ? [] : [nearest],
  });
}
