import { z } from 'zod';
import type { Pool } from '@certfolio/database';
import type { LearnedCostStore } from './cost-memory.ts';

const row = z.object({
  document_id: z.string(),
  account: z.string(),
  fields: z.array(z.object({ path: z.string(), parents: z.number().min(0), objects: z.number().min(0) })),
});

/** Averages that no run has confirmed for so long are not read any more. */
const keptDays = 90;

export function createLearnedCostStore(pool: Pool): LearnedCostStore {
  return {
    async find() {
      const { rows } = await pool.query(
        `select document_id, account, fields from template_costs
         where updated_at > now() - make_interval(days => $1) order by updated_at desc limit 2000`,
        [keptDays],
      );
      // The one used last is remembered longest.
      return z
        .array(row)
        .parse(rows)
        .reverse()
        .map(({ document_id: documentId, account, fields }) => ({ documentId, account, fields }));
    },

    async save(learned) {
      // In one order, so that two processes that write the same rows cannot wait for each other.
      const sorted = learned.toSorted((a, b) => (a.documentId + a.account < b.documentId + b.account ? -1 : 1));
      await pool.query(
        `insert into template_costs (document_id, account, fields, updated_at)
         select document_id, account, fields, now()
         from unnest($1::text[], $2::text[], $3::jsonb[]) as learned (document_id, account, fields)
         on conflict (document_id, account) do update set fields = excluded.fields, updated_at = excluded.updated_at`,
        [
          sorted.map(({ documentId }) => documentId),
          sorted.map(({ account }) => account),
          sorted.map(({ fields }) => JSON.stringify(fields)),
        ],
      );
    },
  };
}
