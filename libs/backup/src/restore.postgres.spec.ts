import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { knownMigrations, type Pool } from '@certfolio/database';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '@certfolio/database/testing';
import { BackupUnusable, DatabaseHasContent } from './errors.ts';
import type { BackupHeader } from './format.ts';
import { restoreBackup } from './restore.postgres.ts';
import { tableRoles } from './tables.ts';
import { writeBackup } from './write-backup.postgres.ts';

let from: TestDatabase;
let to: TestDatabase;

/** Two new databases for each test of a block, or for all of them where nothing changes. */
function withDatabases(before: typeof beforeEach, after: typeof afterEach): void {
  before(async () => {
    [from, to] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  });
  after(() => Promise.all([from.drop(), to.drop()]));
}

/** Values that a careless copy loses: JSON null and SQL null, empty and odd texts, bytes, arrays, fractions of a second. */
const content = `
  insert into upstreams (name, base_url, account_id) values ('default', 'https://a.test/services/v2', 9007199254740993);
  insert into mirrors (upstream_id, version) values (1, 5);
  insert into mirror_orders (upstream_id, id, common_name, cost, names, custom_fields, dns_names, row_hash, first_seen_at, changed_at)
    values (1, 7, E'tab\\t "quote" \\\\ \\u2028 証明書', 12.50, array['a,b', 'null', '', '{}'], '{"a": [1.0, null]}', null, '\\x00ff',
            '2026-11-23 12:00:00.123456+02', 'infinity');
  insert into mirror_documents values (1, 7, 'list', '{"id":7,"b" : 1.0,"a":"\\u2028"}', '2026-11-23 12:00:00.123456+02');
  insert into mirror_history (upstream_id, order_id, change, field, before, after, seen_at)
    values (1, 7, 'changed', 'status', 'null', null, now()), (1, 7, 'changed', 'status', '"x"', 'null', now());
  insert into upstream_keys values (decode(repeat('ab', 32), 'hex'), 1, now());
  insert into api_keys (id, name, owner, origin, level, templates, limits, scopes, containers, created_at, created_by)
    values ('0123456789', 'robot', 'ops', 'created', 'listed', '"all"', '{"rows": 5}', '{templates:run}', '{1,2}', now(), 'x');
  insert into key_secrets values (decode(repeat('cd', 32), 'hex'), '0123456789', 'native', now(), null);
  insert into audit_batches values (1, 2, decode(repeat('00', 32), 'hex'), decode(repeat('01', 64), 'hex'),
    '{"at":"2026","kind":"act",  "seq":1}' || e'\\n' || '{"seq":2}', '2026', '2026', '{0123456789,robot}', '{}', '{act}');
  insert into template_versions (name, version, source, document, metadata, state)
    values ('daily', 1, 'api', '{ me { name } }', 'owner: ops', 'draft'), ('daily', 2, 'api', '{ me { name } }', 'owner: ops', 'approved');
  insert into template_acts (name, version, state, at, key_id, key_name, owner) values ('daily', 2, 'approved', now(), '0123456789', 'robot', 'ops');
  insert into template_ids values (repeat('b', 64), 'imported', '{ me }', 'daily', 2, now(), '0123456789', 'robot', 'ops');
  insert into schedules (name, definition, owner, key_id, state, created_at, created_by, changed_at)
    values ('nightly', '{"a": 1}', 'ops', '0123456789', 'active', now(), 'x', now());
  insert into report_runs (id, schedule_id, schedule_name, owner, key_id, definition, slot, trigger, state, queued_at, start_after, keep_until)
    values ('run-1', 1, 'nightly', 'ops', '0123456789', '{}', now(), 'slot', 'delivered', now(), now(), now());
  insert into run_files values ('run-1', 'a.csv', 'text/csv', 3, repeat('c', 64));
  insert into run_file_parts values ('run-1', 'a.csv', 0, '\\x00ff0a');
  insert into seen_operations values ('0123456789', repeat('a', 64), null, '{ a }', null, 3, now(), now());`;

// The revision of templates goes on from whichever is higher, so it is never the same.
const dataTables = [...tableRoles]
  .filter(([name, role]) => role !== 'left-out' && name !== 'template_revision')
  .map(([name]) => name);
