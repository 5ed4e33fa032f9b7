import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type pg from 'pg';
import type { Pool } from '@certfolio/database';
import { currentSchema, fixTextForms, quoted, readTables, type CatalogTable } from './catalog.postgres.ts';
import { drained } from './drained.ts';
import { formatVersion, type BackupHeader } from './format.ts';
import { defaultUnpackLimits } from './lines.ts';
import { roleOf } from './tables.ts';

export interface BackupOptions {
  readonly withMirror: boolean;
  /** Of the product. */
  readonly version: string;
  readonly now: Date;
}

/** About so many bytes are read from the database at once. */
const fetchBytes = 1_000_000;
const maxFetchRows = 2_000;

/**
 * Everything of one instant as the packed bytes of a backup, read as fast as they are taken. What is in memory does not grow
 * with the database.
 */
export async function* writeBackup(pool: Pool, options: BackupOptions): AsyncGenerator<Buffer> {
  const client = await pool.connect();
  let isClean = false;
  try {
    await client.query('begin transaction isolation level repeatable read read only');
    await fixTextForms(client);
    // Whoever takes the bytes may pause, but not for ever: the snapshot holds back the server's cleaning.
    await client.query(`set local idle_in_transaction_session_timeout = '10min'`);
    yield* packed(backupLines(client, options));
    await client.query('commit');
    isClean = true;
  } finally {
    client.release(!isClean);
  }
}

async function* backupLines(
  client: pg.PoolClient,
  { withMirror, version, now }: BackupOptions,
): AsyncGenerator<string> {
  const hash = createHash('sha256');
  const hashed = (text: string) => {
    hash.update(text);
    return text;
  };
  const all = await readTables(client, await currentSchema(client));
  const tables = all.filter(({ name }) => {
    const role = roleOf(name);
    return role !== 'left-out' && (role !== 'mirror' || withMirror);
  });
  const header: BackupHeader = {
    certfolio: 'backup',
    format: formatVersion,
    version,
    madeAt: now.toISOString(),
    migrations: await appliedMigrations(client),
    withMirror,
    tables: [],
  };
  for (const table of tables) {
    const { rows } = await client.query<{ rows: number }>(`select count(*) as rows from ${quoted(table.name)}`);
    header.tables.push({ name: table.name, columns: table.columns.map(({ name }) => name), rows: rows[0]!.rows });
  }
  yield hashed(`${JSON.stringify(header)}\n`);
  for (const table of tables) for await (const text of tableRows(client, table)) yield hashed(text);
  yield `${JSON.stringify({ sha256: hash.digest('hex') })}\n`;
}

/** Rows, several lines at a time. */
async function* tableRows(client: pg.PoolClient, { name, columns }: CatalogTable): AsyncGenerator<string> {
  const values = columns.map((column) => `${quoted(column.name)}::text`).join(', ');
  await client.query(
    `declare backup_rows no scroll cursor for select array_to_json(array[${values}])::text as line from ${quoted(name)}`,
  );
  let count = 20;
  for (;;) {
    const { rows } = await client.query<{ line: string }>(`fetch ${count} from backup_rows`);
    if (rows.length === 0) break;
    const text = rows.map(({ line }) => `${line}\n`).join('');
    if (text.length > defaultUnpackLimits.lineBytes / 4) assertRestorable(rows, name);
    yield text;
    if (rows.length < count) break;
    count = Math.max(1, Math.min(maxFetchRows, Math.floor(fetchBytes / (text.length / rows.length))));
  }
  await client.query('close backup_rows');
}

/** @throws Error for a row that no restore would take */
function assertRestorable(rows: readonly { readonly line: string }[], table: string): void {
  const { lineBytes } = defaultUnpackLimits;
  const longest = Math.max(...rows.map(({ line }) => Buffer.byteLength(line)));
  if (longest >= lineBytes)
    throw new Error(`A row of ${table} has ${longest} bytes; a backup takes rows of at most ${lineBytes}.`);
}

async function appliedMigrations(client: pg.PoolClient): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>('select name from kysely_migration order by name');
  return rows.map(({ name }) => name);
}

async function* packed(texts: AsyncGenerator<string>): AsyncGenerator<Buffer> {
  const gzip = createGzip({ level: 6 });
  let failure: { readonly error: unknown } | null = null;
  const feed = async () => {
    try {
      for await (const text of texts) {
        if (!gzip.write(text)) await drained(gzip);
        if (gzip.destroyed) return;
      }
      gzip.end();
    } catch (error) {
      failure = { error };
      gzip.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  };
  const feeding = feed();
  try {
    for await (const chunk of gzip as Readable) yield chunk as Buffer;
  } catch (error) {
    throw (failure as { readonly error: unknown } | null)?.error ?? error;
  } finally {
    gzip.destroy();
    // The connection is given back next, so nobody may still read from it.
    await feeding;
  }
}
