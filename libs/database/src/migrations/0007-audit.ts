import { sql, type Kysely } from 'kysely';

/** The audit log, a chain of entries that nobody changes, and the unlisted operations that keys of level `audit` ran. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // `json`, not `jsonb`: the text stays byte for byte what was hashed. What is searched by is derived, so it cannot differ.
  await sql`
    create table audit_entries (
      seq bigint primary key,
      previous_hash bytea not null check (length(previous_hash) = 32),
      hash bytea not null check (length(hash) = 32),
      entry json not null,
      at text collate "C" not null generated always as (entry ->> 'at') stored,
      kind text not null generated always as (entry ->> 'kind') stored,
      key_id text generated always as (entry ->> 'keyId') stored,
      key_name text generated always as (entry ->> 'keyName') stored,
      template text generated always as (entry ->> 'template') stored
    )`.execute(db);
  await sql`comment on column audit_entries.hash is 'SHA-256 of previous_hash and the text of entry'`.execute(db);
  await sql`create index audit_entries_at on audit_entries (at)`.execute(db);
  await sql`create index audit_entries_key_id on audit_entries (key_id, seq)`.execute(db);
  await sql`create index audit_entries_key_name on audit_entries (key_name, seq)`.execute(db);
  await sql`create index audit_entries_template on audit_entries (template, seq) where template is not null`.execute(
    db,
  );

  await sql`
    create table audit_checkpoint (
      only_one boolean primary key default true check (only_one),
      seq bigint not null,
      hash bytea not null check (length(hash) = 32),
      removed_entries bigint not null
    )`.execute(db);
  await sql`comment on table audit_checkpoint is 'the last entry that retention removed'`.execute(db);

  await sql`
    create function audit_entries_are_kept() returns trigger language plpgsql as $$
    begin
      if tg_op = 'DELETE' and current_setting('certfolio.audit_retention', true) = 'on' then
        return old;
      end if;
      raise exception 'The audit log is append-only: % is refused. Retention removes its oldest part.', tg_op
        using errcode = 'insufficient_privilege';
    end $$`.execute(db);
  await sql`
    create trigger audit_entries_are_kept before update or delete on audit_entries
      for each row execute function audit_entries_are_kept()`.execute(db);
  await sql`
    create trigger audit_entries_are_not_emptied before truncate on audit_entries
      for each statement execute function audit_entries_are_kept()`.execute(db);
  await sql`
    create function audit_remove_up_to(last_seq bigint) returns bigint language plpgsql as $$
    declare
      removed bigint;
      last_hash bytea;
    begin
      select hash into strict last_hash from audit_entries where seq = last_seq;
      perform set_config('certfolio.audit_retention', 'on', true);
      delete from audit_entries where seq <= last_seq;
      get diagnostics removed = row_count;
      perform set_config('certfolio.audit_retention', 'off', true);
      insert into audit_checkpoint (seq, hash, removed_entries) values (last_seq, last_hash, removed)
        on conflict (only_one) do update set
          seq = excluded.seq,
          hash = excluded.hash,
          removed_entries = audit_checkpoint.removed_entries + excluded.removed_entries;
      return removed;
    end $$`.execute(db);

  await sql`
    create table seen_operations (
      key_id text not null,
      hash text not null check (hash ~ '^[0-9a-f]{64}$'),
      operation_name text,
      text text not null,
      client_name text,
      runs bigint not null,
      first_seen_at timestamptz not null,
      last_seen_at timestamptz not null,
      primary key (key_id, hash)
    )`.execute(db);
  await sql`comment on column seen_operations.hash is 'SHA-256 of the text, which is printed anew from what was sent'`.execute(
    db,
  );
  await sql`create index seen_operations_hash on seen_operations (hash)`.execute(db);
  await sql`
    create table seen_dropped (
      key_id text primary key,
      operations bigint not null,
      last_dropped_at timestamptz not null
    )`.execute(db);
  await sql`comment on table seen_dropped is 'operations that gave way since the list of their key was full'`.execute(
    db,
  );
}
