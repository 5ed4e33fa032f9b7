import type { Pool } from '@certfolio/database';
import type { PoolClient } from 'pg';
import { perGroup, type FieldGroup } from '@certfolio/core';
import { lacks } from './backfill-tasks.ts';

type Queries = Pick<Pool | PoolClient, 'query'>;

/** How old a group is, as the mirror keeps it. */
export interface GroupRecord {
  readonly asOfMs: number | null;
  readonly isComplete: boolean;
  /** How long the last reading of it took. */
  readonly tookMs: number | null;
}

/** What the upstream key turned out to be allowed. Asked again now and then: rights change. */
export interface Abilities {
  readonly report: boolean;
  readonly custom: boolean;
  /** When a refusal was met last. */
  readonly refusedAtMs: number | null;
}

export interface MirrorCounts {
  readonly orders: number;
  readonly upstreamTotal: number | null;
  /** Orders whose info has to be read. */
  readonly infoMissing: number;
  /** Orders whose duplicates or reissues have to be read. */
  readonly copiesMissing: number;
  readonly oldestInfoMs: number | null;
}

export interface RoundRecord {
  readonly kind: string;
  readonly atMs: number;
  readonly calls: number;
  readonly changes: number;
  readonly tookMs: number;
  readonly error: string | null;
}

export interface MirrorRecord {
  readonly groups: Readonly<Record<FieldGroup, GroupRecord>>;
  readonly abilities: Abilities;
  readonly lastRound: RoundRecord | null;
  /** When a comparison failed last, since when it has not succeeded. */
  readonly compareFailedAtMs: number | null;
  /** Somebody wants everything read again. */
  readonly isResyncWanted: boolean;
}

const neverRead: GroupRecord = { asOfMs: null, isComplete: false, tookMs: null };
/** The row of `mirror_groups` that is no group, but what a round leaves for the next, in whatever process. */
const notesName = 'rounds';

interface Notes {
  readonly abilities?: Abilities;
  readonly lastRound?: RoundRecord;
  readonly compareFailedAtMs?: number | null;
  readonly isResyncWanted?: boolean;
}

export async function readRecord(db: Queries, upstreamId: number): Promise<MirrorRecord> {
  const { rows } = await db.query<{
    name: string;
    as_of: Date | null;
    is_complete: boolean;
    took_ms: number | null;
    progress: Notes | null;
  }>('select name, as_of, is_complete, took_ms, progress from mirror_groups where upstream_id = $1', [upstreamId]);
  const byName = new Map(rows.map((row) => [row.name, row]));
  const notes = byName.get(notesName)?.progress ?? {};
  return {
    groups: perGroup((name) => {
      // What order info adds to the sizes of keys cannot change without a change that is tracked.
      const row = byName.get(name === 'key' ? 'tracked' : name);
      if (row === undefined) return neverRead;
      return { asOfMs: row.as_of?.getTime() ?? null, isComplete: row.is_complete, tookMs: row.took_ms };
    }),
    abilities: notes.abilities ?? { report: true, custom: true, refusedAtMs: null },
    lastRound: notes.lastRound ?? null,
    compareFailedAtMs: notes.compareFailedAtMs ?? null,
    isResyncWanted: notes.isResyncWanted ?? false,
  };
}

export async function saveNotes(db: Queries, upstreamId: number, notes: Notes): Promise<void> {
  await db.query(
    `insert into mirror_groups (upstream_id, name, progress) values ($1, $2, $3::jsonb)
     on conflict (upstream_id, name) do update set progress = coalesce(mirror_groups.progress, '{}') || excluded.progress`,
    [upstreamId, notesName, JSON.stringify(notes)],
  );
}

/** Says that all rows have these groups as they were at `asOf` or later. */
export async function saveGroups(
  db: Queries,
  upstreamId: number,
  groups: readonly FieldGroup[],
  { asOf, tookMs }: { readonly asOf: Date; readonly tookMs: number },
): Promise<void> {
  await db.query(
    `insert into mirror_groups (upstream_id, name, as_of, is_complete, took_ms)
     select $1, name, $3, true, $4 from unnest($2::text[]) as name
     on conflict (upstream_id, name) do update set
       as_of = greatest(mirror_groups.as_of, excluded.as_of), is_complete = true, took_ms = excluded.took_ms`,
    [upstreamId, groups, asOf, Math.round(tookMs)],
  );
}

export async function saveTotal(db: Queries, upstreamId: number, total: number, countedAt: Date): Promise<void> {
  await db.query('update mirrors set upstream_total = $2, counted_at = $3 where upstream_id = $1', [
    upstreamId,
    total,
    countedAt,
  ]);
}

export async function readCounts(db: Queries, upstreamId: number): Promise<MirrorCounts> {
  const { rows } = await db.query<{
    orders: number;
    upstream_total: number | null;
    info_missing: number;
    copies_missing: number;
    oldest_info: Date | null;
  }>(
    `select count(id) as orders,
       (select upstream_total from mirrors where upstream_id = $1) as upstream_total,
       count(id) filter (where info_at is null) as info_missing,
       count(id) filter (where ${lacks.duplicates} or ${lacks.reissues}) as copies_missing,
       min(info_at) as oldest_info
     from mirror_orders where upstream_id = $1 and vanished_at is null`,
    [upstreamId],
  );
  const row = rows[0]!;
  return {
    orders: row.orders,
    upstreamTotal: row.upstream_total,
    infoMissing: row.info_missing,
    copiesMissing: row.copies_missing,
    oldestInfoMs: row.oldest_info?.getTime() ?? null,
  };
}

/**
 * Brings the groups that are filled order by order up to what the rows say. What only order info gives cannot change
 * without a change of the order that makes its info read again, so it is as young as what tells of changes.
 * Without the report, that is the list, and the fields of report and Custom Reports are as old as the oldest order info.
 */
export async function settleGroups(db: Queries, upstreamId: number): Promise<void> {
  const { abilities, groups } = await readRecord(db, upstreamId);
  const { rows } = await db.query<{ missing: boolean; oldest: Date | null }>(
    `select exists (
         select from mirror_orders where upstream_id = $1 and info_at is null and vanished_at is null
       ) as missing,
       ${abilities.report && abilities.custom ? 'null' : 'min(info_at)'} as oldest
     from ${abilities.report && abilities.custom ? '(select 1) as one' : 'mirror_orders where upstream_id = $1 and vanished_at is null'}`,
    [upstreamId],
  );
  const { missing, oldest } = rows[0]!;
  const listAsOf = dateOf(groups.list.asOfMs);
  const followed = abilities.report ? dateOf(groups.tracked.asOfMs) : listAsOf;
  const states: (readonly [FieldGroup, Date | null])[] = [['info', followed]];
  if (!abilities.report) states.push(['tracked', listAsOf], ['report', oldest ?? listAsOf]);
  if (!abilities.custom || !abilities.report) states.push(['custom', oldest ?? listAsOf]);
  for (const [name, asOf] of states) {
    const isComplete = !missing && asOf !== null;
    await db.query(
      `insert into mirror_groups as its (upstream_id, name, as_of, is_complete) values ($1, $2, $3, $4)
       on conflict (upstream_id, name) do update set
         as_of = case when excluded.is_complete then excluded.as_of else its.as_of end,
         is_complete = excluded.is_complete
       where its.is_complete or excluded.is_complete`,
      [upstreamId, name, isComplete ? asOf : null, isComplete],
    );
  }
}

const dateOf = (ms: number | null) => (ms === null ? null : new Date(ms));
