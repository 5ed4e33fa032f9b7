import type pg from 'pg';
import { ServiceUnavailable } from '@certfolio/core';
import { applyMigrations, knownMigrations, migrationLock, type Pool } from '@certfolio/database';
import { currentSchema, fixTextForms, quoted, readTables, type CatalogTable } from './catalog.postgres.ts';
import { errorCode } from './error-code.ts';
import { BackupUnusable, DatabaseHasContent } from './errors.ts';
import { parseEnd, parseHeader, type BackedUpTable, type BackupHeader } from './format.ts';
import { unpackedLines, type UnpackedLine, type UnpackLimits } from './lines.ts';
import { roleOf } from './tables.ts';

export interface RestoreOptions {
  /** What the database has is replaced; else a database with content is refused. */
  readonly replace: boolean;
  readonly limits?: UnpackLimits;
}

export interface Restored {
  readonly madeAt: string;
  /** Release that wrote the backup. */
  readonly version: string;
  readonly sha256: string;
  readonly withMirror: boolean;
  readonly tables: number;
  readonly rows: number;
  /** Migrations that were applied to the rows, since an older release wrote them. */
  readonly migrated: readonly string[];
}

/** The schema that is filled beside the one in use and then takes its place. */
const building = 'certfolio_restore';
/** How long the change of places waits for transactions of others that use the tables. */
const lockTimeout = '20s';
/** Characters of rows that are written at once. */
const insertChars = 1_000_000;
const insertRows = 1_000;

/**
 * Replaces what the database has by a backup, in one transaction: all of it or nothing. The tables are built and filled in a
 * schema beside the one in use, as the release that wrote the backup had them, migrated on, and change places at the end,
 * so that readers wait for moments only.
 *
 * @throws BackupUnusable, DatabaseHasContent; nothing was changed then
 */
export async function restoreBackup(
  pool: Pool,
  packed: AsyncIterable<Uint8Array>,
  { replace, limits }: RestoreOptions,
): Promise<Restored> {
  const client = await pool.connect();
  let isClean = false;
  try {
    await client.query('begin');
    await fixTextForms(client);
    // Between two pieces of an upload that is slow nothing is asked of the database.
    await client.query(`set local idle_in_transaction_session_timeout = '10min'`);
    const restored = await restoreWithin(client, unpackedLines(packed, limits), replace);
    await client.query('commit');
    isClean = true;
    return restored;
  } catch (error) {
    // Waited for, so that the locks are free when the caller hears of it.
    isClean = await client.query('rollback').then(
      () => true,
      () => false,
    );
    throw error;
  } finally {
    client.release(!isClean); // closes the session and with it the transaction
  }
}

async function restoreWithin(
  client: pg.PoolClient,
  lines: AsyncGenerator<UnpackedLine>,
  replace: boolean,
): Promise<Restored> {
  await lockOthersOut(client);
  const first = await lines.next();
  if (first.done === true) throw new BackupUnusable('the file is empty.');
  const header = parseHeader(first.value.text);
  const later = migrationsAfter(header);
  const schema = await currentSchema(client);
  const inUse = await readTables(client, schema);
  if (!replace) await assertNoContent(client, inUse);
  const upstreamOffset = await upstreamOffsetOf(client, inUse);

  await client.query(`drop schema if exists ${building} cascade; create schema ${building}`);
  await client.query(`set local search_path = ${building}`);
  await applyMigrations(client, header.migrations);
  const built = new Map((await readTables(client, building)).map((table) => [table.name, table]));
  let rows = 0;
  for (const table of header.tables) {
    await fill(client, matching(table, built), table, lines, upstreamOffset);
    rows += table.rows;
  }
  const sha256 = await endOf(lines);
  await applyMigrations(client, later);
  await continueSequences(client);
  await raiseRevision(client, schema, inUse);
  await changePlaces(client, schema, inUse);
  const { madeAt, version, withMirror } = header;
  return { madeAt, version, sha256, withMirror, tables: header.tables.length, rows, migrated: later };
}

async function lockOthersOut(client: pg.PoolClient): Promise<void> {
  const { rows } = await client.query<{ alone: boolean }>(
    `select pg_try_advisory_xact_lock($1) and pg_try_advisory_xact_lock(hashtext('certfolio restore')) as alone`,
    [migrationLock],
  );
  if (rows[0]?.alone !== true)
    throw new ServiceUnavailable('Another restore, or a migration of this database, is under way.', {
      retryAfterMs: 10_000,
    });
}

