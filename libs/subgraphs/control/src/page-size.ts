import { BadUserInput } from '@certfolio/core';

const largestPage = 1_000;

/** @throws BadUserInput naming the bounds */
export function pageSizeOf(first: number): number {
  if (first >= 1 && first <= largestPage) return first;
  throw new BadUserInput(`"first" is ${first}; it must be 1 to ${largestPage}.`);
}
