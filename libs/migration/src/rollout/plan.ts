import { z } from 'zod';

/** What a step of a ramp has to show before the next, and what sends a ramp back to 0 %. */
export interface RampGates {
  /** Comparisons of the step. */
  readonly minSamples: number;
  /** Of the comparisons, 0 to 1. */
  readonly maxMismatchRate: number;
  /** Of the calls that the graph answers, 0 to 1. */
  readonly maxErrorRate: number;
  /** The graph's 95th percentile over CertCentral's; null looks at no time. */
  readonly maxLatencyRatio: number | null;
  /** That a step lasts at least. */
  readonly minMinutes: number;
}

export interface RampStep {
  /** Of the keys, 0 to 100. */
  readonly percent: number;
  readonly gates: RampGates;
}

/** The way of a route from CertCentral to the graph. */
export interface RampPlan {
  /** Percentages rise. */
  readonly steps: readonly RampStep[];
  /** Goes on by itself when the gates of a step are passed; back it goes by itself in any case. */
  readonly auto: boolean;
}

export const defaultGates: RampGates = {
  minSamples: 200,
  maxMismatchRate: 0.001,
  maxErrorRate: 0.01,
  maxLatencyRatio: 2,
  minMinutes: 60,
};

export const maxSteps = 20;

const rate = z.number().min(0).max(1);
const gatesSchema = z.strictObject({
  minSamples: z.int().min(0).max(1_000_000),
  maxMismatchRate: rate,
  maxErrorRate: rate,
  maxLatencyRatio: z.number().min(0.1).max(1_000).nullable(),
  minMinutes: z
    .number()
    .min(0)
    .max(60 * 24 * 90),
});
const planSchema = z.strictObject({
  steps: z
    .array(z.strictObject({ percent: z.number().gt(0).max(100), gates: gatesSchema }))
    .min(1)
    .max(maxSteps)
    .refine((steps) => steps.every(({ percent }, at) => at === 0 || percent > steps[at - 1]!.percent), {
      error: 'percentages have to rise from step to step',
    }),
  auto: z.boolean(),
});

export type ParsedPlan = { readonly plan: RampPlan } | { readonly problem: string };

/** A plan as it is stored or given; a problem is a sentence without its full stop. */
export function parseRampPlan(value: unknown): ParsedPlan {
  const result = planSchema.safeParse(value);
  if (result.success) return { plan: result.data };
  const [first] = result.error.issues;
  return { problem: `${first!.path.join('.') || 'plan'}: ${first!.message}` };
}

/** A plan whose steps all have the same gates. */
export function rampPlan(percents: readonly number[], gates: RampGates, auto: boolean): RampPlan {
  return { steps: percents.map((percent) => ({ percent, gates })), auto };
}
