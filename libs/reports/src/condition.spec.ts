import { expect, it } from '@jest/globals';
import { whatToSend } from './condition.ts';

const outcome = (rows: number, previous: string | null = 'x') => ({ rows, rowsHash: 'x', previousRowsHash: previous });

it.each([
  [{ kind: 'always' }, outcome(0), true],
  [{ kind: 'non_empty' }, outcome(0), false],
  [{ kind: 'non_empty' }, outcome(1), true],
  [{ kind: 'changed' }, outcome(1), false],
  [{ kind: 'changed' }, outcome(1, 'y'), true],
  [{ kind: 'changed' }, outcome(0, null), true],
  [{ kind: 'threshold', minRows: 5 }, outcome(4), false],
  [{ kind: 'threshold', minRows: 5 }, outcome(5), true],
] as const)('%j of %j is sent: %s', (condition, run, send) => {
  expect(whatToSend(condition, run).send).toBe(send);
});
