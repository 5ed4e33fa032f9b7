import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';
import { isCalendarDate } from '@certfolio/core';

/** Answers carry `2026-11-23`. Where a filter takes a Date it may be any date expression, resolved on the server. */
export const dateScalar = new GraphQLScalarType<string, string>({
  name: 'Date',
  description: 'A day, `yyyy-MM-dd`, without a zone.',
  serialize: String,
  parseValue: (value) => parsedText(value, isCalendarDate, 'a day such as "2026-11-23"'),
  parseLiteral: (node) =>
    parsedText(node.kind === Kind.STRING ? node.value : null, isCalendarDate, 'a day such as "2026-11-23"'),
});

/** Answers carry `2026-11-23T08:15:00Z`. */
export const dateTimeScalar = new GraphQLScalarType<string, string>({
  name: 'DateTime',
  description: 'An instant, ISO 8601 in UTC.',
  serialize: (value) => (value instanceof Date ? value.toISOString() : String(value)),
  parseValue: (value) => parsedText(value, isInstant, 'an instant such as "2026-11-23T08:15:00Z"'),
  parseLiteral: (node) =>
    parsedText(node.kind === Kind.STRING ? node.value : null, isInstant, 'an instant such as "2026-11-23T08:15:00Z"'),
});

/** A decimal as text, so that no amount is ever rounded by a float. */
export const moneyScalar = new GraphQLScalarType<string, string>({
  name: 'Money',
  description: 'An amount with two decimals, as text: `"238.00"`.',
  serialize: String,
  parseValue: (value) => parsedText(value, isAmount, 'an amount such as "238.00"'),
  parseLiteral: (node) =>
    parsedText(node.kind === Kind.STRING ? node.value : null, isAmount, 'an amount such as "238.00"'),
});

function parsedText(value: unknown, isValid: (text: string) => boolean, wanted: string): string {
  if (typeof value === 'string' && isValid(value)) return value;
  throw new GraphQLError(`Expected ${wanted}.`, { extensions: { code: 'BAD_USER_INPUT' } });
}

const isAmount = (text: string) => /^-?\d{1,15}\.\d{2}$/.test(text);
const isInstant = (text: string) =>
  /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/.test(text) &&
  !Number.isNaN(Date.parse(text));
