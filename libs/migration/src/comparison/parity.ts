/** How calls of one route and key compared, as counts. */
export interface ParityCount {
  readonly route: string;
  readonly keyId: string;
  /** Pattern of a field, `orders[*].status`; `''` for whole answers. */
  readonly field: string;
  /** Answers that had the field on either side. */
  readonly compared: number;
  /** Those in which it differed, twice. */
  readonly different: number;
  /** Those in which the difference was gone when both sides were read anew: the age of the mirror, or a change in between. */
  readonly passed: number;
}

/** A share of equal answers, with what the number of samples allows to say of it. */
export interface Parity {
  readonly compared: number;
  readonly different: number;
  readonly passed: number;
  /** 0 to 1; null without a sample. */
  readonly equalRate: number | null;
  /** What the rate is at least, at 95 % confidence; 0 without a sample. */
  readonly atLeast: number;
}

/** Standard deviations of a two-sided interval at 95 %. */
const z95 = 1.96;

/**
 * Bounds of a rate of which only a sample is known, at 95 % confidence, by Wilson's score interval: it stays within 0 and 1
 * and says something of few samples, and of samples without a hit, which the normal approximation does not.
 */
export function wilsonBounds(hits: number, samples: number): { readonly low: number; readonly high: number } {
  if (samples <= 0) return { low: 0, high: 1 };
  const rate = hits / samples;
  const square = z95 * z95;
  const middle = rate + square / (2 * samples);
  const spread = z95 * Math.sqrt((rate * (1 - rate)) / samples + square / (4 * samples * samples));
  const scale = 1 + square / samples;
  return {
    low: hits === 0 ? 0 : Math.max(0, (middle - spread) / scale),
    high: hits === samples ? 1 : Math.min(1, (middle + spread) / scale),
  };
}

/** Of counts that belong together, such as one route's of several keys. */
export function parityOf(counts: Iterable<Pick<ParityCount, 'compared' | 'different' | 'passed'>>): Parity {
  let compared = 0;
  let different = 0;
  let passed = 0;
  for (const count of counts) {
    compared += count.compared;
    different += count.different;
    passed += count.passed;
  }
  const equal = compared - different;
  return {
    compared,
    different,
    passed,
    equalRate: compared === 0 ? null : equal / compared,
    atLeast: wilsonBounds(equal, compared).low,
  };
}
