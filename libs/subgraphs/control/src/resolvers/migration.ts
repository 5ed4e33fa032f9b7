import { BadUserInput, hasScope, type Clock, type Principal, type RequestContext } from '@certfolio/core';
import type { Resolvers } from '@certfolio/graph-kit';
import {
  findRoute,
  lookAtRamp,
  projectionWeeks,
  routeCatalog,
  routeProgress,
  scoreboard,
  type CatalogRoute,
  type RouteProgress,
} from '@certfolio/migration';
import type { ControlPorts } from '../ports.ts';
import { migrationMutations } from './migration-changes.ts';
import { rampView, routeView, ruleView, sampleView, type NamedKey, type RouteView } from './migration-views.ts';

const dayMs = 86_400_000;
const maxDays = 90;
const maxSamples = 100;
const maxFields = 400;

interface MigrationArguments {
  readonly route?: string | null;
  readonly keyId?: string | null;
  readonly days: number;
}

/** @throws BadUserInput naming the nearest route */
export function routeOf(text: string): CatalogRoute {
  const found = findRoute(text);
  if (found.kind === 'found') return found.route;
  const hint = found.nearest === null ? '' : ` Did you mean "${found.nearest}"?`;
  throw new BadUserInput(`There is no route "${text.slice(0, 120)}".${hint}`, { nearest: found.nearest });
}

/** Routes on their way off REST, with the keys that call them. */
export function migrationResolvers(
  { keys, migration }: Pick<ControlPorts, 'keys' | 'migration'>,
  clock: Clock,
): Resolvers {
  const { states, usage, comparisons } = migration;
  const isAdministrator = (principal: Principal) => hasScope(principal, 'migration:write');

  /** Keys whose rows the caller may see, with their names; what is not in it is shown without a name, where it may be. */
  async function visibleKeys(principal: Principal) {
    const own = new Map<string, NamedKey>([[principal.keyId, { name: principal.keyName, owner: principal.owner }]]);
    if (!isAdministrator(principal)) return { named: own, keyIds: [principal.keyId], isShown: () => true };
    const all = await keys.list();
    const ofOthers = new Set(
      hasScope(principal, 'admin')
        ? []
        : all.filter(({ account }) => account !== principal.account).map(({ id }) => id),
    );
    const named = new Map(all.map(({ id, name, owner }) => [id, { name, owner }]));
    return { named, keyIds: undefined, isShown: (keyId: string) => !ofOthers.has(keyId) };
  }

  async function rows(
    { route, keyId, days }: { route?: string; keyId?: string; days: number },
    { principal }: RequestContext,
  ): Promise<RouteView[]> {
    const visible = await visibleKeys(principal);
    const asked = keyId === undefined ? undefined : ((await keys.show(keyId))?.id ?? keyId);
    const keyIds = asked === undefined ? visible.keyIds : [asked].filter((id) => visible.keyIds?.includes(id) ?? true);
    const isShown = (id: string) => visible.isShown(id) && (keyIds?.includes(id) ?? true);
    const nowMs = clock.nowMs();
    const filter = { ...(keyIds === undefined ? {} : { keyIds }), ...(route === undefined ? {} : { route }) };
    const since = (count: number) => new Date((Math.floor(nowMs / dayMs) - count + 1) * dayMs);
    const [all, uses, dayUses, parity] = await Promise.all([
      states.all(),
      usage.uses({ ...filter, since: since(days) }),
      usage.days({ ...filter, since: since(projectionWeeks * 7 + 1) }),
      comparisons.parity({ ...filter, since: since(days) }),
    ]);
    const facts = {
      states: all.states.filter(
        (state) => (route === undefined || state.route === route) && (state.keyId === null || isShown(state.keyId)),
      ),
      uses: uses.filter((use) => isShown(use.keyId)),
      days: dayUses.filter((use) => isShown(use.keyId)),
      parity: parity.filter((count) => isShown(count.keyId)),
      nowMs,
    };
    const progress =
      route === undefined
        ? scoreboard(
            facts,
            routeCatalog.map(({ key }) => key),
          )
        : [routeProgress(route, facts)];
    return progress.map((each) => routeView(each, visible.named, migration.isServed(each.route)));
  }

  const rowOf = async (route: string, context: RequestContext): Promise<RouteView> =>
    (await rows({ route, days: maxDays }, context))[0]!;

  return {
    Query: {
      migration: async (_root, { route, keyId, days }: MigrationArguments, context) => {
        if (!(days >= 1 && days <= maxDays)) throw new BadUserInput(`"days" is ${days}; it may be 1 to ${maxDays}.`);
        const routes = await rows(
          { ...(route == null ? {} : { route: routeOf(route).key }), ...(keyId == null ? {} : { keyId }), days },
          context,
        );
        return {
          routes,
          rules: (await comparisons.rules()).map((rule) => ruleView(rule, clock.nowMs())),
          upstreamCallsSaved: routes.reduce((sum, each) => sum + each.upstreamCallsSaved, 0),
        };
      },
    },
    Mutation: migrationMutations({ keys, migration }, clock, { routeOf, rowOf }),
    MigrationRoute: {
      fields: ({ progress }: { progress: RouteProgress }, { first }: { first: number }) =>
        progress.fields.slice(0, countOf(first, maxFields)).map(({ field, ...parity }) => ({ field, parity })),
      async ramp({ progress }: { progress: RouteProgress }) {
        const { state } = progress;
        if (state.state !== 'ramping') return null;
        const decision = await lookAtRamp(state, comparisons, clock.nowMs());
        return rampView(state, decision.kind === 'stay' ? decision.waitingFor : []);
      },
      async samples({ route, progress }: RouteView, { first }: { first: number }, { principal }) {
        const limit = countOf(first, maxSamples);
        // The keys of a row are those that the caller may see.
        const keyIds = progress.keys.map(({ keyId }) => keyId);
        const found = await comparisons.samples({ route, keyIds, limit });
        return found.map((sample) => sampleView(sample, principal));
      },
      async fallbacks({ route, progress }: RouteView) {
        const found = await usage.fallbacks({ route, keyIds: progress.keys.map(({ keyId }) => keyId) });
        const byReason = Map.groupBy(found, ({ reason }) => reason);
        return [...byReason]
          .map(([reason, those]) => ({
            reason,
            calls: those.reduce((sum, { calls }) => sum + calls, 0),
            lastUsedAt: new Date(Math.max(...those.map(({ lastUsedAt }) => lastUsedAt.getTime()))),
          }))
          .sort((a, b) => b.calls - a.calls);
      },
    },
  };
}

function countOf(first: number, most: number): number {
  if (first >= 0 && first <= most) return first;
  throw new BadUserInput(`"first" is ${first}; it may be 0 to ${most}.`);
}
