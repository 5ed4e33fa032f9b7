import { sql, type Kysely } from 'kysely';

/** Schedules, their runs with the rows and files of each, and what every recipient got. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table schedules (
      id integer generated always as identity primary key,
      name text not null unique,
      definition jsonb not null,
      owner text not null,
      key_id text not null references api_keys,
      state text not null check (state in ('active', 'paused', 'ended')),
      paused_until timestamptz,
      paused_reason text,
      next_slot timestamptz,
      failures integer not null default 0,
      managed_by text,
      created_at timestamptz not null,
      created_by text not null,
      changed_at timestamptz not null
    )`.execute(db);
  await sql`comment on column schedules.key_id is 'runs are made with the rights that this key has then'`.execute(db);
  await sql`comment on column schedules.failures is 'failed runs since the last that ended well'`.execute(db);
  await sql`create index schedules_due on schedules (next_slot) where state = 'active'`.execute(db);

  await sql`
    create table report_runs (
      id text primary key,
      schedule_id integer references schedules on delete set null,
      schedule_name text not null,
      owner text not null,
      key_id text not null,
      definition jsonb not null,
      slot timestamptz not null,
      trigger text not null check (trigger in ('slot', 'catch_up', 'manual')),
      only_for text,
      requested_by text,
      state text not null check (state in ('queued', 'running', 'delivered', 'nothing_to_send', 'failed', 'skipped')),
      reason text,
      error_code text,
      attempts integer not null default 0,
      lease_until timestamptz,
      queued_at timestamptz not null,
      start_after timestamptz not null,
      started_at timestamptz,
      finished_at timestamptz,
      keep_until timestamptz not null,
      facts jsonb,
      rows_hash text
    )`.execute(db);
  await sql`comment on column report_runs.definition is 'the schedule as it was when the run was queued'`.execute(db);
  await sql`comment on column report_runs.facts is 'of the snapshot: template, variables, columns, counts, age; null before it is there'`.execute(
    db,
  );
  // One run per slot, whichever process and however often it looks.
  await sql`create unique index report_runs_one_per_slot on report_runs (schedule_id, slot) where trigger <> 'manual'`.execute(
    db,
  );
  await sql`create index report_runs_of_schedule on report_runs (schedule_id, queued_at desc)`.execute(db);
  await sql`create index report_runs_by_time on report_runs (queued_at desc)`.execute(db);
  await sql`create index report_runs_unfinished on report_runs (start_after) where state in ('queued', 'running')`.execute(
    db,
  );
  await sql`create index report_runs_keep_until on report_runs (keep_until)`.execute(db);

  await sql`
    create table run_files (
      run_id text not null references report_runs on delete cascade,
      name text not null,
      media_type text not null,
      bytes bigint not null,
      sha256 text not null,
      primary key (run_id, name)
    )`.execute(db);
  await sql`
    create table run_file_parts (
      run_id text not null,
      name text not null,
      part integer not null,
      content bytea not null,
      primary key (run_id, name, part)
    )`.execute(db);
  await sql`alter table run_file_parts add foreign key (run_id) references report_runs on delete cascade`.execute(db);
  // Compressed already where it is worth it.
  await sql`alter table run_file_parts alter column content set storage external`.execute(db);

  await sql`
    create table run_deliveries (
      run_id text not null references report_runs on delete cascade,
      kind text not null check (kind in ('report', 'failure')),
      destination text not null,
      recipient text not null,
      state text not null check (state in ('pending', 'sending', 'delivered', 'failed', 'unconfirmed')),
      attempts integer not null default 0,
      reference text,
      bytes bigint,
      error text,
      changed_at timestamptz not null,
      primary key (run_id, kind, destination, recipient)
    )`.execute(db);
}
