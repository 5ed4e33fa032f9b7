import { expect, it } from '@jest/globals';
import { auditTime } from './audit-time.ts';

const nowMs = Date.parse('2026-11-23T12:00:00Z');

it.each([
  ['2026-11-23T12:00:00Z', 'since', '2026-11-23T12:00:00.000Z'],
  ['2026-11-23T12:00:00+02:00', 'until', '2026-11-23T10:00:00.000Z'],
  ['2026-11-23', 'since', '2026-11-23T00:00:00.000Z'],
  ['2026-11-23', 'until', '2026-11-24T00:00:00.000Z'],
  ['today-7d', 'since', '2026-11-16T00:00:00.000Z'],
  ['last_month', 'until', '2026-11-01T00:00:00.000Z'],
] as const)('reads %s as %s', (text, bound, expected) => expect(auditTime(text, bound, nowMs)).toBe(expected));

it.each(['', 'yesterday-ish', '2026-13-45', '2026-11-23T99:00:00Z', "'; drop"])('refuses %j by name', (text) => {
  expect(() => auditTime(text, 'since', nowMs)).toThrow(/^"since" is neither/);
});
