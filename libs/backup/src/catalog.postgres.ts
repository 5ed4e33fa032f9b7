import type pg from 'pg';

export interface CatalogColumn {
  readonly name: string;
  /** As it is written in a cast. */
  readonly type: string;
}

export interface CatalogTable {
  readonly name: string;
  /** Those that are written to; generated ones follow from them. */
  readonly columns: readonly CatalogColumn[];
  /** Tables that it refers to, itself left out. */
  readonly refersTo: readonly string[];
}

/** The tables of a schema, each after those that it refers to. */
export async function readTables(client: pg.PoolClient, schema: string): Promise<readonly CatalogTable[]> {
  const { rows } = await client.query<{ name: string; columns: CatalogColumn[]; refers_to: string[] }>(
    `select c.relname as name,
       (select json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod)) order by a.attnum)
        from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns,
       array(select distinct r.relname::text from pg_constraint f join pg_class r on r.oid = f.confrelid
             where f.conrelid = c.oid and f.contype = 'f' and f.confrelid <> c.oid) as refers_to
     from pg_class c where c.relnamespace = $1::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
     order by c.relname`,
    [schema],
  );
  return inOrder(rows.map(({ refers_to: refersTo, ...table }) => ({ ...table, refersTo })));
}

function inOrder(tables: readonly CatalogTable[]): readonly CatalogTable[] {
  const placed = new Map<string, CatalogTable>();
  const names = new Set(tables.map(({ name }) => name));
  while (placed.size < tables.length) {
    const next = tables.filter(
      ({ name, refersTo }) => !placed.has(name) && refersTo.every((other) => placed.has(other) || !names.has(other)),
    );
    if (next.length === 0)
      throw new Error('Tables refer to each other in a circle, so no order of them can be restored.');
    for (const table of next) placed.set(table.name, table);
  }
  return [...placed.values()];
}

export async function currentSchema(client: pg.PoolClient): Promise<string> {
  const { rows } = await client.query<{ name: string }>('select current_schema() as name');
  return rows[0]!.name;
}

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Values are written as text the same way whatever the server and its settings. */
export async function fixTextForms(client: pg.PoolClient): Promise<void> {
  await client.query(
    `set local datestyle = 'ISO, YMD'; set local intervalstyle = 'postgres'; set local timezone = 'UTC';
     set local extra_float_digits = 3; set local bytea_output = 'hex'; set local statement_timeout = 0`,
  );
}
