import { describe, expect, it } from '@jest/globals';
import { GraphQLError, Kind } from 'graphql';
import { dateScalar, dateTimeScalar, moneyScalar } from './scalars.ts';

describe.each([
  [dateScalar, ['2026-11-23', '2028-02-29'], ['2026-02-29', '2026-11-23T00:00:00Z', 'today', '', 20261123, null, {}]],
  [
    dateTimeScalar,
    ['2026-11-23T08:15:00Z', '2026-11-23T08:15Z', '2026-11-23T08:15:00.123+05:45'],
    ['2026-11-23', '2026-11-23T08:15:00', '2026-13-23T08:15:00Z', 'now', 0, null],
  ],
  [moneyScalar, ['238.00', '-0.50'], ['238', '238.5', '1,238.00', '238.000', '', 238, null]],
] as const)('%s', (scalar, good, bad) => {
  it('takes its form, as a variable and as a literal', () => {
    for (const value of good) {
      expect(scalar.parseValue(value)).toBe(value);
      expect(scalar.parseLiteral({ kind: Kind.STRING, value }, {})).toBe(value);
      expect(scalar.serialize(value)).toBe(value);
    }
  });

  it('refuses every other value as bad input', () => {
    for (const value of bad) {
      expect(() => scalar.parseValue(value)).toThrow(
        expect.objectContaining({ extensions: { code: 'BAD_USER_INPUT' } }),
      );
      if (typeof value === 'string')
        expect(() => scalar.parseLiteral({ kind: Kind.STRING, value }, {})).toThrow(GraphQLError);
    }
    expect(() => scalar.parseLiteral({ kind: Kind.INT, value: '1' }, {})).toThrow(GraphQLError);
  });
});

it('writes a Date as an instant in UTC', () => {
  expect(dateTimeScalar.serialize(new Date('2026-11-23T09:15:00+01:00'))).toBe('2026-11-23T08:15:00.000Z');
});
