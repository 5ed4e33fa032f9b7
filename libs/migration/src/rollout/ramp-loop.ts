import type { Clock, Logger } from '@certfolio/core';
import type { ComparisonStore } from '../comparison/comparison-store.ts';
import { windowDays } from '../comparison/count-recorder.ts';
import { decideRamp, type RampDecision } from './gates.ts';
import { defaultGates, parseRampPlan, rampPlan, type RampPlan } from './plan.ts';
import type { RouteState } from './route-state.ts';
import type { RouteStateChange, RouteStateStore } from './state-store.ts';

/** Lets one process at a time decide; null at once when another does. */
export interface RolloutLock {
  whileHeld<T>(work: () => Promise<T>): Promise<{ readonly result: T } | null>;
}

export interface RampLoopOptions {
  readonly states: Pick<RouteStateStore, 'all' | 'change'>;
  readonly counts: Pick<ComparisonStore, 'windows'>;
  readonly lock: RolloutLock;
  /** Writes the act into the audit log, and does it. */
  readonly record: <T>(act: AutomaticAct, work: () => Promise<T>) => Promise<T>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly everyMs?: number;
}

export interface AutomaticAct {
  readonly act: 'advanceRamp' | 'rollBackRamp';
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** Who changed a state when nobody did. */
export const byItself = 'automatic';

const dayMs = 86_400_000;

/** The plan of a ramp; without one that can be read it is one step with the default gates. */
export function planOf(state: Pick<RouteState, 'plan' | 'percent'>): RampPlan {
  const parsed = state.plan === null ? null : parseRampPlan(state.plan);
  return parsed !== null && 'plan' in parsed
    ? parsed.plan
    : rampPlan([Math.max(state.percent, 1)], defaultGates, false);
}

const isRamp = ({ state, keyId, percent }: RouteState) => state === 'ramping' && keyId === null && percent > 0;

/** What the gates say of a route that is ramping. */
export async function lookAtRamp(
  state: RouteState,
  counts: Pick<ComparisonStore, 'windows'>,
  nowMs: number,
): Promise<RampDecision> {
  const since = new Date(Math.max(state.changedAt.getTime() - 60_000, nowMs - windowDays * dayMs));
  const windows = await counts.windows(state.route, state.version, since);
  return decideRamp({ percent: state.percent, since: state.changedAt, plan: planOf(state) }, windows, nowMs);
}

/** Decides on every ramp once; resolves to the changes that were made. */
export async function runRamps(options: RampLoopOptions): Promise<readonly RouteState[]> {
  const { states, counts, record, clock, logger } = options;
  const changed: RouteState[] = [];
  for (const state of (await states.all()).states.filter(isRamp)) {
    const decision = await lookAtRamp(state, counts, clock.nowMs());
    if (decision.kind === 'stay') continue;
    const { act, change } = changeOf(state, decision);
    // The version it was decided on: what a person changed meanwhile stands.
    const done = await record(act, () => states.change(change, state.version));
    if (done === null) continue;
    changed.push(done);
    logger.warn({ route: state.route, reason: decision.reason, percent: done.percent }, 'A ramp moved by itself.');
  }
  return changed;
}

function changeOf(state: RouteState, decision: Exclude<RampDecision, { kind: 'stay' }>) {
  const percent = decision.kind === 'advance' ? decision.percent : 0;
  const change: RouteStateChange = {
    route: state.route,
    keyId: null,
    percent,
    changedBy: byItself,
    reason: decision.kind === 'advance' ? decision.reason : `Rolled back from ${state.percent} %: ${decision.reason}`,
  };
  const act: AutomaticAct = {
    act: decision.kind === 'advance' ? 'advanceRamp' : 'rollBackRamp',
    arguments: { route: state.route, from: state.percent, to: percent, reason: decision.reason },
  };
  return { act, change };
}

/** Decides every few seconds, in one process at a time, until the signal aborts. */
export async function followRamps(options: RampLoopOptions, signal: AbortSignal): Promise<void> {
  const { lock, clock, logger, everyMs = 10_000 } = options;
  while (!signal.aborted) {
    await clock.sleep(everyMs, signal).catch(() => undefined);
    if (signal.aborted) return;
    await lock
      .whileHeld(() => runRamps(options))
      .catch((error: unknown) =>
        logger.warn({ reason: String(error) }, 'Ramps were not looked at; it is tried again.'),
      );
  }
}
