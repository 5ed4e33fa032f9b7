import type { PoolClient } from 'pg';
import type { Order } from '@certfolio/core';
import { documentSources } from './order-columns.ts';
import { storableText } from './storable.ts';
import type { OrderWriting } from './store-merge.ts';

/**
 * Keeps the documents that came with a reading of list or order info, of orders that the mirror has. In a table of their own: rows
 * that are scanned, compared and rewritten all day stay as narrow as they were.
 *
 * @returns how many are new or differ
 */
export async function writeDocuments(
  client: PoolClient,
  upstreamId: number,
  orders: readonly Order[],
  { source, asOf }: Pick<OrderWriting, 'source' | 'asOf'>,
): Promise<number> {
  const field = [...documentSources].find(([, its]) => its === source)?.[0];
  if (field === undefined) return 0;
  const carrying = orders.filter((order) => order[field] != null);
  if (carrying.length === 0) return 0;
  const { rowCount } = await client.query(
    `insert into mirror_documents as its (upstream_id, order_id, source, document, read_at)
     select $1, id, $2, document, $5 from unnest($3::bigint[], $4::text[]) as given (id, document)
     on conflict (upstream_id, order_id, source) do update set document = excluded.document, read_at = excluded.read_at
     where its.read_at <= excluded.read_at and its.document <> excluded.document`,
    [
      upstreamId,
      source,
      carrying.map(({ id }) => id),
      carrying.map((order) => storableText(String(order[field]))),
      asOf,
    ],
  );
  return rowCount ?? 0;
}