/** Migrations of this release that the backup does not have. @throws BackupUnusable when it has others */
function migrationsAfter({ migrations, version }: BackupHeader): readonly string[] {
  const unknown = migrations.filter((name) => !knownMigrations.includes(name));
  if (unknown.length > 0)
    throw new BackupUnusable(
      `it was written by a newer release (${version}), whose migrations ${unknown.join(', ')} this one does not know; restore it with that release.`,
    );
  const isPrefix = migrations.every((name, index) => name === knownMigrations[index]);
  if (!isPrefix)
    throw new BackupUnusable(
      `its migrations (${migrations.join(', ') || 'none'}) are not the first ones of this release (${knownMigrations.join(', ')}), so its rows cannot be brought up to it.`,
    );
  return knownMigrations.slice(migrations.length);
}

async function assertNoContent(client: pg.PoolClient, tables: readonly CatalogTable[]): Promise<void> {
  const found: string[] = [];
  for (const { name } of tables) {
    // The keys of the first start and of CERTFOLIO_ADMIN_KEY are in every database.
    const condition = name === 'api_keys' ? `where origin = 'created'` : '';
    if (name !== 'api_keys' && roleOf(name) !== 'content') continue;
    const { rows } = await client.query(`select from ${quoted(name)} ${condition} limit 1`);
    if (rows.length > 0) found.push(name);
  }
  if (found.length > 0) throw new DatabaseHasContent(found);
}

/**
 * Processes that run know the account they read by its number. Restored accounts get numbers that this database never gave
 * away, so that none of them takes the data of one account for that of another.
 */
async function upstreamOffsetOf(client: pg.PoolClient, tables: readonly CatalogTable[]): Promise<number> {
  if (!tables.some(({ name }) => name === 'upstreams')) return 0;
  const { rows } = await client.query<{ last: number }>(
    `select greatest(coalesce((select max(id) from upstreams), 0),
       coalesce(pg_sequence_last_value(pg_get_serial_sequence('upstreams', 'id')::regclass), 0)) as last`,
  );
  return rows[0]!.last;
}

function matching(table: BackedUpTable, built: ReadonlyMap<string, CatalogTable>): CatalogTable {
  const found = built.get(table.name);
  if (found === undefined || roleOf(table.name) === 'left-out')
    throw new BackupUnusable(`it has a table "${table.name}", which its migrations do not make.`);
  const expected = found.columns.map(({ name }) => name);
  if (expected.join() !== table.columns.join())
    throw new BackupUnusable(`the columns of its table "${table.name}" are not those that its migrations make.`);
  return found;
}

/** Gateways read templates again when their revision is another one, so it must not come back to one that they know. */
async function raiseRevision(client: pg.PoolClient, schema: string, inUse: readonly CatalogTable[]): Promise<void> {
  if (!inUse.some(({ name }) => name === 'template_revision')) return;
  await client.query(
    `update template_revision set revision = 1 + greatest(revision, (select max(revision) from ${quoted(schema)}.template_revision))`,
  );
}

async function fill(
  client: pg.PoolClient,
  { name, columns }: CatalogTable,
  { rows }: BackedUpTable,
  lines: AsyncGenerator<UnpackedLine>,
  upstreamOffset: number,
): Promise<void> {
  const names = columns.map((column) => quoted(column.name)).join(', ');
  const values = columns.map((column, index) => {
    const isUpstream = column.name === 'upstream_id' || (name === 'upstreams' && column.name === 'id');
    return `(row ->> ${index})::${column.type}${isUpstream ? ` + ${upstreamOffset}` : ''}`;
  });
  const statement = `insert into ${quoted(name)} (${names}) overriding system value
    select ${values.join(', ')} from jsonb_array_elements($1::jsonb) as row`;
  // Rows are as they were when their triggers had run; those that a migration makes are among them.
  await client.query(`alter table ${quoted(name)} disable trigger user`);
  await client.query(`delete from ${quoted(name)}`);
  let batch: string[] = [];
  let chars = 0;
  const write = async () => {
    if (batch.length === 0) return;
    await client.query(statement, [`[${batch.join(',')}]`]).catch((cause: unknown) => {
      throw unusableRows(name, cause);
    });
    batch = [];
    chars = 0;
  };
  for (let count = 0; count < rows; count += 1) {
    const next = await lines.next();
    if (next.done === true) throw new BackupUnusable('the file ends early; it is not whole.');
    const { text } = next.value;
    if (!isRow(text, columns.length)) throw new BackupUnusable(`row ${count + 1} of its table "${name}" is none.`);
    batch.push(text);
    chars += text.length;
    if (chars >= insertChars || batch.length >= insertRows) await write();
  }
  await write();
  await client.query(`alter table ${quoted(name)} enable trigger user`);
}

