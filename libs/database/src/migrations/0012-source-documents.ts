import { sql, type Kysely } from 'kysely';

/**
 * What CertCentral's list and order info said of an order, as it came, for answers in CertCentral's own form. A mirror that was filled
 * before has none, so everything that carries them is read once more; what it has goes on being served.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table mirror_documents (
      upstream_id integer not null,
      order_id bigint not null,
      source text not null check (source in ('list', 'info')),
      document text not null,
      read_at timestamptz not null,
      primary key (upstream_id, order_id, source),
      foreign key (upstream_id, order_id) references mirror_orders on delete cascade
    )`.execute(db);
  await sql`comment on column mirror_documents.document is 'JSON, the order of its members as it came'`.execute(db);
  await sql`comment on column mirror_documents.read_at is 'when the reading began that found it so first'`.execute(db);
  await sql`update mirror_groups set as_of = null, is_complete = false where name in ('list', 'info')`.execute(db);
  // Duplicates and reissues carry theirs with them.
  await sql`update mirror_orders set info_at = null, duplicates_at = null, reissues_at = null`.execute(db);
}
