import { sql, type Kysely } from 'kysely';

/** Who ran which version of a template, and which fields operations without a template selected, by day in UTC. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table template_uses (
      key_id text collate "C" not null,
      name text collate "C" not null,
      version integer not null,
      day date not null,
      runs bigint not null,
      first_used_at timestamptz not null,
      last_used_at timestamptz not null,
      primary key (key_id, name, version, day)
    )`.execute(db);
  await sql`create index template_uses_name on template_uses (name, version)`.execute(db);

  await sql`
    create table field_uses (
      key_id text collate "C" not null,
      coordinate text collate "C" not null,
      day date not null,
      runs bigint not null,
      first_used_at timestamptz not null,
      last_used_at timestamptz not null,
      primary key (key_id, coordinate, day)
    )`.execute(db);
  await sql`comment on column field_uses.coordinate is 'Type.field'`.execute(db);
  await sql`create index field_uses_coordinate on field_uses (coordinate)`.execute(db);
}
