import { describe, expect, it } from '@jest/globals';
import { checkWindows, forecastCalls, nextCallMs } from './call-budget.ts';

const windows = [{ calls: 2, windowMs: 1_000 }];

describe('nextCallMs', () => {
  it('is now while a window has room', () => {
    expect(nextCallMs(windows, { answeredMs: [0], inFlightMs: [] }, 500)).toBe(500);
    expect(nextCallMs(windows, { answeredMs: [], inFlightMs: [400] }, 500)).toBe(500);
  });

  it('is when the call in the way is a whole window past its headers', () => {
    expect(nextCallMs(windows, { answeredMs: [0, 400], inFlightMs: [] }, 500)).toBe(1_000);
    expect(nextCallMs(windows, { answeredMs: [0, 400], inFlightMs: [] }, 1_000)).toBe(1_000);
    expect(nextCallMs(windows, { answeredMs: [400], inFlightMs: [450] }, 500)).toBe(1_400);
  });

  it('is never while calls without headers fill a window', () => {
    expect(nextCallMs(windows, { answeredMs: [], inFlightMs: [0, 100] }, 60_000)).toBe(Number.POSITIVE_INFINITY);
  });

  it('obeys the window that lets the call through last', () => {
    const both = [...windows, { calls: 3, windowMs: 10_000 }];
    expect(nextCallMs(both, { answeredMs: [0, 2_000, 3_000], inFlightMs: [] }, 4_500)).toBe(10_000);
  });
});

describe('forecastCalls', () => {
  it('lists when each further call can go, counting the time to headers of those before', () => {
    const forecast = forecastCalls(windows, { answeredMs: [0], inFlightMs: [] }, 100, 500, 0);
    expect([0, 1, 2, 3].map(forecast)).toEqual([500, 1_000, 1_600, 2_100]);
  });

  it('expects a call that is overdue to take as long again', () => {
    const forecast = forecastCalls(windows, { answeredMs: [], inFlightMs: [0, 0] }, 100, 500, 0);
    expect(forecast(0)).toBe(1_600);
  });

  it('grants nothing before a pause ends', () => {
    expect(forecastCalls(windows, { answeredMs: [], inFlightMs: [] }, 100, 500, 3_000)(0)).toBe(3_000);
  });
});

it.each([
  [[]],
  [[{ calls: 0, windowMs: 1_000 }]],
  [[{ calls: 1.5, windowMs: 1_000 }]],
  [[{ calls: 1, windowMs: 0 }]],
  [[{ calls: 1, windowMs: Number.NaN }]],
])('refuses windows that make no sense: %j', (senseless) => {
  expect(() => checkWindows(senseless)).toThrow(TypeError);
});
