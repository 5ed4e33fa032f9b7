import { sql } from 'kysely';
import type { PoolClient } from 'pg';
import type { CertificateRef, CopyKind, MirrorLookup, OrderCertificate, OrderId } from '@certfolio/core';
import { lacks } from './backfill-tasks.ts';
import type { OrderShape } from './order-rows.ts';
import type { SqlCondition } from './sql-conditions.ts';
import { rowsOf } from './statements.postgres.ts';
import { storableText } from './storable.ts';

/**
 * Finds the order with this certificate, then an order with a duplicate or reissue that is it, among the visible orders.
 * Case and leading zeros do not count. Nothing outside the visible orders is looked at, so what is said about it is the same
 * whether it exists or not.
 */
export async function findCertificate(
  client: PoolClient,
  visible: SqlCondition,
  ref: CertificateRef,
  shape: OrderShape,
): Promise<MirrorLookup> {
  const [column, wanted] = 'serialNumber' in ref ? ['serial_number', ref.serialNumber] : ['thumbprint', ref.thumbprint];
  const plain = storableText(wanted).toUpperCase().replace(/^0+/, '');
  const isMeant = sql`ltrim(upper(${sql.ref(column)}), '0') = ${plain}`;

  const [own] = await rowsOf(
    client,
    sql`select ${shape.columns} from mirror_orders where ${visible} and ${isMeant} order by id limit 1`,
  );
  if (own !== undefined) return { kind: 'found', match: { order: shape.decode(own), copy: null } };

  const [copy] = await rowsOf<[OrderId, CopyKind, OrderCertificate]>(
    client,
    sql`select order_id, kind, certificate from mirror_certificates
        where (upstream_id, order_id) in (select upstream_id, id from mirror_orders where ${visible}) and ${isMeant}
        order by order_id, kind, place limit 1`,
  );
  if (copy !== undefined) {
    const [id, kind, certificate] = copy;
    const [order] = await rowsOf(
      client,
      sql`select ${shape.columns} from mirror_orders where ${visible} and id = ${id}`,
    );
    return { kind: 'found', match: { order: shape.decode(order!), copy: { kind, certificate } } };
  }

  const [left] = await rowsOf<[number]>(
    client,
    sql`select count(*) from mirror_orders where ${visible} and ${lacksCopies}`,
  );
  return left![0] === 0 ? { kind: 'none' } : { kind: 'incomplete', ordersLeft: left![0] };
}

/** The order can have duplicates or reissues that were not read yet; each half has an index of its own. */
export const lacksCopies: SqlCondition = sql.raw(`(${lacks.duplicates} or ${lacks.reissues})`);
