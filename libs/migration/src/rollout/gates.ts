import type { RolloutCounts, RolloutWindow } from '../comparison/comparison-store.ts';
import { addLatency, latencyAt } from '../comparison/latency.ts';
import { wilsonBounds } from '../comparison/parity.ts';
import type { RampGates, RampPlan } from './plan.ts';

/** Where a ramp stands. */
export interface RampProgress {
  readonly percent: number;
  /** When this step began. */
  readonly since: Date;
  readonly plan: RampPlan;
}

export type RampDecision =
  /** @property waitingFor what the gates of the step still need; empty when all are passed */
  | { readonly kind: 'stay'; readonly waitingFor: readonly string[] }
  | { readonly kind: 'advance'; readonly percent: number; readonly reason: string }
  | { readonly kind: 'rollback'; readonly reason: string };

/** Calls of either side before a percentile is believed. */
export const minLatencyCalls = 50;
/** A step's trouble is seen in all of its counts, or in those of the last minutes alone: what went well before hides nothing. */
export const recentMs = 15 * 60_000;

/**
 * Decides on the counts of the step. Back it goes as soon as a rate is above its gate with 95 % confidence, whatever the plan
 * says of going on; a single difference that was seen twice in few samples is enough for a strict gate. On it goes when enough
 * was compared for long enough and every rate lies within its gate.
 */
export function decideRamp(ramp: RampProgress, windows: readonly RolloutWindow[], nowMs: number): RampDecision {
  const gates = gatesAt(ramp);
  const all = sumWindows(windows);
  const recent = sumWindows(windows.filter(({ minute }) => minute.getTime() > nowMs - recentMs));
  const trouble = troubleOf(recent, gates) ?? troubleOf(all, gates);
  if (trouble !== null) return { kind: 'rollback', reason: trouble };

  const waitingFor = missingOf(all, gates, nowMs - ramp.since.getTime());
  if (waitingFor.length > 0) return { kind: 'stay', waitingFor };
  const next = ramp.plan.steps.find(({ percent }) => percent > ramp.percent);
  if (next === undefined) return { kind: 'stay', waitingFor: [] };
  if (!ramp.plan.auto)
    return { kind: 'stay', waitingFor: [`the next step, ${next.percent} %, which is taken by hand`] };
  const reason = `Step of ${ramp.percent} % passed: ${all.compared} compared, ${all.different} different.`;
  return { kind: 'advance', percent: next.percent, reason };
}

/** Of the step that the ramp is in; between two steps those of the higher. */
export function gatesAt({ percent, plan }: Pick<RampProgress, 'percent' | 'plan'>): RampGates {
  return (plan.steps.find((step) => step.percent >= percent) ?? plan.steps.at(-1)!).gates;
}

export function sumWindows(windows: readonly RolloutCounts[]): RolloutCounts {
  const sum = (count: (window: RolloutCounts) => number) => windows.reduce((total, window) => total + count(window), 0);
  return {
    compared: sum(({ compared }) => compared),
    different: sum(({ different }) => different),
    graphCalls: sum(({ graphCalls }) => graphCalls),
    graphErrors: sum(({ graphErrors }) => graphErrors),
    legacyCalls: sum(({ legacyCalls }) => legacyCalls),
    graphLatency: windows.reduce<number[]>((total, { graphLatency }) => addLatency(total, graphLatency), []),
    legacyLatency: windows.reduce<number[]>((total, { legacyLatency }) => addLatency(total, legacyLatency), []),
  };
}

/** Why the ramp goes back; null when nothing is known to be wrong. */
function troubleOf(counts: RolloutCounts, gates: RampGates): string | null {
  const { compared, different, graphCalls, graphErrors } = counts;
  if (wilsonBounds(different, compared).low > gates.maxMismatchRate)
    return `${different} of ${compared} compared answers differed; the gate allows ${percentText(gates.maxMismatchRate)}.`;
  if (wilsonBounds(graphErrors, graphCalls).low > gates.maxErrorRate)
    return `${graphErrors} of ${graphCalls} calls failed in the graph; the gate allows ${percentText(gates.maxErrorRate)}.`;
  const latency = latencyOf(counts);
  if (gates.maxLatencyRatio !== null && latency !== null && latency.ratio > gates.maxLatencyRatio)
    return (
      `The graph's 95th percentile is ${latency.graphMs} ms, CertCentral's ${latency.legacyMs} ms; ` +
      `the gate allows ${gates.maxLatencyRatio} times as long.`
    );
  return null;
}

/** Null while either side has too few calls to tell. */
function latencyOf({ graphLatency, legacyLatency }: RolloutCounts) {
  const calls = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);
  if (calls(graphLatency) < minLatencyCalls || calls(legacyLatency) < minLatencyCalls) return null;
  const [graph, legacy] = [latencyAt(0.95, graphLatency)!, latencyAt(0.95, legacyLatency)!];
  return { ratio: graph / legacy, graphMs: Math.round(graph), legacyMs: Math.round(legacy) };
}

function missingOf(counts: RolloutCounts, gates: RampGates, sinceMs: number): string[] {
  const { compared, different, graphCalls, graphErrors } = counts;
  const missing: string[] = [];
  if (compared < gates.minSamples) missing.push(`${gates.minSamples - compared} more samples`);
  const minutesLeft = Math.ceil(gates.minMinutes - sinceMs / 60_000);
  if (minutesLeft > 0) missing.push(`${minutesLeft} more minutes`);
  if (different > compared * gates.maxMismatchRate)
    missing.push(
      `a mismatch rate of at most ${percentText(gates.maxMismatchRate)}; it is ${percentText(different / compared)}`,
    );
  if (graphErrors > graphCalls * gates.maxErrorRate)
    missing.push(
      `an error rate of at most ${percentText(gates.maxErrorRate)}; it is ${percentText(graphErrors / graphCalls)}`,
    );
  return missing;
}

/** `0.1 %` */
export const percentText = (rate: number): string => `${Number((rate * 100).toPrecision(3))} %`;
