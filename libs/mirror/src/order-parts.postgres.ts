import { sql, type RawBuilder } from 'kysely';
import { everything, groupOfField, type OrderId, type OrderPart, type OrderPartsOf } from '@certfolio/core';
import type { Pool } from '@certfolio/database';
import { visibleOrders, type SqlCondition } from './sql-conditions.ts';
import { rowsOf } from './statements.postgres.ts';

type KnownParts<P extends OrderPart> = ReadonlyMap<
  OrderId,
  { readonly value: OrderPartsOf[P]; readonly asOfMs: number }
>;

/** Parts that were read since their order changed last. Where validation stands is never kept: it changes by the hour. */
export async function findParts<P extends OrderPart>(
  pool: Pool,
  upstreamId: number,
  part: P,
  ids: readonly OrderId[],
): Promise<KnownParts<P>> {
  if (ids.length === 0 || part === 'validation') return new Map();
  const present = sql<boolean>`${visibleOrders(upstreamId, everything)} and id = any(${ids}::bigint[])`;
  const statement = part === 'duplicates' || part === 'reissues' ? copiesOf(part, present) : infoPartOf(part, present);
  const rows = await rowsOf<[OrderId, Date, OrderPartsOf[P]]>(pool, statement);
  return new Map(rows.map(([id, at, value]) => [id, { value, asOfMs: at.getTime() }]));
}

function infoPartOf(part: OrderPart, present: SqlCondition): RawBuilder<unknown> {
  const column = sql.ref(part);
  return sql`select id, info_at, ${column} from mirror_orders where ${present} and info_at is not null and ${column} is not null`;
}

const copies = {
  duplicates: { kind: 'duplicate', flag: 'hasDuplicates', has: sql`has_duplicates`, readAt: sql`duplicates_at` },
  reissues: {
    kind: 'reissue',
    flag: 'hasReissues',
    has: sql`(has_reissues or status = 'reissue_pending')`,
    readAt: sql`reissues_at`,
  },
} as const;

/** An order that has none by its row has an empty list, as old as the row; a reissue that is not done does not count there. */
function copiesOf(part: 'duplicates' | 'reissues', present: SqlCondition): RawBuilder<unknown> {
  const { kind, flag, has, readAt } = copies[part];
  return sql`
    select id, as_of, coalesce(case when was_read then certificates end, '[]') from (
      select upstream_id, id, ${readAt} is not null as was_read, coalesce(${readAt}, case when ${has} is false then greatest(first_seen_at, (
        select as_of from mirror_groups g where g.upstream_id = o.upstream_id and g.name = ${groupOfField.get(flag)}
      )) end) as as_of
      from mirror_orders o where ${present}
    ) as known, lateral (
      select jsonb_agg(certificate order by place, certificate_id) as certificates from mirror_certificates c
      where c.upstream_id = known.upstream_id and c.order_id = known.id and c.kind = ${kind}
    ) as listed
    where as_of is not null`;
}
