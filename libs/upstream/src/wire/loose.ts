import { z } from 'zod';
import {
  toDecimal,
  toFlag,
  toInteger,
  toText,
  toTexts,
  toTimestamp,
  toUpperText,
  toDate,
  type Convert,
} from './values.ts';
import { WrongShape } from './wrong-shape.ts';

/** Our converters as zod types, for the small answers. An absent key is null. */
function loose<T>(convert: Convert<T>) {
  return z
    .unknown()
    .optional()
    .transform((value, context): T | null => {
      try {
        return convert(value, '');
      } catch (error) {
        if (!(error instanceof WrongShape)) throw error;
        context.addIssue({ code: 'custom', message: error.problem });
        return z.NEVER;
      }
    });
}

export const looseInteger = loose(toInteger);
export const looseText = loose(toText);
export const looseUpperText = loose(toUpperText);
export const looseFlag = loose(toFlag);
export const looseDate = loose(toDate);
/** A day, or the day of a date and time. */
export const looseDay = loose((value, at) => toDate(typeof value === 'string' ? value.slice(0, 10) : value, at));
export const looseTimestamp = loose(toTimestamp('UTC'));
/** @param zone of times that carry none */
export const looseTimestampIn = (zone: string) => loose(toTimestamp(zone));
export const looseDecimal = loose(toDecimal);
export const looseTexts = loose(toTexts).transform((texts) => texts ?? []);
export const looseId = looseInteger.transform((id, context) => required(id, context));
export const requiredLooseText = looseText.transform((text, context) => required(text, context));

function required<T>(value: T | null, context: { addIssue(issue: { code: 'custom'; message: string }): void }): T {
  if (value !== null) return value;
  context.addIssue({ code: 'custom', message: 'is missing' });
  return z.NEVER;
}

/** @throws WrongShape naming the first place that does not fit */
export function parseWith<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const at = (issue?.path ?? []).map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
  throw new WrongShape(at.replace(/^\./, ''), issue?.code === 'custom' ? issue.message : 'is of the wrong type');
}
