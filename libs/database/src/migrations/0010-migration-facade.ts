import { sql, type Kysely } from 'kysely';

/** The way off REST: states of routes, who calls which route, and what a key may do at the façade. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table api_keys
      add column rest text check (rest in ('none', 'read', 'write')),
      add column is_adopted boolean not null default false`.execute(db);
  await sql`comment on column api_keys.rest is 'at the REST facade; null: what follows from the rest of the key'`.execute(
    db,
  );
  await sql`comment on column api_keys.is_adopted is 'a CertCentral key opens it, or once did'`.execute(db);
  await sql`
    update api_keys set is_adopted = true
    where exists (select 1 from key_secrets s where s.key_id = api_keys.id and s.kind = 'adopted')`.execute(db);

  await sql`
    create table route_states (
      route text collate "C" not null,
      key_id text collate "C" not null,
      state text not null check (state in ('proxied', 'shadowed', 'ramping', 'served', 'sunset', 'gone')),
      percent double precision not null check (percent between 0 and 100),
      deadline timestamptz,
      brownouts jsonb not null,
      sample_rate double precision not null check (sample_rate between 0 and 1),
      plan jsonb,
      changed_at timestamptz not null,
      changed_by text not null,
      reason text not null,
      previous text,
      version integer not null,
      primary key (route, key_id)
    )`.execute(db);
  await sql`comment on column route_states.key_id is 'the key it overrides the state of the route for; empty: the route'`.execute(
    db,
  );
  await sql`create table route_state_revision (one boolean primary key default true check (one), revision bigint not null)`.execute(
    db,
  );
  await sql`
    create table rest_uses (
      key_id text collate "C" not null,
      route text collate "C" not null,
      shape text collate "C" not null,
      user_agent text collate "C" not null,
      is_test boolean not null,
      day date not null,
      calls bigint not null,
      from_graph bigint not null,
      refused bigint not null,
      failed bigint not null,
      upstream_calls bigint not null,
      first_used_at timestamptz not null,
      last_used_at timestamptz not null,
      primary key (key_id, route, shape, user_agent, is_test, day)
    )`.execute(db);
  await sql`comment on column rest_uses.shape is 'sorted names of the query parameters, no values'`.execute(db);
  await sql`create index rest_uses_route on rest_uses (route, day)`.execute(db);
  await sql`
    create table rest_fallbacks (
      key_id text collate "C" not null,
      route text collate "C" not null,
      reason text collate "C" not null,
      day date not null,
      calls bigint not null,
      last_used_at timestamptz not null,
      primary key (key_id, route, reason, day)
    )`.execute(db);
}
