import { sql, type Kysely } from 'kysely';

/** What comparisons of REST answers found, what ramps are decided by, and messages to the owners of keys. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table migration_parity (
      route text not null,
      key_id text not null,
      day timestamptz not null,
      field text not null,
      compared bigint not null,
      different bigint not null,
      passed bigint not null,
      primary key (route, key_id, day, field)
    )`.execute(db);
  await sql`comment on column migration_parity.field is 'pattern of a field; the empty text counts whole answers'`.execute(
    db,
  );
  await sql`comment on column migration_parity.passed is 'differences that were gone when both sides were read anew'`.execute(
    db,
  );
  await sql`create index migration_parity_day on migration_parity (day)`.execute(db);

  await sql`
    create table migration_windows (
      route text not null,
      version bigint not null,
      minute timestamptz not null,
      compared bigint not null,
      different bigint not null,
      graph_calls bigint not null,
      graph_errors bigint not null,
      legacy_calls bigint not null,
      graph_latency bigint[] not null,
      legacy_latency bigint[] not null,
      primary key (route, version, minute)
    )`.execute(db);
  await sql`comment on column migration_windows.version is 'of the state of the route, so that a step of a ramp counts what happened within it'`.execute(
    db,
  );
  await sql`create index migration_windows_minute on migration_windows (minute)`.execute(db);
  await sql`
    create function migration_sum(bigint[], bigint[]) returns bigint[] language sql immutable as $$
      select array(select coalesce(l, 0) + coalesce(r, 0) from unnest($1, $2) with ordinality as pairs(l, r, place) order by place)
    $$`.execute(db);

  await sql`
    create table migration_samples (
      id text primary key,
      route text not null,
      field text not null,
      key_id text not null,
      owner text not null,
      at timestamptz not null,
      request_id text not null,
      call text not null,
      place text not null,
      legacy text,
      graph text,
      expired_rule text
    )`.execute(db);
  await sql`comment on table migration_samples is 'pairs of values that differed, redacted before they are kept'`.execute(
    db,
  );
  await sql`create index migration_samples_field on migration_samples (route, field, at desc)`.execute(db);
  await sql`create index migration_samples_at on migration_samples (at desc)`.execute(db);

  await sql`
    create table migration_ignore_rules (
      id text primary key,
      route text,
      field text not null,
      reason text not null check (reason <> ''),
      expires_at timestamptz not null,
      created_at timestamptz not null,
      created_by text not null
    )`.execute(db);

  await sql`
    create table migration_messages (
      slot timestamptz not null,
      owner text not null,
      destination text not null,
      recipient text not null,
      state text not null check (state in ('sending', 'delivered', 'failed', 'unconfirmed')),
      attempts integer not null,
      lease_until timestamptz not null,
      reference text,
      error text,
      changed_at timestamptz not null,
      primary key (slot, owner, destination, recipient)
    )`.execute(db);
  await sql`comment on column migration_messages.lease_until is 'until then nobody else sends it; in state failed: it is not tried before'`.execute(
    db,
  );
}
