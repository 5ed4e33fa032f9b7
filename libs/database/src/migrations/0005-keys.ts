import { sql, type Kysely } from 'kysely';

/** Fixed variables, keys for URLs, tiers and who manages a key; when each secret was last used. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('api_keys')
    .addColumn('variables', 'jsonb', (column) => column.notNull().defaultTo(sql`'[]'::jsonb`))
    .addColumn('in_url', 'boolean', (column) => column.notNull().defaultTo(false))
    .addColumn('tier', 'text')
    .addColumn('managed_by', 'text')
    .execute();
  await sql`comment on column api_keys.variables is 'fixed variables of its template: [{name, values}]'`.execute(db);
  await sql`comment on column api_keys.in_url is 'may be sent in the URL of a report'`.execute(db);
  await sql`comment on column api_keys.tier is 'named limits of the configuration, which win over limits'`.execute(db);
  await sql`comment on column api_keys.managed_by is 'label of the file it was applied from'`.execute(db);
  await db.schema.alterTable('key_secrets').addColumn('last_used_at', 'timestamptz').execute();
}