const revisionOf = async ({ pool }: TestDatabase): Promise<number> =>
  (await pool.query<{ revision: number }>('select revision from template_revision')).rows[0]!.revision;
/** Every row of every table as text. */
async function dump(pool: Pool, tables: readonly string[] = dataTables): Promise<Record<string, string[]>> {
  const all: Record<string, string[]> = {};
  for (const table of tables)
    all[table] = (await pool.query<{ row: string }>(`select t::text as row from ${table} t order by 1`)).rows.map(
      ({ row }) => row,
    );
  return all;
}
async function schemaOf(pool: Pool): Promise<readonly unknown[]> {
  const { rows } = await pool.query(
    `select table_name, column_name, data_type, is_nullable, is_generated, identity_generation from information_schema.columns where table_schema = 'public'
     union all select tablename, indexname, indexdef, '', '', '' from pg_indexes where schemaname = 'public'
     union all select tgrelid::regclass::text, tgname, pg_get_triggerdef(oid), '', '', '' from pg_trigger where not tgisinternal
     union all select conrelid::regclass::text, conname, pg_get_constraintdef(oid), '', '', '' from pg_constraint where connamespace = 'public'::regnamespace
     union all select proname, pg_get_functiondef(oid), '', '', '', '' from pg_proc where pronamespace = 'public'::regnamespace
     order by 1, 2, 3`,
  );
  return rows;
}
const backup = (pool: Pool, withMirror = true): Promise<Buffer> =>
  buffer(writeBackup(pool, { withMirror, version: '1.2.3', now: new Date('2026-11-23T12:00:00Z') }));
async function* pieces(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 1_000) yield bytes.subarray(at, at + 1_000);
}
const restore = (bytes: Buffer, replace = false) => restoreBackup(to.pool, pieces(bytes), { replace });
/** A backup whose lines were changed and whose SHA-256 is right all the same. */
function rewritten(bytes: Buffer, change: (header: BackupHeader, rows: string[]) => void): Buffer {
  const lines = gunzipSync(bytes).toString().trimEnd().split('\n');
  const header = JSON.parse(lines[0]!) as BackupHeader;
  const rows = lines.slice(1, -1);
  change(header, rows);
  const body = [JSON.stringify(header), ...rows].map((line) => `${line}\n`).join('');
  return gzipSync(`${body}${JSON.stringify({ sha256: createHash('sha256').update(body).digest('hex') })}\n`);
}

