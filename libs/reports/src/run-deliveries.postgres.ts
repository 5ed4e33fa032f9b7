import { sql, type Kysely } from 'kysely';
import type { ReportTables } from './report-tables.ts';
import type { RunStore } from './run-store.ts';

/** What was sent where, and what came of it. */
export function createRunDeliveries(
  db: Kysely<ReportTables>,
  now: () => Date,
): Pick<RunStore, 'expectDeliveries' | 'deliveries' | 'noteDelivery'> {
  return {
    async expectDeliveries(id, kind, to) {
      if (to.length === 0) return;
      await db
        .insertInto('run_deliveries')
        .values(
          to.map(({ destination, recipient }) => ({
            run_id: id,
            kind,
            destination,
            recipient,
            state: 'pending' as const,
            attempts: 0,
            reference: null,
            bytes: null,
            error: null,
            changed_at: now(),
          })),
        )
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },

    async deliveries(id) {
      const rows = await db
        .selectFrom('run_deliveries')
        .selectAll()
        .where('run_id', '=', id)
        .orderBy('kind')
        .orderBy('destination')
        .orderBy('recipient')
        .execute();
      return rows.map(({ run_id: _, changed_at: changedAt, ...row }) => ({ ...row, changedAt }));
    },

    async noteDelivery(id, kind, destination, recipient, { state, reference, bytes, error }) {
      await db
        .updateTable('run_deliveries')
        .set({
          state,
          reference,
          bytes,
          error,
          changed_at: now(),
          ...(state === 'sending' ? { attempts: sql<number>`attempts + 1` } : {}),
        })
        .where('run_id', '=', id)
        .where('kind', '=', kind)
        .where('destination', '=', destination)
        .where('recipient', '=', recipient)
        .execute();
    },
  };
}
