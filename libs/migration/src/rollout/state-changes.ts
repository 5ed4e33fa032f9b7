import type { CatalogRoute } from '../routes/legacy-route.ts';
import { defaultGates, parseRampPlan, rampPlan, type RampPlan } from './plan.ts';
import type { Brownout, RouteState, RouteStateName } from './route-state.ts';
import type { RouteStateChange } from './state-store.ts';

/** A route, and whether the graph can answer it. */
export interface ChangedRoute {
  readonly route: CatalogRoute;
  readonly isServed: boolean;
}

type Change = Omit<RouteStateChange, 'changedBy' | 'route' | 'keyId'>;
export type ProposedChange =
  | { readonly change: Change }
  /** A sentence. */
  | { readonly problem: string };

export interface WantedState {
  readonly state: RouteStateName;
  readonly deadline?: Date | null;
  readonly brownouts?: readonly Brownout[] | null;
  readonly sampleRate?: number | null;
  readonly reason: string;
}

export interface WantedRamp {
  /** Of the keys; absent: the first step of the plan, or the next one of the plan in force. */
  readonly percent?: number | null;
  readonly plan?: RampPlan | null;
  readonly reason: string;
}

export const maxBrownouts = 50;
export const maxReasonChars = 500;
const answeredByGraph: ReadonlySet<RouteStateName> = new Set(['ramping', 'served', 'sunset', 'gone']);

/** Answered by CertCentral for nobody, or not for all: there is something to take back. */
export const isAhead = ({ state }: Pick<RouteState, 'state'>): boolean => answeredByGraph.has(state);

/** Puts a route into a state other than `ramping`, which has a plan. */
export function changeState(to: ChangedRoute, current: RouteState, wanted: WantedState, nowMs: number): ProposedChange {
  const { state, deadline, brownouts, sampleRate, reason } = wanted;
  const problem =
    (state === 'proxied' ? null : unservedProblem(to)) ??
    (state === 'ramping' ? 'A ramp has a percentage; use "migrate ramp".' : null) ??
    reasonProblem(reason) ??
    rateProblem(sampleRate ?? null) ??
    deadlineProblem(state, deadline === undefined ? current.deadline : deadline, nowMs) ??
    brownoutProblem(state, brownouts ?? [], nowMs);
  if (problem !== null) return { problem };
  return {
    change: {
      state,
      reason,
      percent: 0,
      plan: null,
      ...(deadline === undefined ? {} : { deadline }),
      ...(brownouts == null ? {} : { brownouts }),
      ...(sampleRate == null ? {} : { sampleRate }),
    },
  };
}

/** Begins a ramp, or takes another step of it. */
export function changeRamp(to: ChangedRoute, current: RouteState, wanted: WantedRamp): ProposedChange {
  const problem = unservedProblem(to) ?? reasonProblem(wanted.reason);
  if (problem !== null) return { problem };
  const kept = keptPlan(current);
  const percent = wanted.percent ?? wanted.plan?.steps[0]?.percent ?? nextPercent(kept, current);
  if (percent === null)
    return { problem: `There is no plan with a further step for ${to.route.key}; name a percentage or a plan.` };
  if (!(percent > 0 && percent <= 100))
    return { problem: `${percent} % is none of 0 to 100; "migrate rollback" goes back to 0.` };
  const fits = kept !== null && kept.steps.some((step) => step.percent >= percent);
  const plan = wanted.plan ?? (fits ? kept : rampPlan([percent], defaultGates, false));
  const parsed = parseRampPlan(plan);
  if ('problem' in parsed) return { problem: `The plan cannot be: ${parsed.problem}.` };
  if (!plan.steps.some((step) => step.percent >= percent))
    return { problem: `${percent} % is beyond the last step of the plan.` };
  return { change: { state: 'ramping', percent, plan, reason: wanted.reason } };
}

/** CertCentral answers again, and is compared with; the plan stays, so that the ramp can be taken up. */
export function rollBack(current: RouteState, reason: string): ProposedChange {
  const problem = reasonProblem(reason);
  if (problem !== null) return { problem };
  return {
    change: { state: 'shadowed', percent: 0, reason: reason === '' ? `Rolled back from ${current.state}.` : reason },
  };
}

function keptPlan({ plan }: RouteState): RampPlan | null {
  const parsed = plan === null ? null : parseRampPlan(plan);
  return parsed !== null && 'plan' in parsed ? parsed.plan : null;
}

function nextPercent(plan: RampPlan | null, { state, percent }: RouteState): number | null {
  const from = state === 'ramping' ? percent : 0;
  return plan?.steps.find((step) => step.percent > from)?.percent ?? null;
}

const unservedProblem = ({ route, isServed }: ChangedRoute): string | null =>
  isServed ? null : `${route.key} is answered by CertCentral alone, so it stays "proxied".`;

const reasonProblem = (reason: string): string | null =>
  reason.length <= maxReasonChars ? null : `A reason has at most ${maxReasonChars} characters.`;

const rateProblem = (rate: number | null): string | null =>
  rate === null || (rate >= 0 && rate <= 1) ? null : `A sample rate is 0 to 1, not ${rate}.`;

function deadlineProblem(state: RouteStateName, deadline: Date | null, nowMs: number): string | null {
  if (state !== 'sunset') return null;
  if (deadline === null) return 'A route in "sunset" needs a deadline, which callers are told.';
  return deadline.getTime() > nowMs ? null : `The deadline ${deadline.toISOString()} is over.`;
}

function brownoutProblem(state: RouteStateName, brownouts: readonly Brownout[], nowMs: number): string | null {
  if (brownouts.length === 0) return null;
  if (state !== 'sunset') return 'Brown-outs are for a route in "sunset".';
  if (brownouts.length > maxBrownouts) return `There are at most ${maxBrownouts} brown-outs.`;
  const wrong = brownouts.find(({ from, to }) => !(from < to));
  if (wrong !== undefined) return `A brown-out ends after it begins, unlike ${wrong.from.toISOString()}.`;
  const over = brownouts.find(({ to }) => to.getTime() <= nowMs);
  return over === undefined ? null : `The brown-out until ${over.to.toISOString()} is over.`;
}