describe('a restore', () => {
  withDatabases(beforeEach, afterEach);

  it('gives every row back as it was, in the same schema, and goes on counting after it', async () => {
    await from.pool.query(content);
    const before = await schemaOf(to.pool);
    const restored = await restore(await backup(from.pool));
    expect(restored).toMatchObject({
      madeAt: '2026-11-23T12:00:00.000Z',
      version: '1.2.3',
      withMirror: true,
      rows: 20,
      migrated: [],
    });
    expect(await dump(to.pool)).toEqual(await dump(from.pool));
    expect([await revisionOf(from), await revisionOf(to)]).toEqual([4, 5]);
    expect(await schemaOf(to.pool)).toEqual(before);
    await expect(to.pool.query(`update template_versions set document = 'x' where version = 2`)).rejects.toThrow(
      /never changes/,
    );
    const { rows } = await to.pool.query<{ id: number }>(
      `insert into upstreams (name, base_url, account_id) values ('b', 'https://b.test', 1) returning id`,
    );
    expect(rows).toEqual([{ id: 2 }]);
    await expect(to.pool.query('delete from audit_batches')).rejects.toThrow(/append-only/);
    const { rows: removed } = await to.pool.query(`select audit_remove_up_to(2)::int as entries`);
    expect(removed).toEqual([{ entries: 2 }]);
  });

  it('leaves out what can be read again, when asked to', async () => {
    await from.pool.query(content);
    await restore(await backup(from.pool, false));
    const mirror = [...tableRoles].filter(([, role]) => role === 'mirror').map(([name]) => name);
    expect(Object.values(await dump(to.pool, mirror)).flat()).toEqual([]);
    const others = dataTables.filter((name) => !mirror.includes(name));
    expect(await dump(to.pool, others)).toEqual(await dump(from.pool, others));
  });

  it('gives accounts numbers that the database never gave another', async () => {
    await from.pool.query(content);
    await to.pool
      .query(`insert into upstreams (name, base_url, account_id) values ('x', 'https://x.test', 1), ('y', 'https://y.test', 2);
      delete from upstreams`);
    await restore(await backup(from.pool));
    const { rows } = await to.pool.query(
      'select upstreams.id, base_url, order_id from upstreams join mirror_history on upstream_id = upstreams.id limit 1',
    );
    expect(rows).toEqual([{ id: 3, base_url: 'https://a.test/services/v2', order_id: 7 }]);
  });

  it('refuses a database with content, unless it is to be replaced', async () => {
    const empty = await backup(from.pool);
    await to.pool.query(content);
    const before = await dump(to.pool);
    await expect(restore(empty)).rejects.toThrow(DatabaseHasContent);
    await expect(restore(empty)).rejects.toThrow(/api_keys, seen_operations, schedules, template_ids/);
    expect(await dump(to.pool)).toEqual(before);
    await restore(empty, true);
    expect(Object.values(await dump(to.pool)).flat()).toEqual([]);
  });

  it('takes a database with admin keys of its own for a new one', async () => {
    await to.pool.query(
      content
        .split(';')
        .filter((statement) => /into api_keys/.test(statement))
        .join(';')
        .replace(`'created'`, `'first-admin'`),
    );
    // The revision of templates, which every database has.
    await expect(restore(await backup(from.pool))).resolves.toMatchObject({ rows: 1 });
  });

  it('leaves tables of others in the same schema alone', async () => {
    await Promise.all(
      [from, to].map(({ pool }) => pool.query('create table of_others (a int); insert into of_others values (1)')),
    );
    await restore(await backup(from.pool));
    expect((await to.pool.query('select * from of_others')).rows).toEqual([{ a: 1 }]);
  });

  it('of an older release brings its rows up to this one', async () => {
    await from.pool.query(content);
    await from.pool.query(`alter table key_secrets drop last_used_at;
      alter table api_keys drop variables, drop in_url, drop tier, drop managed_by, drop rest, drop is_adopted`);
    const old = rewritten(await backup(from.pool), (header, rows) => {
      const kept = header.tables.filter(({ name }) =>
        /^(api_keys|key_secrets|upstream|mirror(?!_documents))/.test(name),
      );
      let at = 0;
      const lines = header.tables.flatMap(({ name, rows: count }) => {
        const own = rows.slice(at, (at += count));
        return kept.some((table) => table.name === name) ? own : [];
      });
      rows.splice(0, rows.length, ...lines);
      header.tables = kept;
      header.migrations = ['0001-keys', '0002-mirror'];
    });
    expect((await restore(old)).migrated).toEqual(knownMigrations.slice(2));
    const all = await dump(to.pool);
    expect(all['mirror_history']).toHaveLength(2);
    expect(all['audit_batches']).toEqual([]);
  });
});

