import { sql, type Kysely } from 'kysely';

/** What runs of templates were found to hold, for the next estimate: objects per field and object above it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table template_costs (
      document_id text not null,
      account text not null,
      fields jsonb not null,
      updated_at timestamptz not null,
      primary key (document_id, account)
    )`.execute(db);
  await sql`comment on column template_costs.fields is '[{path, parents, objects}]: sums over runs, of which older ones weigh less'`.execute(
    db,
  );
}
