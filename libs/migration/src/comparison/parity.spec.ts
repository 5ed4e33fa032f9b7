import { expect, it } from '@jest/globals';
import { parityOf, wilsonBounds } from './parity.ts';

it('says little of few samples and much of many', () => {
  // By hand: 10 of 10 gives 10 / (10 + 1.96²) = 10 / 13.8416.
  expect(wilsonBounds(10, 10)).toEqual({ low: expect.closeTo(0.7225, 4), high: 1 });
  expect(wilsonBounds(1_000, 1_000).low).toBeCloseTo(0.9962, 4);
  expect(wilsonBounds(50, 100)).toEqual({ low: expect.closeTo(0.4038, 4), high: expect.closeTo(0.5962, 4) });
});

it('knows nothing without a sample, and leaves 0 and 1 where no sample speaks against them', () => {
  expect(wilsonBounds(0, 0)).toEqual({ low: 0, high: 1 });
  expect(wilsonBounds(0, 100).low).toBe(0);
  expect(parityOf([])).toEqual({ compared: 0, different: 0, passed: 0, equalRate: null, atLeast: 0 });
});

it('adds counts up before it says a rate', () => {
  expect(
    parityOf([
      { compared: 90, different: 0, passed: 2 },
      { compared: 10, different: 5, passed: 0 },
    ]),
  ).toEqual({ compared: 100, different: 5, passed: 2, equalRate: 0.95, atLeast: expect.closeTo(0.8882, 4) });
});
