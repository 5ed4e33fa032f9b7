import type { PoolClient } from 'pg';
import type { Order, OrderField, OrderId } from '@certfolio/core';
import { columnOf, namesOfOrder } from './order-columns.ts';
import type { MergedRow, OrderWriting, StoredRow } from './store-merge.ts';
import { baseDomainsOf } from './store-names.ts';
import { storableJson } from './storable.ts';

/** What tells whether a row needs more than a look. */
export interface RowMark {
  readonly rowHash: Buffer | null;
  readonly hasVanished: boolean;
}

export async function readMarks(
  client: PoolClient,
  upstreamId: number,
  ids: readonly OrderId[],
): Promise<ReadonlyMap<OrderId, RowMark>> {
  const { rows } = await client.query<{ id: OrderId; row_hash: Buffer | null; vanished: boolean }>({
    name: 'mirror-marks',
    text: `select id, row_hash, vanished_at is not null as vanished from mirror_orders
           where upstream_id = $1 and id = any($2::bigint[])`,
    values: [upstreamId, ids],
  });
  return new Map(rows.map((row) => [row.id, { rowHash: row.row_hash, hasVanished: row.vanished }]));
}

/** Needed for what follows from a change, whatever the writing carries. */
const alwaysRead: readonly OrderField[] = ['commonName', 'dnsNames', 'hasDuplicates', 'hasReissues'];

/** The rows with the fields of the writing, locked against other writers. */
export async function lockRows(
  client: PoolClient,
  upstreamId: number,
  ids: readonly OrderId[],
  fields: readonly OrderField[],
): Promise<ReadonlyMap<OrderId, StoredRow>> {
  const columns = [...new Set([...fields, ...alwaysRead])].map(columnOf);
  const { rows } = await client.query<Record<string, unknown>>(
    `select id, ${columns.map(({ name }) => name).join(', ')}, row_hash, changed_at, info_at, duplicates_at, reissues_at,
       vanished_at is not null as has_vanished, (info_at is not null or requests is not null) as info_was_read
     from mirror_orders where upstream_id = $1 and id = any($2::bigint[]) order by id for update`,
    [upstreamId, ids],
  );
  return new Map(
    rows.map((row): [OrderId, StoredRow] => [
      row['id'] as OrderId,
      {
        order: {
          id: row['id'],
          ...Object.fromEntries(columns.map(({ field, name, decode }) => [field, decode(row[name])])),
        } as Order,
        rowHash: row['row_hash'] as Buffer | null,
        changedAt: row['changed_at'] as Date,
        infoAt: row['info_at'] as Date | null,
        infoWasRead: row['info_was_read'] as boolean,
        duplicatesAt: row['duplicates_at'] as Date | null,
        reissuesAt: row['reissues_at'] as Date | null,
        hasVanished: row['has_vanished'] as boolean,
      },
    ]),
  );
}

/** Writes rows, new ones and known ones alike, by one statement. */
export async function upsertRows(
  client: PoolClient,
  upstreamId: number,
  rows: readonly MergedRow[],
  { fields, parts }: Pick<OrderWriting, 'fields' | 'parts'>,
): Promise<void> {
  if (rows.length === 0) return;
  const hasNames = fields.includes('commonName') || fields.includes('dnsNames');
  const columns = [
    ...fields.map((field) => columnOf(field).name),
    ...(hasNames ? ['names', 'wildcard_names', 'base_domains'] : []),
    ...(parts == null ? [] : ['requests', 'notes']),
    ...['row_hash', 'changed_at', 'info_at', 'duplicates_at', 'reissues_at', 'vanished_at'],
  ];
  const list = columns.join(', ');
  await client.query(
    `insert into mirror_orders (upstream_id, id, first_seen_at, ${list})
     select $1, id, first_seen_at, ${list} from json_populate_recordset(null::mirror_orders, $2::json)
     on conflict (upstream_id, id) do update set ${columns.map((name) => `${name} = excluded.${name}`).join(', ')}`,
    [upstreamId, storableJson(rows.map((row) => jsonRow(row, fields, hasNames, parts)))],
  );
}

function jsonRow(
  { order, rowHash, changedAt, infoAt, duplicatesAt, reissuesAt }: MergedRow,
  fields: readonly OrderField[],
  hasNames: boolean,
  parts: OrderWriting['parts'],
): Readonly<Record<string, unknown>> {
  const row: Record<string, unknown> = {
    id: order.id,
    first_seen_at: changedAt,
    changed_at: changedAt,
    row_hash: rowHash === null ? null : `\\x${rowHash.toString('hex')}`,
    info_at: infoAt,
    duplicates_at: duplicatesAt,
    reissues_at: reissuesAt,
    ...(parts == null ? {} : { requests: parts.requests, notes: parts.notes }),
  };
  for (const field of fields) row[columnOf(field).name] = order[field];
  if (hasNames) {
    const { names, wildcardNames } = namesOfOrder(order);
    row['names'] = names;
    row['wildcard_names'] = wildcardNames;
    row['base_domains'] = baseDomainsOf(names);
  }
  return row;
}
