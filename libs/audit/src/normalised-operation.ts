import { createHash } from 'node:crypto';
import { parse, print, separateOperations } from 'graphql';

export interface NormalisedOperation {
  readonly text: string;
  /** SHA-256 of `text`. */
  readonly hash: string;
  readonly operationName: string | null;
}

/** The operation that ran with the fragments it needs, printed anew: what is left tells two operations apart, not two spellings. */
export function normalisedOperation(text: string, operationName: string | null): NormalisedOperation {
  const byName = new Map(Object.entries(separateOperations(parse(text, { noLocation: true }))));
  const document = operationName === null ? [...byName.values()][0]! : byName.get(operationName)!;
  const printed = `${print(document)}\n`;
  const own = [...byName.entries()].find(([, each]) => each === document)![0];
  return {
    text: printed,
    hash: createHash('sha256').update(printed).digest('hex'),
    operationName: own === '' ? null : own,
  };
}
