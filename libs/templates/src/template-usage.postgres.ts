import { sql } from 'kysely';
import { createQueries, type Pool } from '@certfolio/database';
import type { DayUse, FieldUse, TemplateUse, UsageOf, UsageStore } from './template-usage.ts';

interface Uses {
  key_id: string;
  day: string;
  runs: number;
  first_used_at: Date;
  last_used_at: Date;
}

interface Tables {
  template_uses: Uses & { name: string; version: number };
  field_uses: Uses & { coordinate: string };
}

export function createUsageStore(pool: Pool): UsageStore {
  const db = createQueries<Tables>(pool);
  const keyOf = (of: UsageOf) => (of === 'everyone' ? null : of.keyId);

  return {
    async add(templates, fields) {
      if (templates.length + fields.length === 0) return;
      // In the order of the primary keys, so that two processes that write the same rows cannot wait for each other.
      const runs = templates.toSorted(
        (a, b) => compare(a.keyId, b.keyId) || compare(a.name, b.name) || a.version - b.version,
      );
      const selected = fields.toSorted((a, b) => compare(a.keyId, b.keyId) || compare(a.coordinate, b.coordinate));
      await sql`
        with t as (
          insert into template_uses (key_id, name, version, day, runs, first_used_at, last_used_at)
          select key_id, name, version, (last_at at time zone 'utc')::date, runs, first_at, last_at
          from unnest(
            ${runs.map(({ keyId }) => keyId)}::text[], ${runs.map(({ name }) => name)}::text[], ${runs.map(({ version }) => version)}::int[],
            ${runs.map((use) => use.runs)}::bigint[], ${runs.map((use) => use.firstUsedAt)}::timestamptz[], ${runs.map((use) => use.lastUsedAt)}::timestamptz[]
          ) as u (key_id, name, version, runs, first_at, last_at)
          on conflict (key_id, name, version, day) do update set
            runs = template_uses.runs + excluded.runs,
            first_used_at = least(template_uses.first_used_at, excluded.first_used_at),
            last_used_at = greatest(template_uses.last_used_at, excluded.last_used_at)
        )
        insert into field_uses (key_id, coordinate, day, runs, first_used_at, last_used_at)
        select key_id, coordinate, (last_at at time zone 'utc')::date, runs, first_at, last_at
        from unnest(
          ${selected.map(({ keyId }) => keyId)}::text[], ${selected.map(({ coordinate }) => coordinate)}::text[],
          ${selected.map((use) => use.runs)}::bigint[], ${selected.map((use) => use.firstUsedAt)}::timestamptz[], ${selected.map((use) => use.lastUsedAt)}::timestamptz[]
        ) as u (key_id, coordinate, runs, first_at, last_at)
        on conflict (key_id, coordinate, day) do update set
          runs = field_uses.runs + excluded.runs,
          first_used_at = least(field_uses.first_used_at, excluded.first_used_at),
          last_used_at = greatest(field_uses.last_used_at, excluded.last_used_at)`.execute(db);
    },

    async templateUses(of) {
      const { rows } = await sql<Omit<TemplateUse, 'runs'> & { readonly runs: string | number }>`
        select key_id as "keyId", name, version, sum(runs)::bigint as runs, min(first_used_at) as "firstUsedAt", max(last_used_at) as "lastUsedAt"
        from template_uses where ${keyOf(of)}::text is null or key_id = ${keyOf(of)}
        group by key_id, name, version`.execute(db);
      return rows.map((row) => ({ ...row, runs: Number(row.runs) }));
    },

    async fieldUses(coordinates, of) {
      const { rows } = await sql<Omit<FieldUse, 'runs'> & { readonly runs: string | number }>`
        select key_id as "keyId", coordinate, sum(runs)::bigint as runs, min(first_used_at) as "firstUsedAt", max(last_used_at) as "lastUsedAt"
        from field_uses where coordinate = any(${[...coordinates]}::text[]) and (${keyOf(of)}::text is null or key_id = ${keyOf(of)})
        group by key_id, coordinate`.execute(db);
      return rows.map((row) => ({ ...row, runs: Number(row.runs) }));
    },

    async templateDays(versions, of, since) {
      const { rows } = await sql<RawDay>`
        select to_char(day, 'YYYY-MM-DD') as day, sum(runs)::bigint as runs
        from template_uses
        where (name, version) in (select * from unnest(${versions.map(({ name }) => name)}::text[], ${versions.map(({ version }) => version)}::int[]))
          and (${keyOf(of)}::text is null or key_id = ${keyOf(of)}) and day >= (${since}::timestamptz at time zone 'utc')::date
        group by 1 order by 1 desc`.execute(db);
      return rows.map(dayUse);
    },

    async fieldDays(coordinate, of, since) {
      const { rows } = await sql<RawDay>`
        select to_char(day, 'YYYY-MM-DD') as day, sum(runs)::bigint as runs
        from field_uses
        where coordinate = ${coordinate} and (${keyOf(of)}::text is null or key_id = ${keyOf(of)})
          and day >= (${since}::timestamptz at time zone 'utc')::date
        group by 1 order by 1 desc`.execute(db);
      return rows.map(dayUse);
    },

    async forget({ templates, fields }) {
      const { rows } = await sql<{ readonly gone: string | number }>`
        with t as (delete from template_uses where day < (${templates}::timestamptz at time zone 'utc')::date returning 1),
          f as (delete from field_uses where day < (${fields}::timestamptz at time zone 'utc')::date returning 1)
        select (select count(*) from t) + (select count(*) from f) as gone`.execute(db);
      return Number(rows[0]?.gone ?? 0);
    },
  };
}

interface RawDay {
  readonly day: string;
  readonly runs: string | number;
}

const dayUse = ({ day, runs }: RawDay): DayUse => ({ day, runs: Number(runs) });

/** As the collation "C" orders. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
