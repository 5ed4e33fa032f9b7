import { sql } from 'kysely';
import { everything, perGroup, type Clock, type FieldGroup, type GroupState, type MirrorState } from '@certfolio/core';
import type { Pool } from '@certfolio/database';
import { lacks } from './backfill-tasks.ts';
import { lacksCopies } from './certificate-lookup.postgres.ts';
import { visibleOrders } from './sql-conditions.ts';
import { rowsOf } from './statements.postgres.ts';

export interface MirrorStateCache {
  get(): Promise<MirrorState>;
  /** The next `get` looks again. */
  forget(): void;
}

/** Another process may have written: what was seen is believed for so long. */
const keptMs = 1_000;

/** Readers at the same moment share one look. */
export function createMirrorStateCache(pool: Pool, upstreamId: number, clock: Clock): MirrorStateCache {
  let kept: { readonly state: Promise<MirrorState>; readonly untilMs: number } | null = null;
  return {
    get() {
      if (kept !== null && clock.monotonicMs() < kept.untilMs) return kept.state;
      const looked = { state: readState(pool, upstreamId), untilMs: clock.monotonicMs() + keptMs };
      kept = looked;
      looked.state.catch(() => {
        if (kept === looked) kept = null;
      });
      return looked.state;
    },
    forget() {
      kept = null;
    },
  };
}

/** One statement, so that all numbers belong together. */
async function readState(pool: Pool, upstreamId: number): Promise<MirrorState> {
  const present = visibleOrders(upstreamId, everything);
  const [row] = await rowsOf<[number, number, number, number, number | null, number | null, StoredGroup[] | null]>(
    pool,
    sql`select
          (select count(*) from mirror_orders where ${present}),
          (select count(*) from mirror_orders where ${present} and info_at is null),
          (select count(*) from mirror_orders where ${present} and ${sql.raw(lacks.key)}),
          (select count(*) from mirror_orders where ${present} and ${lacksCopies}),
          (select upstream_total from mirrors where upstream_id = ${upstreamId}),
          (select version from mirrors where upstream_id = ${upstreamId}),
          (select jsonb_agg(jsonb_build_object('name', name, 'asOfMs', floor(extract(epoch from as_of) * 1000), 'isComplete', is_complete))
             from mirror_groups where upstream_id = ${upstreamId})`,
  );
  const [orders, infosMissing, keysMissing, copiesMissing, upstreamTotal, version, stored] = row!;
  const groups = new Map((stored ?? []).map((group) => [group.name, group]));
  const stateOf = (name: FieldGroup): GroupState => {
    const { asOfMs = null, isComplete = false } = groups.get(name === 'key' ? 'tracked' : name) ?? {};
    if (name === 'key') return { isComplete: isComplete && keysMissing === 0, asOfMs, missing: keysMissing };
    // Rows do not say which of the other groups they have: until a fill ended, nothing may be expected of any.
    const unread = isComplete ? 0 : Math.max(orders, upstreamTotal ?? 0);
    return { isComplete, asOfMs, missing: name === 'info' ? infosMissing : unread };
  };
  return {
    orders,
    upstreamTotal,
    groups: perGroup(stateOf),
    copiesMissing,
    version: version ?? 0,
  };
}

interface StoredGroup {
  readonly name: string;
  readonly asOfMs: number | null;
  readonly isComplete: boolean;
}
