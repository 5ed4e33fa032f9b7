import { sql, type Kysely, type Transaction } from 'kysely';
import type { Clock } from '@certfolio/core';
import { createQueries, type Pool } from '@certfolio/database';
import { parseSchedule, type ScheduleDefinition } from './schedule-definition.ts';
import { scheduleOf } from './schedule-store.postgres.ts';
import type { Schedule } from './schedule-store.ts';
import { dueSlots, nextSlots } from './slots.ts';
import { createRunDeliveries } from './run-deliveries.postgres.ts';
import { createRunFiles } from './run-files.postgres.ts';
import type { ReportTables, RunRow } from './report-tables.ts';
import type { Attempt, Run, RunStore, ScheduleStanding, RunTrigger, SnapshotFacts } from './run-store.ts';

export interface RunStoreOptions {
  readonly clock: Clock;
  /** A text that no other run has. */
  readonly newId: () => string;
  /** From 0 to below 1. */
  readonly random: () => number;
}

/** Schedules that are looked at in one transaction. */
const schedulesAtOnce = 100;
const dayMs = 86_400_000;

export function createRunStore(pool: Pool, { clock, newId, random }: RunStoreOptions): RunStore {
  const db = createQueries<ReportTables>(pool);
  const now = () => new Date(clock.nowMs());

  interface NewRun {
    readonly schedule: Schedule;
    readonly slot: Date;
    readonly trigger: RunTrigger;
    readonly state: 'queued' | 'skipped';
    readonly reason?: string;
    readonly requestedBy?: string;
    readonly onlyFor?: string | null;
  }

  /** Null when the slot has its run already. */
  async function insertRun(executor: Executor, run: NewRun): Promise<string | null> {
    const { definition, owner, keyId, id: scheduleId } = run.schedule;
    const jitterMs = run.trigger === 'manual' ? 0 : Math.floor(random() * definition.jitterSeconds * 1_000);
    const row = await executor
      .insertInto('report_runs')
      .values({
        id: newId(),
        schedule_id: scheduleId,
        schedule_name: definition.name,
        owner,
        key_id: keyId,
        definition: JSON.stringify(definition),
        slot: run.slot,
        trigger: run.trigger,
        only_for: run.onlyFor ?? null,
        requested_by: run.requestedBy ?? null,
        state: run.state,
        reason: run.reason ?? null,
        error_code: null,
        attempts: 0,
        lease_until: null,
        queued_at: now(),
        start_after: new Date(run.slot.getTime() + jitterMs),
        started_at: null,
        finished_at: run.state === 'skipped' ? now() : null,
        keep_until: new Date(clock.nowMs() + definition.retentionDays * dayMs),
        facts: null,
        rows_hash: null,
      })
      .onConflict((conflict) => conflict.doNothing())
      .returning('id')
      .executeTakeFirst();
    return row?.id ?? null;
  }

  async function moveOn(tx: Executor, schedule: Schedule, graceMs: number): Promise<string | null> {
    const { definition, nextSlot } = schedule;
    const due = dueSlots(definition, { nextSlot: nextSlot!, now: now(), catchUp: definition.catchUp, graceMs });
    for (const slot of due.skipped)
      await insertRun(tx, {
        schedule,
        slot,
        trigger: 'slot',
        state: 'skipped',
        reason: 'Its time passed while nobody could run it.',
      });
    const queued =
      due.run === null
        ? null
        : await insertRun(tx, { schedule, slot: due.run, trigger: due.isLate ? 'catch_up' : 'slot', state: 'queued' });
    await tx
      .updateTable('schedules')
      .set({ next_slot: due.next, ...(due.next === null ? { state: 'ended' as const } : {}) })
      .where('id', '=', schedule.id)
      .execute();
    return queued;
  }

  async function endOf({ id, attempts }: Attempt, columns: Partial<RunRow>): Promise<boolean> {
    const { numUpdatedRows } = await db
      .updateTable('report_runs')
      .set(columns)
      .where('id', '=', id)
      .where('attempts', '=', attempts)
      .where('state', '=', 'running')
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  /** Schedules whose pause is over run on; slots of the pause were never to be run. */
  async function endPauses(tx: Executor): Promise<void> {
    const rows = await tx
      .selectFrom('schedules')
      .selectAll()
      .where('state', '=', 'paused')
      .where('paused_until', '<=', now())
      .limit(schedulesAtOnce)
      .forUpdate()
      .skipLocked()
      .execute();
    for (const row of rows) {
      const { definition, pausedUntil } = scheduleOf(row);
      const next = nextSlots(definition, pausedUntil!, 1)[0] ?? null;
      await tx
        .updateTable('schedules')
        .set({ state: next === null ? 'ended' : 'active', paused_until: null, paused_reason: null, next_slot: next })
        .where('id', '=', row.id)
        .execute();
    }
  }

  return {
    async queueDue(graceMs) {
      return db.transaction().execute(async (tx) => {
        await endPauses(tx);
        const rows = await tx
          .selectFrom('schedules')
          .selectAll()
          .where('state', '=', 'active')
          .where('next_slot', '<=', now())
          .orderBy('next_slot')
          .limit(schedulesAtOnce)
          .forUpdate()
          .skipLocked()
          .execute();
        const queued: string[] = [];
        for (const row of rows) {
          const run = await moveOn(tx, scheduleOf(row), graceMs);
          if (run !== null) queued.push(run);
        }
        return queued;
      });
    },

    async queueManual(schedule, requestedBy, onlyFor) {
      const run = await insertRun(db, {
        schedule,
        slot: now(),
        trigger: 'manual',
        state: 'queued',
        requestedBy,
        onlyFor,
      });
      return run!;
    },

    async claimNext(leaseMs, own = []) {
      return db.transaction().execute(async (tx) => {
        // Two who claim at one moment would both see no other run of the schedule.
        await sql`select pg_advisory_xact_lock(hashtext('certfolio report runs'))`.execute(tx);
        const next = await tx
          .selectFrom('report_runs as r')
          .select('r.id')
          .where((is) =>
            is.or([
              is.and([is('r.state', '=', 'queued'), is('r.start_after', '<=', now())]),
              is.and([is('r.state', '=', 'running'), is('r.lease_until', '<', now())]),
            ]),
          )
          .where(sql<boolean>`r.id <> all(${own})`)
          .where(({ not, exists, selectFrom }) =>
            not(
              exists(
                selectFrom('report_runs as other')
                  .select('other.id')
                  .whereRef('other.schedule_id', '=', 'r.schedule_id')
                  .whereRef('other.id', '<>', 'r.id')
                  .where('other.state', '=', 'running')
                  .where('other.lease_until', '>=', now()),
              ),
            ),
          )
          .orderBy('r.start_after')
          .limit(1)
          .forUpdate()
          .skipLocked()
          .executeTakeFirst();
        if (next === undefined) return null;
        const row = await tx
          .updateTable('report_runs')
          .set({
            state: 'running',
            attempts: sql<number>`attempts + 1`,
            lease_until: new Date(clock.nowMs() + leaseMs),
            started_at: sql<Date>`coalesce(started_at, ${now()})`,
          })
          .where('id', '=', next.id)
          .returningAll()
          .executeTakeFirstOrThrow();
        return runOf(row);
      });
    },

    async keepLease(id, attempt, leaseMs) {
      const { numUpdatedRows } = await db
        .updateTable('report_runs')
        .set({ lease_until: new Date(clock.nowMs() + leaseMs) })
        .where('id', '=', id)
        .where('attempts', '=', attempt)
        .where('state', '=', 'running')
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },

    async noteSnapshot(id, facts, rowsHash) {
      await db
        .updateTable('report_runs')
        .set({ facts: JSON.stringify(facts), rows_hash: rowsHash })
        .where('id', '=', id)
        .execute();
    },

    async finish(attempt, { state, reason, errorCode }) {
      return endOf(attempt, { state, reason, error_code: errorCode, finished_at: now(), lease_until: null });
    },

    async release(attempt, startAfter, reason, errorCode) {
      return endOf(attempt, {
        state: 'queued',
        start_after: startAfter,
        reason,
        error_code: errorCode,
        lease_until: null,
      });
    },

    async find(id) {
      const row = await db.selectFrom('report_runs').selectAll().where('id', '=', id).executeTakeFirst();
      return row === undefined ? null : runOf(row);
    },

    async list({ schedule, owner, limit, before }) {
      let query = db
        .selectFrom('report_runs')
        .selectAll()
        .orderBy('queued_at', 'desc')
        .orderBy('id', 'desc')
        .limit(limit);
      if (schedule !== undefined) query = query.where('schedule_name', '=', schedule);
      if (owner !== undefined) query = query.where('owner', '=', owner);
      if (before !== undefined)
        query = query.where(
          sql<boolean>`(queued_at, id) < (select b.queued_at, b.id from report_runs b where b.id = ${before})`,
        );
      return (await query.execute()).map(runOf);
    },

    async previousOf({ id, scheduleId, queuedAt }) {
      if (scheduleId === null) return null;
      const row = await db
        .selectFrom('report_runs')
        .selectAll()
        .where('schedule_id', '=', scheduleId)
        .where('id', '<>', id)
        .where('queued_at', '<=', queuedAt)
        .where('facts', 'is not', null)
        .where('state', 'in', ['delivered', 'nothing_to_send'])
        .orderBy('queued_at', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row === undefined ? null : runOf(row);
    },

    ...createRunFiles(db),
    ...createRunDeliveries(db, now),

    async noteOutcome(scheduleId, failed, pauseAfter) {
      const row = await db
        .updateTable('schedules')
        .set(failed ? { failures: sql<number>`failures + 1` } : { failures: 0 })
        .where('id', '=', scheduleId)
        .returning(['failures', 'state'])
        .executeTakeFirst();
      const failures = row?.failures ?? 0;
      if (!failed || failures < pauseAfter || row?.state !== 'active') return { failures, paused: false };
      await db
        .updateTable('schedules')
        .set({ state: 'paused', paused_until: null, paused_reason: `${failures} runs failed one after the other.` })
        .where('id', '=', scheduleId)
        .execute();
      return { failures, paused: true };
    },

    async standings() {
      const { rows } = await sql<ScheduleStanding>`
        select s.name as schedule, s.state = 'active' as "isActive", s.failures,
          (select r.finished_at from report_runs r
            where r.schedule_id = s.id and r.state in ('delivered', 'nothing_to_send')
            order by r.queued_at desc limit 1) as "lastSuccessAt",
          (select r.state from report_runs r
            where r.schedule_id = s.id and r.state not in ('queued', 'running')
            order by r.queued_at desc limit 1) as "lastState"
        from schedules s order by s.name`.execute(db);
      return rows;
    },

    async prune() {
      const isOver = sql<boolean>`keep_until < ${now()} and state not in ('queued', 'running')`;
      const isLastGood = sql<boolean>`id in (
        select (select r.id from report_runs r
          where r.schedule_id = s.id and r.state in ('delivered', 'nothing_to_send')
          order by r.queued_at desc limit 1) from schedules s)`;
      return db.transaction().execute(async (tx) => {
        const { numDeletedRows } = await tx
          .deleteFrom('report_runs')
          .where(isOver)
          .where(sql<boolean>`not ${isLastGood}`)
          .executeTakeFirst();
        const { rows: emptied } = await sql<{ id: string }>`
          update report_runs set facts = null where ${isOver} and facts is not null returning id`.execute(tx);
        const ids = emptied.map(({ id }) => id);
        if (ids.length > 0)
          for (const table of ['run_file_parts', 'run_files', 'run_deliveries'] as const)
            await tx.deleteFrom(table).where('run_id', 'in', ids).execute();
        return Number(numDeletedRows) + ids.length;
      });
    },
  };
}

type Executor = Kysely<ReportTables> | Transaction<ReportTables>;

export function runOf(row: RunRow): Run {
  return {
    id: row.id,
    scheduleId: row.schedule_id,
    schedule: row.schedule_name,
    owner: row.owner,
    keyId: row.key_id,
    definition: parseSchedule(row.definition) satisfies ScheduleDefinition,
    slot: row.slot,
    trigger: row.trigger,
    onlyFor: row.only_for,
    requestedBy: row.requested_by,
    state: row.state,
    reason: row.reason,
    errorCode: row.error_code,
    attempts: row.attempts,
    queuedAt: row.queued_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    // Written by this lib alone, in this shape.
    facts: row.facts as SnapshotFacts | null,
    rowsHash: row.rows_hash,
  };
}
