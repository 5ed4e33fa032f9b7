import { sql, type Kysely } from 'kysely';

const states = sql`('draft', 'approved', 'deprecated', 'retired')`;

/**
 * Versions of templates with their exact bytes, what became of each, and further ids. The database itself keeps the text of a
 * version that was ever approved, and counts every change, so that replicas see one by looking at a single number.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table template_revision (
      one boolean primary key default true check (one),
      revision bigint not null
    )`.execute(db);
  await sql`insert into template_revision (revision) values (0)`.execute(db);

  await sql`
    create table template_versions (
      name text collate "C" not null check (name ~ '^[a-z][a-z0-9-]{0,63}$'),
      version integer not null check (version > 0),
      source text not null check (source in ('folder', 'api')),
      document bytea not null,
      metadata text not null,
      state text not null default 'draft' check (state in ${states}),
      file_state text check (file_state in ${states}),
      is_frozen boolean not null default false,
      withdrawn_at timestamptz,
      revision bigint not null default 0,
      primary key (name, version),
      check ((source = 'folder') = (file_state is not null)),
      check (source = 'folder' or withdrawn_at is null)
    )`.execute(db);
  const comments: readonly (readonly [string, string])[] = [
    ['document', 'the .graphql file, byte by byte'],
    ['metadata', 'the .yaml file'],
    ['state', 'set through the API'],
    ['file_state', 'what the file in the folder says; the later of the two states holds'],
    ['is_frozen', 'was ever more than a draft, so its text never changes'],
    ['withdrawn_at', 'its file is gone from the folder; it comes back with the file'],
    ['revision', 'of its last change'],
  ];
  for (const [column, comment] of comments)
    await sql`comment on column template_versions.${sql.ref(column)} is ${sql.lit(comment)}`.execute(db);

  await sql`
    create table template_acts (
      id bigint generated always as identity primary key,
      name text collate "C" not null,
      version integer not null,
      state text not null check (state in ${states}),
      at timestamptz not null,
      key_id text,
      key_name text,
      owner text,
      note text,
      sunset date,
      reviewed text[] not null default '{}',
      foreign key (name, version) references template_versions on delete cascade
    )`.execute(db);
  await sql`comment on table template_acts is 'who brought a version into a state; draft: who wrote its text'`.execute(
    db,
  );
  await sql`comment on column template_acts.key_id is 'null: the folder did'`.execute(db);
  await sql`create index template_acts_version on template_acts (name, version, id)`.execute(db);

  await sql`
    create table template_ids (
      id text collate "C" primary key check (length(id) between 1 and 256),
      kind text not null check (kind in ('imported')),
      text text not null,
      name text collate "C" not null,
      version integer not null,
      added_at timestamptz not null,
      key_id text not null,
      key_name text not null,
      owner text not null,
      foreign key (name, version) references template_versions on delete cascade
    )`.execute(db);
  await sql`create index template_ids_version on template_ids (name, version)`.execute(db);

  await sql`
    create function guard_template_version() returns trigger language plpgsql as $$
    begin
      if tg_op = 'INSERT' then
        new.is_frozen := false;
      elsif old.is_frozen then
        if tg_op = 'DELETE' then
          raise exception 'The version %@% was approved once and is never deleted.', old.name, old.version
            using errcode = 'check_violation', constraint = 'template_versions_frozen';
        elsif new.document <> old.document or new.name <> old.name or new.version <> old.version then
          raise exception 'The text of %@% was approved once and never changes.', old.name, old.version
            using errcode = 'check_violation', constraint = 'template_versions_frozen';
        end if;
        new.is_frozen := true;
      end if;
      if tg_op = 'DELETE' then
        update template_revision set revision = revision + 1;
        return old;
      end if;
      new.is_frozen := new.is_frozen or new.state <> 'draft' or coalesce(new.file_state, 'draft') <> 'draft';
      update template_revision set revision = revision + 1 returning revision into new.revision;
      return new;
    end $$`.execute(db);
  await sql`
    create trigger guard_template_version before insert or update or delete on template_versions
      for each row execute function guard_template_version()`.execute(db);

  await sql`
    create function guard_template_addition() returns trigger language plpgsql as $$
    begin
      if tg_op = 'UPDATE' then
        raise exception 'What was added to a template never changes.'
          using errcode = 'check_violation', constraint = 'template_additions_frozen';
      end if;
      update template_revision set revision = revision + 1;
      return null;
    end $$`.execute(db);
  for (const table of ['template_ids', 'template_acts'])
    await sql`
      create trigger ${sql.ref(`guard_${table}`)} after insert or update or delete on ${sql.table(table)}
        for each row execute function guard_template_addition()`.execute(db);
}
