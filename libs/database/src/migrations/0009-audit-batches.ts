import { sql, type Kysely } from 'kysely';

/**
 * The audit log in batches: entries that were written together are one row, which costs a tenth of a row and five index entries for
 * each. The chain still goes from entry to entry.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table audit_batches (
      first_seq bigint primary key,
      last_seq bigint not null check (last_seq >= first_seq),
      previous_hash bytea not null check (length(previous_hash) = 32),
      hashes bytea not null check (length(hashes) = 32 * (last_seq - first_seq + 1)),
      entries text not null,
      first_at text collate "C" not null,
      last_at text collate "C" not null,
      keys text[] not null,
      templates text[] not null,
      kinds text[] not null
    )`.execute(db);
  const comments: readonly (readonly [string, string])[] = [
    ['previous_hash', 'of the entry before the first'],
    ['hashes', 'of each entry: SHA-256 of the hash before it and its line'],
    ['entries', 'one line of JSON each, byte for byte what was hashed'],
    ['first_at', 'the earliest instant of an entry, which need not be that of the first'],
    ['keys', 'ids and names of the keys that entries tell of'],
    ['templates', 'of the entries, by name and by name@version'],
  ];
  for (const [column, comment] of comments)
    await sql`comment on column audit_batches.${sql.ref(column)} is ${sql.lit(comment)}`.execute(db);
  await sql`create index audit_batches_last_at on audit_batches (last_at)`.execute(db);
  await sql`create index audit_batches_keys on audit_batches using gin (keys)`.execute(db);
  await sql`create index audit_batches_templates on audit_batches using gin (templates)`.execute(db);

  await sql`
    insert into audit_batches
    select
      min(seq), max(seq),
      (array_agg(previous_hash order by seq))[1],
      string_agg(hash, ''::bytea order by seq),
      string_agg(entry::text, e'\n' order by seq),
      min(at), max(at),
      array_remove(array_agg(distinct key_id) || array_agg(distinct key_name), null),
      array_remove(array_agg(distinct template) || array_agg(distinct split_part(template, '@', 1)), null),
      array_agg(distinct kind)
    from audit_entries group by seq / 500`.execute(db);
  await sql`drop table audit_entries`.execute(db);

  await sql`
    create trigger audit_entries_are_kept before update or delete on audit_batches
      for each row execute function audit_entries_are_kept()`.execute(db);
  await sql`
    create trigger audit_entries_are_not_emptied before truncate on audit_batches
      for each statement execute function audit_entries_are_kept()`.execute(db);
  await sql`drop function audit_remove_up_to`.execute(db);
  await sql`
    create function audit_remove_up_to(up_to bigint) returns bigint language plpgsql as $$
    declare
      removed bigint;
      last_hash bytea;
    begin
      select substring(hashes from length(hashes) - 31) into strict last_hash from audit_batches where last_seq = up_to;
      select sum(last_seq - first_seq + 1) into removed from audit_batches where last_seq <= up_to;
      perform set_config('certfolio.audit_retention', 'on', true);
      delete from audit_batches where last_seq <= up_to;
      perform set_config('certfolio.audit_retention', 'off', true);
      insert into audit_checkpoint (seq, hash, removed_entries) values (up_to, last_hash, removed)
        on conflict (only_one) do update set
          seq = excluded.seq,
          hash = excluded.hash,
          removed_entries = audit_checkpoint.removed_entries + excluded.removed_entries;
      return removed;
    end $$`.execute(db);
}