describe('a file that cannot be restored', () => {
  let good: Buffer;
  let before: Record<string, string[]>;
  withDatabases(beforeAll, afterAll);
  beforeAll(async () => {
    await from.pool.query(content);
    good = await backup(from.pool);
    await to.pool.query(`insert into upstreams (name, base_url, account_id) values ('mine', 'https://mine.test', 1)`);
    before = await dump(to.pool);
  });
  const changed = (change: (header: BackupHeader, rows: string[]) => void) => () => rewritten(good, change);

  it.each<[string, () => Buffer, RegExp]>([
    ['is cut off', () => good.subarray(0, good.length - 20), /ends early|not whole/],
    ['is empty', () => gzipSync(''), /is empty/],
    ['is another file', () => gzipSync('{"hello": 1}\n'), /no backup of Certfolio/],
    [
      'has text altered',
      () => gzipSync(gunzipSync(good).toString().replace('robot', 'rabot')),
      /SHA-256 is not the one/,
    ],
    ['goes on after its end', () => Buffer.concat([good, gzipSync('more\n')]), /something follows/],
    ['has another format', changed((header) => (header.format = 2)), /format 2, and this release reads 1/],
    [
      'is of a newer release',
      changed((header) => header.migrations.push('9999-later')),
      /newer release \(1.2.3\), whose migrations 9999-later/,
    ],
    ['has other migrations', changed((header) => header.migrations.shift()), /are not the first ones of this release/],
    ['has a table of its own', changed((header) => (header.tables[0]!.name = 'pg_class')), /a table "pg_class"/],
    [
      'has the list of migrations',
      changed((header) => (header.tables[0]!.name = 'kysely_migration')),
      /kysely_migration/,
    ],
    [
      'has a column of its own',
      changed((header) => (header.tables[0]!.columns[0] = 'id") values (1); drop table api_keys; --')),
      /columns of its table/,
    ],
    ['has fewer rows than it says', changed((_header, rows) => rows.pop()), /none\.|ends early/],
    ['has more rows than it says', changed((_header, rows) => rows.push('["x"]')), /last line/],
    [
      'has a value of another type',
      changed((_header, rows) => (rows[0] = rows[0]!.replace('{1,2}', 'zwei'))),
      /does not take rows of its table "api_keys"/,
    ],
    [
      'has a row of something else',
      changed((_header, rows) => (rows[0] = '{"a": 1}')),
      /row 1 of its table "api_keys" is none/,
    ],
    [
      'has a key twice',
      changed((header, rows) => (rows.unshift(rows[0]!), (header.tables[0]!.rows += 1))),
      /duplicate key/,
    ],
  ])('since it %s changes nothing', async (_what, make, message) => {
    const restoring = restore(make());
    await expect(restoring).rejects.toThrow(BackupUnusable);
    await expect(restoring).rejects.toThrow(message);
    expect(await dump(to.pool)).toEqual(before);
    const { rows } = await to.pool.query(`select from pg_namespace where nspname = 'certfolio_restore'`);
    expect(rows).toEqual([]);
  });
});

describe('backups', () => {
  withDatabases(beforeEach, afterEach);

  it('decides about every table that a migration makes', async () => {
    const { rows } = await from.pool.query<{ name: string }>(
      `select tablename::text as name from pg_tables where schemaname = 'public' order by 1`,
    );
    const undecided = rows.map(({ name }) => name).filter((name) => !tableRoles.has(name));
    // A table of a new migration: say in libs/backup/src/tables.ts what a backup does with it.
    expect(undecided).toEqual([]);
    expect([...tableRoles.keys()].filter((name) => !rows.some((row) => row.name === name))).toEqual([]);
  });

  it('is of one instant, whatever happens while it is written', async () => {
    await from.pool.query(content);
    const writing = writeBackup(from.pool, { withMirror: true, version: '1', now: new Date(0) });
    const first = (await writing.next()).value as Buffer;
    await from.pool.query('delete from seen_operations; delete from key_secrets');
    const rest: Buffer[] = [];
    for await (const piece of writing) rest.push(piece);
    const text = gunzipSync(Buffer.concat([first, ...rest])).toString();
    expect(text).toContain('{ a }');
  });

  it('gives its connection back when nobody wants the rest', async () => {
    await from.pool.query(content);
    for (let time = 0; time < 6; time += 1)
      for await (const piece of writeBackup(from.pool, { withMirror: true, version: '1', now: new Date(0) }))
        if (piece) break;
    // One connection that was kept would make the pool's last places wait for ever.
    expect((await backup(from.pool)).length).toBeGreaterThan(100);
  });

  it('lets one restore at a time begin', async () => {
    const bytes = await backup(from.pool);
    const results = await Promise.allSettled([restore(bytes), restore(bytes)]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(String(results.find(({ status }) => status === 'rejected')!['reason' as never])).toMatch(/Another restore/);
  });

  it('says when a database has no product in it', async () => {
    const empty = await createEmptyDatabase();
    await expect(buffer(writeBackup(empty.pool, { withMirror: true, version: '1', now: new Date(0) }))).rejects.toThrow(
      /kysely_migration/,
    );
    await empty.drop();
  });
});
