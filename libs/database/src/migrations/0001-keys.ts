import { sql, type Kysely } from 'kysely';

/** Upstream accounts, which data read from CertCentral is bound to, and the keys that callers send. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('upstreams')
    .addColumn('id', 'integer', (column) => column.primaryKey().generatedAlwaysAsIdentity())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('base_url', 'text', (column) => column.notNull())
    .addColumn('account_id', 'bigint', (column) => column.notNull())
    .addColumn('created_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .addUniqueConstraint('upstreams_base_url_account_id_key', ['base_url', 'account_id'])
    .execute();

  await db.schema
    .createTable('api_keys')
    .addColumn('id', 'text', (column) => column.primaryKey().check(sql`id ~ '^[0-9A-Za-z]{10}$'`))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('owner', 'text', (column) => column.notNull())
    .addColumn('origin', 'text', (column) =>
      column.notNull().check(sql`origin in ('created', 'first-admin', 'environment')`),
    )
    .addColumn('level', 'text', (column) => column.notNull())
    .addColumn('templates', 'jsonb', (column) => column.notNull())
    .addColumn('limits', 'jsonb', (column) => column.notNull())
    .addColumn('scopes', sql`text[]`, (column) => column.notNull())
    .addColumn('containers', sql`integer[]`)
    .addColumn('fields', sql`text[]`)
    .addColumn('account', 'text', (column) => column.notNull().defaultTo('default'))
    .addColumn('created_at', 'timestamptz', (column) => column.notNull())
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('expires_at', 'timestamptz')
    .addColumn('revoked_at', 'timestamptz')
    .addColumn('last_used_at', 'timestamptz')
    .execute();
  await sql`comment on column api_keys.containers is 'division ids; null: all'`.execute(db);
  await sql`comment on column api_keys.fields is 'sensitive fields it may select; null: all'`.execute(db);
  await sql`create unique index api_keys_live_name on api_keys (name) where revoked_at is null`.execute(db);
  await sql`create unique index api_keys_one_first_admin on api_keys (origin) where origin = 'first-admin'`.execute(db);
  await sql`create unique index api_keys_one_environment on api_keys (origin) where origin = 'environment'`.execute(db);

  await db.schema
    .createTable('key_secrets')
    .addColumn('sha256', 'bytea', (column) => column.primaryKey().check(sql`length(sha256) = 32`))
    .addColumn('key_id', 'text', (column) => column.notNull().references('api_keys.id').onDelete('cascade'))
    .addColumn('kind', 'text', (column) => column.notNull().check(sql`kind in ('native', 'adopted')`))
    .addColumn('created_at', 'timestamptz', (column) => column.notNull())
    .addColumn('expires_at', 'timestamptz')
    .execute();
  await db.schema.createIndex('key_secrets_key_id').on('key_secrets').column('key_id').execute();
}