function isRow(text: string, columns: number): boolean {
  if (!text.startsWith('[')) return false;
  try {
    const row: unknown = JSON.parse(text);
    return (
      Array.isArray(row) && row.length === columns && row.every((value) => value === null || typeof value === 'string')
    );
  } catch {
    return false;
  }
}

/** What PostgreSQL says of values; a connection that is gone is no fault of the file. */
function unusableRows(table: string, cause: unknown): unknown {
  // Classes 22 (data exception) and 23 (integrity violation), https://www.postgresql.org/docs/15/errcodes-appendix.html
  if (!/^2[23]/.test(errorCode(cause) ?? '')) return cause;
  return new BackupUnusable(`the database does not take rows of its table "${table}" (${(cause as Error).message}).`, {
    cause,
  });
}

/** @throws BackupUnusable when the rows are not those that were written, or something follows them */
async function endOf(lines: AsyncGenerator<UnpackedLine>): Promise<string> {
  const last = await lines.next();
  if (last.done === true) throw new BackupUnusable('the file ends early; it is not whole.');
  const { sha256 } = parseEnd(last.value.text);
  if (last.value.sha256Before() !== sha256)
    throw new BackupUnusable('its SHA-256 is not the one that it was written with; bytes of it were altered.');
  if ((await lines.next()).done !== true) throw new BackupUnusable('something follows its end.');
  return sha256;
}

/** New rows get numbers after those that were restored. */
async function continueSequences(client: pg.PoolClient): Promise<void> {
  const { rows } = await client.query<{ table: string; column: string; sequence: string }>(
    `select c.relname as table, a.attname as column, pg_get_serial_sequence(quote_ident(c.relname), a.attname) as sequence
     from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where c.relnamespace = $1::regnamespace and c.relkind in ('r', 'p')
       and pg_get_serial_sequence(quote_ident(c.relname), a.attname) is not null`,
    [building],
  );
  for (const { table, column, sequence } of rows)
    await client.query(
      `select setval($1::regclass, coalesce(max(${quoted(column)}), 1), max(${quoted(column)}) is not null) from ${quoted(table)}`,
      [sequence],
    );
}

/** The tables and functions that were built take the places of those in use. */
async function changePlaces(client: pg.PoolClient, schema: string, inUse: readonly CatalogTable[]): Promise<void> {
  await client.query(`set local lock_timeout = '${lockTimeout}'`);
  const built = await readTables(client, building);
  const dropped = inUse.filter(({ name }) => built.some((table) => table.name === name));
  if (dropped.length > 0)
    await client
      .query(`drop table ${dropped.map(({ name }) => `${quoted(schema)}.${quoted(name)}`).join(', ')} cascade`)
      .catch((cause: unknown) => {
        throw isLockTimeout(cause)
          ? new ServiceUnavailable(
              `Other transactions used the tables for more than ${lockTimeout}; nothing was changed. Try again when less is going on.`,
              { cause, retryAfterMs: 60_000 },
            )
          : cause;
      });
  const { rows: functions } = await client.query<{ signature: string; name: string }>(
    `select quote_ident(proname) || '(' || pg_get_function_identity_arguments(oid) || ')' as signature, proname as name
     from pg_proc where pronamespace = $1::regnamespace`,
    [building],
  );
  for (const { signature } of functions) {
    await client.query(`drop function if exists ${quoted(schema)}.${signature}`);
    await client.query(`alter function ${building}.${signature} set schema ${quoted(schema)}`);
  }
  for (const { name } of built)
    await client.query(`alter table ${building}.${quoted(name)} set schema ${quoted(schema)}`);
  await client.query(`drop schema ${building}`);
}

/** https://www.postgresql.org/docs/15/errcodes-appendix.html: lock_not_available, which lock_timeout gives. */
const isLockTimeout = (error: unknown): boolean => errorCode(error) === '55P03';
