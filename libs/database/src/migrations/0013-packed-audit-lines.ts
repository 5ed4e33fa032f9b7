import { sql, type Kysely } from 'kysely';

/**
 * Lines of the audit log are packed before they are sent, and PostgreSQL leaves them as they are: its own compression takes ten
 * times as long. Batches that are there are not touched.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table audit_batches
      add column packed bytea,
      alter column packed set storage external,
      alter column entries drop not null,
      add constraint audit_batches_have_lines check ((entries is null) <> (packed is null))`.execute(db);
  await sql`comment on column audit_batches.packed is 'gzip: one line of JSON each, byte for byte what was hashed'`.execute(
    db,
  );
  await sql`comment on column audit_batches.entries is 'the same as text, in batches that were written before'`.execute(
    db,
  );
}
