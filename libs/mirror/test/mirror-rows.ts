import type { Order, OrderCertificate, OrderId } from '@certfolio/core';
import type { Pool } from '@certfolio/database';
import { documentSources, namesOfOrder, orderColumns } from '../src/index.ts';

/** A row of `upstreams` and `mirrors`; gives its id. */
export async function makeMirror(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ id: number }>(
    `insert into upstreams (name, base_url, account_id)
     select 'test', 'https://test', count(*) from upstreams returning id`,
  );
  await pool.query('insert into mirrors (upstream_id) values ($1)', [rows[0]!.id]);
  return rows[0]!.id;
}

/** What rows hold beside the order, as they would be inserted. */
export type RowExtras = Partial<
  Record<'info_at' | 'duplicates_at' | 'reissues_at' | 'vanished_at' | 'first_seen_at', string | null> &
    Record<'requests' | 'notes', unknown>
>;

const batchRows = 500;

export async function insertOrders(
  pool: Pool,
  upstreamId: number,
  orders: readonly Order[],
  extras: RowExtras = {},
): Promise<void> {
  const columns = [...orderColumns.values()].filter(({ kind }) => kind !== 'document');
  const names = [...columns.map(({ name }) => name), 'upstream_id', 'names', 'wildcard_names', 'first_seen_at'];
  const more = Object.entries({ changed_at: '2026-11-01T00:00:00Z', ...extras });
  const allNames = [...names, ...more.map(([name]) => name).filter((name) => name !== 'first_seen_at')];
  for (let at = 0; at < orders.length; at += batchRows) {
    const values: unknown[] = [];
    const rows = orders.slice(at, at + batchRows).map((order) => {
      const known = namesOfOrder(order);
      const row = [
        ...columns.map(({ field, encode }) => encode(order[field])),
        upstreamId,
        known.names,
        known.wildcardNames,
        extras.first_seen_at ?? '2026-11-01T00:00:00Z',
        ...more
          .filter(([name]) => name !== 'first_seen_at')
          .map(([name, value]) => (['requests', 'notes'].includes(name) ? JSON.stringify(value) : value)),
      ];
      return `(${row.map((value) => `$${values.push(value)}`).join(', ')})`;
    });
    await pool.query(`insert into mirror_orders (${allNames.join(', ')}) values ${rows.join(', ')}`, values);
  }
  for (const [field, source] of documentSources) {
    const carrying = orders.filter((order) => order[field] != null);
    await pool.query(
      `insert into mirror_documents (upstream_id, order_id, source, document, read_at)
       select $1, id, $2, document, now() from unnest($3::bigint[], $4::text[]) as given (id, document)`,
      [upstreamId, source, carrying.map(({ id }) => id), carrying.map((order) => order[field])],
    );
  }
}

export async function insertCopies(
  pool: Pool,
  upstreamId: number,
  order: OrderId,
  kind: 'duplicate' | 'reissue',
  certificates: readonly OrderCertificate[],
): Promise<void> {
  for (const [place, one] of certificates.entries())
    await pool.query(
      `insert into mirror_certificates (upstream_id, order_id, kind, certificate_id, place, serial_number, thumbprint, certificate)
       values ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [upstreamId, order, kind, one.id, place, one.serialNumber, one.thumbprint, JSON.stringify(one)],
    );
}
