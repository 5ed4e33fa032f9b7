import { sql } from 'kysely';
import { createQueries, type Pool } from '@certfolio/database';
import type { RestDayUse, RestFallback, RestUsageFilter, RestUsageStore, RestUse } from './rest-usage.ts';

export function createRestUsageStore(pool: Pool): RestUsageStore {
  const db = createQueries<object>(pool);
  const within = ({ keyIds, route, since }: RestUsageFilter) => sql`
    (${keyIds === undefined ? null : [...keyIds]}::text[] is null or key_id = any(${keyIds === undefined ? null : [...keyIds]}::text[]))
    and (${route ?? null}::text is null or route = ${route ?? null})
    and (${since ?? null}::timestamptz is null or day >= (${since ?? null}::timestamptz at time zone 'utc')::date)`;

  return {
    async add(uses, fallbacks) {
      if (uses.length + fallbacks.length === 0) return;
      // In the order of the primary keys, so that two processes that write the same rows cannot wait for each other.
      const used = uses.toSorted(
        (a, b) =>
          compare(a.keyId, b.keyId) ||
          compare(a.route, b.route) ||
          compare(a.shape, b.shape) ||
          compare(a.userAgent, b.userAgent) ||
          Number(a.isTest) - Number(b.isTest) ||
          a.lastUsedAt.getTime() - b.lastUsedAt.getTime(),
      );
      const fell = fallbacks.toSorted(
        (a, b) => compare(a.keyId, b.keyId) || compare(a.route, b.route) || compare(a.reason, b.reason),
      );
      const column = <K extends keyof RestUse>(name: K) => used.map((use) => use[name]);
      const fallen = <K extends keyof RestFallback>(name: K) => fell.map((fallback) => fallback[name]);
      await sql`
        with u as (
          insert into rest_uses (key_id, route, shape, user_agent, is_test, day, calls, from_graph, refused, failed, upstream_calls, first_used_at, last_used_at)
          select key_id, route, shape, user_agent, is_test, (last_at at time zone 'utc')::date, calls, from_graph, refused, failed, upstream_calls, first_at, last_at
          from unnest(
            ${column('keyId')}::text[], ${column('route')}::text[], ${column('shape')}::text[], ${column('userAgent')}::text[], ${column('isTest')}::boolean[],
            ${column('calls')}::bigint[], ${column('fromGraph')}::bigint[], ${column('refused')}::bigint[], ${column('failed')}::bigint[], ${column('upstreamCalls')}::bigint[],
            ${column('firstUsedAt')}::timestamptz[], ${column('lastUsedAt')}::timestamptz[]
          ) as u (key_id, route, shape, user_agent, is_test, calls, from_graph, refused, failed, upstream_calls, first_at, last_at)
          on conflict (key_id, route, shape, user_agent, is_test, day) do update set
            calls = rest_uses.calls + excluded.calls,
            from_graph = rest_uses.from_graph + excluded.from_graph,
            refused = rest_uses.refused + excluded.refused,
            failed = rest_uses.failed + excluded.failed,
            upstream_calls = rest_uses.upstream_calls + excluded.upstream_calls,
            first_used_at = least(rest_uses.first_used_at, excluded.first_used_at),
            last_used_at = greatest(rest_uses.last_used_at, excluded.last_used_at)
        )
        insert into rest_fallbacks (key_id, route, reason, day, calls, last_used_at)
        select key_id, route, reason, (last_at at time zone 'utc')::date, calls, last_at
        from unnest(
          ${fallen('keyId')}::text[], ${fallen('route')}::text[], ${fallen('reason')}::text[], ${fallen('calls')}::bigint[], ${fallen('lastUsedAt')}::timestamptz[]
        ) as f (key_id, route, reason, calls, last_at)
        on conflict (key_id, route, reason, day) do update set
          calls = rest_fallbacks.calls + excluded.calls,
          last_used_at = greatest(rest_fallbacks.last_used_at, excluded.last_used_at)`.execute(db);
    },

    async uses(filter) {
      const { rows } = await sql<RestUse>`
        select key_id as "keyId", route, shape, user_agent as "userAgent", is_test as "isTest",
          sum(calls)::bigint as calls, sum(from_graph)::bigint as "fromGraph", sum(refused)::bigint as refused,
          sum(failed)::bigint as failed, sum(upstream_calls)::bigint as "upstreamCalls",
          min(first_used_at) as "firstUsedAt", max(last_used_at) as "lastUsedAt"
        from rest_uses where ${within(filter)}
        group by key_id, route, shape, user_agent, is_test
        order by key_id, route, shape, user_agent, is_test`.execute(db);
      return rows;
    },

    async fallbacks(filter) {
      const { rows } = await sql<RestFallback>`
        select key_id as "keyId", route, reason, sum(calls)::bigint as calls, max(last_used_at) as "lastUsedAt"
        from rest_fallbacks where ${within(filter)}
        group by key_id, route, reason order by key_id, route, reason`.execute(db);
      return rows;
    },

    async days(filter) {
      const { rows } = await sql<RestDayUse>`
        select key_id as "keyId", route, to_char(day, 'YYYY-MM-DD') as day, is_test as "isTest",
          sum(calls)::bigint as calls, sum(from_graph)::bigint as "fromGraph"
        from rest_uses where ${within(filter)}
        group by key_id, route, day, is_test order by day desc, key_id, route, is_test`.execute(db);
      return rows;
    },

    async forget(before) {
      const { rows } = await sql<{ readonly gone: number }>`
        with u as (delete from rest_uses where day < (${before}::timestamptz at time zone 'utc')::date returning 1),
          f as (delete from rest_fallbacks where day < (${before}::timestamptz at time zone 'utc')::date returning 1)
        select (select count(*) from u) + (select count(*) from f) as gone`.execute(db);
      return Number(rows[0]?.gone ?? 0);
    },
  };
}

/** As the collation "C" orders. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
