import { describe, expect, it } from '@jest/globals';
import { earlierCallAges, parseBudgetLog } from './budget-log.ts';

const windows = [
  { calls: 2, windowMs: 5_000 },
  { calls: 4, windowMs: 60_000 },
];

describe('earlierCallAges', () => {
  it('is nothing for a first start', () => {
    expect(earlierCallAges({ found: 'nothing' }, windows, 0)).toEqual([]);
  });

  it('is the log after a clean end, oldest first, without what no window remembers', () => {
    const log = { version: 1, clean: true, callsAtMs: [99_000, 30_000, 98_000] } as const;
    expect(earlierCallAges({ found: 'log', log }, windows, 100_000)).toEqual([2_000, 1_000]);
  });

  it('adds a full short window after an unclean end', () => {
    const log = { version: 1, clean: false, callsAtMs: [98_000] } as const;
    expect(earlierCallAges({ found: 'log', log }, windows, 100_000)).toEqual([2_000, 0, 0]);
  });

  it('takes calls of the future as made now: the wall clock was set back', () => {
    const log = { version: 1, clean: true, callsAtMs: [500_000] } as const;
    expect(earlierCallAges({ found: 'log', log }, windows, 100_000)).toEqual([0]);
  });

  it('fills every window after an unreadable file', () => {
    expect(earlierCallAges({ found: 'unreadable' }, windows, 100_000)).toEqual([0, 0, 0, 0]);
  });
});

it.each([
  '',
  '{',
  'null',
  '[]',
  '{"version":2,"clean":true,"callsAtMs":[]}',
  '{"version":1,"clean":true,"callsAtMs":["1"]}',
])('does not take %j for a log', (text) => {
  expect(parseBudgetLog(text)).toBeNull();
});
