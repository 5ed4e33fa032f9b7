import { parityOf, type Parity, type ParityCount } from '../comparison/parity.ts';
import type { RouteState } from '../rollout/route-state.ts';
import { untouchedState } from '../rollout/route-state.ts';
import { catalogRoute } from '../routes/route-catalog.ts';
import { suggestTemplate } from '../routes/suggest-template.ts';
import type { RouteKey } from '../routes/legacy-route.ts';
import type { RestDayUse, RestUse } from '../usage/rest-usage.ts';
import { projectedEnd } from './projected-end.ts';

/** What the scoreboard is made of; everything belongs to the keys that its reader may see. */
export interface ScoreboardFacts {
  readonly states: readonly RouteState[];
  /** Of the days that are counted. */
  readonly uses: readonly RestUse[];
  /** Of the weeks that are projected from. */
  readonly days: readonly RestDayUse[];
  readonly parity: readonly ParityCount[];
  readonly nowMs: number;
}

/** How far a route, or one key on it, has come. */
export interface Progress {
  readonly state: RouteState;
  /** Without test traffic. */
  readonly calls: number;
  readonly lastCallAt: Date | null;
  readonly testCalls: number;
  /** Of the calls, those that the graph answered. */
  readonly fromGraph: number;
  /** Calls that CertCentral was not asked since the graph knew; below zero where the graph asked more than one for a call. */
  readonly upstreamCallsSaved: number;
  readonly parity: Parity;
  readonly projectedEnd: Date | null;
  /** What replaces the calls as they were seen; null when CertCentral alone can do it. */
  readonly replacement: { readonly template: string | null; readonly field: string } | null;
}

export interface KeyProgress extends Progress {
  readonly keyId: string;
  /** The key has a state of its own on this route. */
  readonly isOverride: boolean;
}

export interface RouteProgress extends Progress {
  readonly route: string;
  /** By calls, the most first. */
  readonly keys: readonly KeyProgress[];
  /** By rate of differences, the highest first; whole answers are not among them. */
  readonly fields: readonly (Parity & { readonly field: string })[];
}

/** Routes that were called, compared or given a state, in the order of the catalog, then by name. */
export function scoreboard(facts: ScoreboardFacts, order: readonly string[]): RouteProgress[] {
  const named = new Set([
    ...facts.uses.map(({ route }) => route),
    ...facts.states.map(({ route }) => route),
    ...facts.parity.map(({ route }) => route),
  ]);
  const place = new Map(order.map((route, at) => [route, at]));
  const at = (route: string) => place.get(route) ?? order.length;
  return [...named].sort((a, b) => at(a) - at(b) || (a < b ? -1 : 1)).map((route) => routeProgress(route, facts));
}

/** Of one route, also of one that nobody called or touched. */
export function routeProgress(route: string, all: ScoreboardFacts): RouteProgress {
  const facts = {
    ...all,
    states: all.states.filter((each) => each.route === route),
    uses: all.uses.filter((each) => each.route === route),
    days: all.days.filter((each) => each.route === route),
    parity: all.parity.filter((each) => each.route === route),
  };
  const state = facts.states.find(({ keyId }) => keyId === null) ?? untouchedState(route);
  const keyIds = new Set([
    ...facts.uses.map(({ keyId }) => keyId),
    ...facts.parity.map(({ keyId }) => keyId),
    ...facts.states.flatMap(({ keyId }) => (keyId === null ? [] : [keyId])),
  ]);
  const keys = [...keyIds].map((keyId): KeyProgress => {
    const own = facts.states.find((each) => each.keyId === keyId);
    return {
      keyId,
      isOverride: own !== undefined,
      ...progress(route, own ?? state, {
        ...facts,
        uses: facts.uses.filter((each) => each.keyId === keyId),
        days: facts.days.filter((each) => each.keyId === keyId),
        parity: facts.parity.filter((each) => each.keyId === keyId),
      }),
    };
  });
  return {
    route,
    ...progress(route, state, facts),
    keys: keys.sort((a, b) => b.calls - a.calls || (a.keyId < b.keyId ? -1 : 1)),
    fields: fieldsOf(facts.parity),
  };
}

function progress(route: string, state: RouteState, facts: ScoreboardFacts): Progress {
  const real = facts.uses.filter(({ isTest }) => !isTest);
  const sum = (uses: readonly RestUse[], count: (use: RestUse) => number) =>
    uses.reduce((total, use) => total + count(use), 0);
  const last = real.reduce((latest, { lastUsedAt }) => Math.max(latest, lastUsedAt.getTime()), 0);
  return {
    state,
    calls: sum(real, ({ calls }) => calls),
    lastCallAt: last === 0 ? null : new Date(last),
    testCalls: sum(facts.uses, ({ isTest, calls }) => (isTest ? calls : 0)),
    fromGraph: sum(real, ({ fromGraph }) => fromGraph),
    upstreamCallsSaved: sum(real, ({ calls, refused, upstreamCalls }) => calls - refused - upstreamCalls),
    parity: parityOf(facts.parity.filter(({ field }) => field === '')),
    projectedEnd: projectedEnd(
      facts.days.filter(({ isTest }) => !isTest),
      facts.nowMs,
    ),
    replacement: replacementOf(route, real),
  };
}

/** By the parameters of the shape that was called most; of a route that nobody called, by none. */
function replacementOf(route: string, uses: readonly RestUse[]): Progress['replacement'] {
  const known = catalogRoute(route as RouteKey);
  if (known === null) return null;
  const busiest = uses.reduce<RestUse | null>(
    (most, use) => (most === null || use.calls > most.calls ? use : most),
    null,
  );
  const suggestion = suggestTemplate(
    known.key,
    (busiest?.shape ?? '').split(',').filter((name) => name !== ''),
  );
  return suggestion === null ? null : { template: suggestion.template, field: suggestion.field };
}

function fieldsOf(counts: readonly ParityCount[]): RouteProgress['fields'] {
  const byField = Map.groupBy(
    counts.filter(({ field }) => field !== ''),
    ({ field }) => field,
  );
  return [...byField]
    .map(([field, those]) => ({ field, ...parityOf(those) }))
    .sort(
      (a, b) => (a.equalRate ?? 1) - (b.equalRate ?? 1) || b.different - a.different || (a.field < b.field ? -1 : 1),
    );
}
