import { BadUserInput, readOf, type OrderCondition, type RequestContext } from '@certfolio/core';
import { instantRange } from '@certfolio/graph-kit';
import type { OrderFilterInput } from './filters.ts';
import { historyFields, type HistoryLoader } from './history-loader.ts';
import { isActiveUser } from './ownership.ts';
import type { UserLoader } from './user-loader.ts';

/** Conditions of filter members that orders by themselves do not decide, looked up before orders are read. */
export interface FilterLookups {
  /** @param zone of the filter that the member stands in */
  revokedSince(day: string, zone: string): readonly OrderCondition[];
  userIsActive(isActive: boolean): readonly OrderCondition[];
}

export interface LookupSources {
  users(): UserLoader;
  history(): HistoryLoader;
  readonly context: RequestContext;
  readonly nowMs: number;
}

const isRevoked: OrderCondition = { op: 'in', field: 'status', values: ['revoked'] };

/** Looks up what the filter and those inside it ask for; a filter without such members costs nothing. */
export async function lookUpFor(
  filter: OrderFilterInput | null | undefined,
  sources: LookupSources,
): Promise<FilterLookups> {
  const members = [...filtersIn(filter, 'UTC')];
  const active = members.some(({ filter: one }) => one.userIsActive != null) ? await activeUsers(sources) : [];
  const revoked = new Map<string, readonly OrderCondition[]>();
  for (const { filter: one, zone } of members)
    if (one.revokedSince != null) {
      const key = `${zone} ${one.revokedSince}`;
      if (!revoked.has(key)) revoked.set(key, await revokedConditions(one.revokedSince, zone, sources));
    }
  return {
    revokedSince: (day, zone) => revoked.get(`${zone} ${day}`) ?? [isRevoked],
    userIsActive(isActive) {
      const isOfActive: OrderCondition = { op: 'in', field: 'userId', values: active };
      if (isActive) return [isOfActive];
      return [
        { op: 'not', condition: isOfActive },
        { op: 'isNull', field: 'userId', isNull: false },
      ];
    },
  };
}

function* filtersIn(
  filter: OrderFilterInput | null | undefined,
  outerZone: string,
): Generator<{ readonly filter: OrderFilterInput; readonly zone: string }> {
  if (filter == null) return;
  const zone = filter.timeZone ?? outerZone;
  yield { filter, zone };
  for (const one of filter.anyOf ?? []) yield* filtersIn(one, zone);
  yield* filtersIn(filter.not, zone);
}

async function activeUsers({ users }: LookupSources): Promise<readonly number[]> {
  return [...(await users().all()).values()].filter(isActiveUser).map(({ id }) => id);
}

/**
 * Orders that are revoked and may have become so since. Where changes are known for a shorter time, none that is revoked can be
 * ruled out; without any history all are taken and the answer says so.
 */
async function revokedConditions(
  day: string,
  zone: string,
  sources: LookupSources,
): Promise<readonly OrderCondition[]> {
  const { context, nowMs } = sources;
  const { history } = sources.history();
  const { gte } = instantRange({ gte: day }, { nowMs, zone });
  if (gte === undefined) throw new BadUserInput('revokedSince needs a day.');
  if (context.planOnly) return [isRevoked];
  const known = history === null ? null : await history.known();
  if (history === null || known === null) {
    context.ledger.cannotGive(historyFields.firstSeenRevoked);
    return [isRevoked];
  }
  if (known.since > gte) return [isRevoked];
  const ids = await history.revokedSince(gte, readOf(context));
  return [isRevoked, { op: 'in', field: 'id', values: ids }];
}
