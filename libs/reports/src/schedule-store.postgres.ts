import type { Clock } from '@certfolio/core';
import { createQueries, type Pool } from '@certfolio/database';
import { parseSchedule, type ScheduleDefinition } from './schedule-definition.ts';
import type { Schedule, ScheduleState, ScheduleStore } from './schedule-store.ts';
import { nextSlots } from './slots.ts';
import type { ReportTables, ScheduleRow } from './report-tables.ts';

export function createScheduleStore(pool: Pool, clock: Clock): ScheduleStore {
  const db = createQueries<ReportTables>(pool);
  const now = () => new Date(clock.nowMs());
  const nextOf = (definition: ScheduleDefinition): Date | null => nextSlots(definition, now(), 1)[0] ?? null;

  async function change(name: string, columns: Partial<ScheduleRow>): Promise<Schedule | null> {
    const row = await db
      .updateTable('schedules')
      .set({ ...columns, changed_at: now() })
      .where('name', '=', name)
      .returningAll()
      .executeTakeFirst();
    return row === undefined ? null : scheduleOf(row);
  }

  return {
    async list() {
      return (await db.selectFrom('schedules').selectAll().orderBy('name').execute()).map(scheduleOf);
    },

    async find(name) {
      const row = await db.selectFrom('schedules').selectAll().where('name', '=', name).executeTakeFirst();
      return row === undefined ? null : scheduleOf(row);
    },

    async put({ definition, owner, keyId, managedBy, createdBy }) {
      return db.transaction().execute(async (tx) => {
        const former = await tx
          .selectFrom('schedules')
          .selectAll()
          .where('name', '=', definition.name)
          .forUpdate()
          .executeTakeFirst();
        const text = JSON.stringify(definition);
        if (former === undefined) {
          const nextSlot = nextOf(definition);
          const row = await tx
            .insertInto('schedules')
            .values({
              name: definition.name,
              definition: text,
              owner,
              key_id: keyId,
              state: nextSlot === null ? 'ended' : 'active',
              paused_until: null,
              paused_reason: null,
              next_slot: nextSlot,
              failures: 0,
              managed_by: managedBy,
              created_at: now(),
              created_by: createdBy,
              changed_at: now(),
            })
            .onConflict((conflict) => conflict.column('name').doNothing())
            .returningAll()
            .executeTakeFirst();
          // Two who make the same schedule at one moment: the second changes what the first made.
          if (row !== undefined) return { schedule: scheduleOf(row), outcome: 'created' as const };
        }
        const known =
          former ??
          (await tx
            .selectFrom('schedules')
            .selectAll()
            .where('name', '=', definition.name)
            .forUpdate()
            .executeTakeFirstOrThrow());
        const before = scheduleOf(known);
        const isSame =
          JSON.stringify(before.definition) === text &&
          before.owner === owner &&
          before.keyId === keyId &&
          before.managedBy === managedBy;
        if (isSame) return { schedule: before, outcome: 'unchanged' as const };
        const { cron, zone, from, until } = before.definition;
        const sameTimes =
          cron === definition.cron &&
          zone === definition.zone &&
          from === definition.from &&
          until === definition.until;
        const nextSlot = sameTimes ? before.nextSlot : nextOf(definition);
        const state: ScheduleState = before.state === 'paused' ? 'paused' : nextSlot === null ? 'ended' : 'active';
        const row = await tx
          .updateTable('schedules')
          .set({
            definition: text,
            owner,
            key_id: keyId,
            managed_by: managedBy,
            next_slot: nextSlot,
            state,
            changed_at: now(),
          })
          .where('id', '=', before.id)
          .returningAll()
          .executeTakeFirstOrThrow();
        return { schedule: scheduleOf(row), outcome: 'changed' as const };
      });
    },

    async remove(name) {
      const { numDeletedRows } = await db.deleteFrom('schedules').where('name', '=', name).executeTakeFirst();
      return numDeletedRows === 1n;
    },

    pause: (name, until, reason) => change(name, { state: 'paused', paused_until: until, paused_reason: reason }),

    async resume(name) {
      const row = await db.selectFrom('schedules').selectAll().where('name', '=', name).executeTakeFirst();
      if (row === undefined) return null;
      const nextSlot = nextOf(scheduleOf(row).definition);
      return change(name, {
        state: nextSlot === null ? 'ended' : 'active',
        paused_until: null,
        paused_reason: null,
        next_slot: nextSlot,
        failures: 0,
      });
    },

    handOver: (name, keyId, owner) => change(name, { key_id: keyId, owner }),
  };
}

export function scheduleOf(row: ScheduleRow): Schedule {
  return {
    id: row.id,
    definition: parseSchedule(row.definition),
    owner: row.owner,
    keyId: row.key_id,
    state: row.state,
    pausedUntil: row.paused_until,
    pausedReason: row.paused_reason,
    nextSlot: row.next_slot,
    failures: row.failures,
    managedBy: row.managed_by,
    createdAt: row.created_at,
    createdBy: row.created_by,
    changedAt: row.changed_at,
  };
}
