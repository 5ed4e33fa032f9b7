import type { OrderId } from '@certfolio/core';
import { toInteger, toText } from './values.ts';
import { WrongShape } from './wrong-shape.ts';

/** A row without an id is no row of ours: it could neither be matched nor told from another. */
export function requiredId(value: unknown, at = 'id'): OrderId {
  return requiredInteger(value, at) as OrderId;
}

export function requiredInteger(value: unknown, at: string): number {
  const id = toInteger(value, at);
  if (id === null) throw new WrongShape(at, 'is missing');
  return id;
}

export function requiredText(value: unknown, at: string): string {
  const text = toText(value, at);
  if (text === null) throw new WrongShape(at, 'is missing');
  return text;
}
