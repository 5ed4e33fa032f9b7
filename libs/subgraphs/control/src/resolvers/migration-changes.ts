import { BadUserInput, type Clock, type RequestContext } from '@certfolio/core';
import type { Resolver } from '@certfolio/graph-kit';
import {
  changeRamp,
  changeState,
  isAhead,
  maxReasonChars,
  patternProblem,
  rollBack,
  routeStateNames,
  untouchedState,
  type CatalogRoute,
  type ProposedChange,
  type RampGates,
  type RouteState,
  type WantedState,
} from '@certfolio/migration';
import { fromEnumName } from '../enum-names.ts';
import type { ControlPorts } from '../ports.ts';
import { requireScope } from '../require-scope.ts';
import { ruleView } from './migration-views.ts';

/** Rules that there may be. */
const maxRules = 500;
const longestRuleMs = 366 * 86_400_000;

interface Reads {
  readonly routeOf: (text: string) => CatalogRoute;
  readonly rowOf: (route: string, context: RequestContext) => Promise<unknown>;
}

interface SetArguments {
  readonly route: string;
  readonly state: string;
  readonly keyId?: string | null;
  readonly deadline?: string | null;
  readonly brownouts?: readonly { readonly from: string; readonly to: string }[] | null;
  readonly sampleRate?: number | null;
  readonly reason: string;
}

interface RampArguments {
  readonly route: string;
  readonly percent?: number | null;
  readonly plan?: {
    readonly steps: readonly ({ readonly percent: number } & RampGates)[];
    readonly auto: boolean;
  } | null;
  readonly reason: string;
}

interface RuleArguments {
  readonly route?: string | null;
  readonly field: string;
  readonly reason: string;
  readonly expiresAt: string;
}

/** What changes a route or what is ignored of it; each asks for its scope before it looks at anything. */
export function migrationMutations(
  { keys, migration }: Pick<ControlPorts, 'keys' | 'migration'>,
  clock: Clock,
  { routeOf, rowOf }: Reads,
): Record<string, Resolver> {
  const { states, comparisons } = migration;
  const what = 'change how REST routes are answered';
  const to = (route: CatalogRoute) => ({ route, isServed: migration.isServed(route.key) });

  async function idOf(idOrName: string): Promise<string> {
    const found = await keys.show(idOrName);
    if (found === null) throw new BadUserInput('There is no key of this id or name.');
    return found.id;
  }

  /** The state in force: the key's own, or the route's. */
  async function current(route: string, keyId: string | null): Promise<RouteState> {
    const all = await everyState(route);
    const of = (id: string | null) => all.find((state) => state.keyId === id);
    return (keyId === null ? undefined : of(keyId)) ?? of(null) ?? untouchedState(route);
  }

  const everyState = async (route: string) => (await states.all()).states.filter((state) => state.route === route);

  async function apply(
    proposed: ProposedChange,
    { route, keyId }: { readonly route: string; readonly keyId: string | null },
    context: RequestContext,
  ): Promise<void> {
    if ('problem' in proposed) throw new BadUserInput(proposed.problem);
    await states.change({ route, keyId, changedBy: context.principal.keyId, ...proposed.change });
  }

  return {
    setRoute: async (_root, args: SetArguments, context) => {
      requireScope(context.principal, 'migration:write', what);
      const route = routeOf(args.route);
      const keyId = args.keyId == null ? null : await idOf(args.keyId);
      const state = fromEnumName(routeStateNames, args.state)!;
      const wanted: WantedState = {
        state,
        reason: args.reason,
        sampleRate: args.sampleRate ?? null,
        ...instantsOf(args),
      };
      const proposed = changeState(to(route), await current(route.key, keyId), wanted, clock.nowMs());
      await apply(proposed, { route: route.key, keyId }, context);
      return rowOf(route.key, context);
    },

    inheritRoute: async (_root, args: { route: string; keyId: string }, context) => {
      requireScope(context.principal, 'migration:write', what);
      const route = routeOf(args.route);
      if (!(await states.removeOverride(route.key, await idOf(args.keyId))))
        throw new BadUserInput('The key has no state of its own on this route.');
      return rowOf(route.key, context);
    },

    rampRoute: async (_root, args: RampArguments, context) => {
      requireScope(context.principal, 'migration:write', what);
      const route = routeOf(args.route);
      const plan =
        args.plan == null
          ? null
          : {
              auto: args.plan.auto,
              steps: args.plan.steps.map(({ percent, ...gates }) => ({ percent, gates: { ...gates } })),
            };
      const proposed = changeRamp(to(route), await current(route.key, null), { ...args, plan });
      await apply(proposed, { route: route.key, keyId: null }, context);
      return rowOf(route.key, context);
    },

    rollBackRoute: async (_root, args: { route: string; keyId?: string | null; reason: string }, context) => {
      requireScope(context.principal, 'migration:write', what);
      const route = routeOf(args.route);
      const keyId = args.keyId == null ? null : await idOf(args.keyId);
      const of = keyId === null ? await everyState(route.key) : [{ ...(await current(route.key, keyId)), keyId }];
      const ahead = of.filter(isAhead);
      if (ahead.length === 0) throw new BadUserInput(`${route.key} is answered by CertCentral already.`);
      for (const state of ahead)
        await apply(rollBack(state, args.reason), { route: route.key, keyId: state.keyId }, context);
      return rowOf(route.key, context);
    },

    addIgnoreRule: async (_root, args: RuleArguments, context) => {
      requireScope(context.principal, 'migration:write', what);
      const nowMs = clock.nowMs();
      const expiresAt = new Date(args.expiresAt);
      const problem =
        patternProblem(args.field) ?? reasonProblem(args.reason) ?? expiryProblem(expiresAt.getTime() - nowMs);
      if (problem !== null) throw new BadUserInput(`The rule cannot be: ${problem}.`);
      if ((await comparisons.rules()).length >= maxRules)
        throw new BadUserInput(`There are ${maxRules} rules; remove one first.`);
      const rule = {
        id: migration.newRuleId(),
        route: args.route == null ? null : routeOf(args.route).key,
        field: args.field,
        reason: args.reason,
        expiresAt,
        createdAt: new Date(nowMs),
        createdBy: context.principal.keyId,
      };
      await comparisons.addRule(rule);
      return ruleView(rule, nowMs);
    },

    removeIgnoreRule: (_root, { id }: { id: string }, context) => {
      requireScope(context.principal, 'migration:write', what);
      return comparisons.removeRule(id);
    },
  };
}

/** What was not said stays absent, so that it stays as it is. */
function instantsOf({ deadline, brownouts }: SetArguments): Pick<WantedState, 'deadline' | 'brownouts'> {
  return {
    ...(deadline === undefined ? {} : { deadline: deadline === null ? null : new Date(deadline) }),
    ...(brownouts == null
      ? {}
      : { brownouts: brownouts.map(({ from, to }) => ({ from: new Date(from), to: new Date(to) })) }),
  };
}

function reasonProblem(reason: string): string | null {
  if (reason.trim() === '') return 'a reason is needed, which the next one to look will want to know';
  return reason.length <= maxReasonChars ? null : `a reason has at most ${maxReasonChars} characters`;
}

function expiryProblem(inMs: number): string | null {
  if (inMs <= 0) return 'it would have expired already';
  return inMs <= longestRuleMs
    ? null
    : 'it expires within a year, since what is to differ for good is a rule of the product';
}
