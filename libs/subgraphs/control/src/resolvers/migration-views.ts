import { hasScope, type Principal } from '@certfolio/core';
import {
  catalogRoute,
  parseRampPlan,
  shortNameOf,
  type IgnoreRule,
  type KeyProgress,
  type Progress,
  type RouteKey,
  type RouteProgress,
  type RouteState,
  type SamplePair,
} from '@certfolio/migration';
import { toEnumName } from '../enum-names.ts';

/** A key as rows of the scoreboard name it. */
export interface NamedKey {
  readonly name: string;
  readonly owner: string;
}

/** A row of a route with what its fields are resolved from. */
export interface RouteView extends ReturnType<typeof routeView> {
  readonly progress: RouteProgress;
}

export function routeView(progress: RouteProgress, keys: ReadonlyMap<string, NamedKey>, isServed: boolean) {
  const { state } = progress;
  const known = catalogRoute(progress.route as RouteKey);
  const isTouched = state.version > 0;
  return {
    progress,
    route: progress.route,
    name: known === null ? null : shortNameOf(known),
    isServed,
    ...stateView(state),
    previous: state.previous === null ? null : toEnumName(state.previous),
    reason: state.reason,
    changedAt: isTouched ? state.changedAt : null,
    changedBy: isTouched ? state.changedBy : null,
    brownouts: state.brownouts,
    sampleRate: state.sampleRate,
    ...progressView(progress),
    keys: progress.keys.map((key) => keyView(key, keys)),
  };
}

function keyView(key: KeyProgress, keys: ReadonlyMap<string, NamedKey>) {
  const { keyId, isOverride, state } = key;
  const known = keys.get(keyId);
  return {
    keyId,
    keyName: known?.name ?? null,
    owner: known?.owner ?? null,
    isOverride,
    ...stateView(state),
    ...progressView(key),
  };
}

const stateView = ({ state, percent, deadline }: RouteState) => ({ state: toEnumName(state), percent, deadline });

const progressView = (progress: Progress) => ({
  calls: progress.calls,
  lastCallAt: progress.lastCallAt,
  testCalls: progress.testCalls,
  callsFromGraph: progress.fromGraph,
  upstreamCallsSaved: progress.upstreamCallsSaved,
  template: progress.replacement?.template ?? null,
  replacementField: progress.replacement?.field ?? null,
  parity: progress.parity,
  projectedEnd: progress.projectedEnd,
});

/** The plan of a route, one line for each step; null without one. */
export function rampView({ state, plan }: RouteState, waitingFor: readonly string[]) {
  const parsed = plan === null ? null : parseRampPlan(plan);
  if (state !== 'ramping' || parsed === null || 'problem' in parsed) return null;
  return {
    auto: parsed.plan.auto,
    steps: parsed.plan.steps.map(({ percent, gates }) => ({ percent, ...gates })),
    waitingFor,
  };
}

/** Values of a sample are shown to whoever may see all rows, and to the key whose call it was. */
export function sampleView(sample: SamplePair, principal: Principal) {
  const isShown =
    sample.keyId === principal.keyId ||
    (hasScope(principal, 'migration:write') && principal.scope.containers === 'all' && principal.fields === 'all');
  if (isShown) return { ...sample, isShown };
  return { ...sample, isShown, legacy: null, graph: null, call: withoutQuery(sample.call) };
}

const withoutQuery = (call: string): string => call.split('?', 1)[0]!;

export const ruleView = (rule: IgnoreRule, nowMs: number) => ({
  ...rule,
  isExpired: rule.expiresAt.getTime() <= nowMs,
});
