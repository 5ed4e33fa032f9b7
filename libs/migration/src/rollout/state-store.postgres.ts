import { sql } from 'kysely';
import { z } from 'zod';
import { createQueries, type Pool } from '@certfolio/database';
import type { Clock } from '@certfolio/core';
import { routeStateNames, untouchedState, type RouteState, type RouteStateName } from './route-state.ts';
import type { RouteStateChange, RouteStateStore } from './state-store.ts';

interface Row {
  route: string;
  /** '' for the state of the route. */
  key_id: string;
  state: RouteStateName;
  percent: number;
  deadline: Date | null;
  brownouts: unknown;
  sample_rate: number;
  plan: unknown;
  changed_at: Date;
  changed_by: string;
  reason: string;
  previous: string | null;
  version: number;
}

interface Tables {
  route_states: Row;
  route_state_revision: { revision: number };
}

const stored = z.object({
  state: z.enum(routeStateNames),
  previous: z.enum(routeStateNames).nullable(),
  brownouts: z.array(z.object({ from: z.coerce.date(), to: z.coerce.date() })),
});

export function createRouteStateStore(pool: Pool, { clock }: { readonly clock: Clock }): RouteStateStore {
  const db = createQueries<Tables>(pool);

  async function revision(executor = db): Promise<number> {
    const row = await executor.selectFrom('route_state_revision').select('revision').executeTakeFirst();
    return Number(row?.revision ?? 0);
  }

  return {
    revision: () => revision(),

    async all() {
      // One view of both, or a state could be older than the revision that is told with it.
      return db
        .transaction()
        .setIsolationLevel('repeatable read')
        .execute(async (tx) => ({
          revision: await revision(tx),
          states: (await tx.selectFrom('route_states').selectAll().orderBy('route').orderBy('key_id').execute()).map(
            stateOf,
          ),
        }));
    },

    async change(change, expected) {
      return db.transaction().execute(async (tx) => {
        await advance(tx);
        const row = await tx
          .selectFrom('route_states')
          .selectAll()
          .where('route', '=', change.route)
          .where('key_id', '=', change.keyId ?? '')
          .executeTakeFirst();
        const before = row === undefined ? { ...untouchedState(change.route), keyId: change.keyId } : stateOf(row);
        if (expected !== undefined && before.version !== expected) return null;
        const after = changed(before, change, new Date(clock.nowMs()));
        const values = rowOf(after);
        await tx
          .insertInto('route_states')
          .values(values)
          .onConflict((conflict) => conflict.columns(['route', 'key_id']).doUpdateSet(values))
          .execute();
        return after;
      });
    },

    async removeOverride(route, keyId) {
      return db.transaction().execute(async (tx) => {
        await advance(tx);
        const result = await tx
          .deleteFrom('route_states')
          .where('route', '=', route)
          .where('key_id', '=', keyId)
          .where('key_id', '<>', '')
          .executeTakeFirst();
        return result.numDeletedRows === 1n;
      });
    },

    async replaced() {
      // Further on than changes by hand ever bring it, or a process could have seen this revision of the other database.
      const step = Math.floor(clock.nowMs() / 1_000);
      await advance(db, step);
    },
  };
}

/** Its row is locked until the transaction ends: changes come one after the other, and none goes unseen. */
async function advance(db: ReturnType<typeof createQueries<Tables>>, by = 1): Promise<void> {
  await sql`
    insert into route_state_revision (revision) values (${by}::bigint)
    on conflict (one) do update set revision = route_state_revision.revision + ${by}::bigint`.execute(db);
}

function changed(before: RouteState, change: RouteStateChange, at: Date): RouteState {
  const after: RouteState = { ...before, ...change, changedAt: at, version: before.version + 1 };
  return after.state === before.state ? after : { ...after, previous: before.state };
}

function rowOf(state: RouteState): Row {
  return {
    route: state.route,
    key_id: state.keyId ?? '',
    state: state.state,
    percent: state.percent,
    deadline: state.deadline,
    brownouts: JSON.stringify(state.brownouts),
    sample_rate: state.sampleRate,
    plan: state.plan === null ? null : JSON.stringify(state.plan),
    changed_at: state.changedAt,
    changed_by: state.changedBy,
    reason: state.reason,
    previous: state.previous,
    version: state.version,
  };
}

function stateOf(row: Row): RouteState {
  return {
    ...stored.parse(row),
    route: row.route,
    keyId: row.key_id === '' ? null : row.key_id,
    percent: row.percent,
    deadline: row.deadline,
    sampleRate: row.sample_rate,
    plan: row.plan,
    changedAt: row.changed_at,
    changedBy: row.changed_by,
    reason: row.reason,
    version: row.version,
  };
}
