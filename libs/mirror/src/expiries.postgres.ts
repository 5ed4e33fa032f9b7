import { sql } from 'kysely';
import type { Clock, ContainerId } from '@certfolio/core';
import type { Pool } from '@certfolio/database';
import { visibleOrders } from './sql-conditions.ts';
import { rowsOf } from './statements.postgres.ts';

/** The certificate of an order that was issued and is not renewed, as far as monitoring wants to know it. */
export interface CertificateExpiry {
  readonly orderId: number;
  readonly containerId: number;
  readonly commonName: string;
  /** Its last day, `yyyy-MM-dd`. */
  readonly validTill: string;
}

export interface Expiries {
  /** Of such orders of the whole account whose certificate is valid; null without any. */
  readonly nextExpiry: string | null;
  /** Those whose certificate ends within so many days from now; those that ended already are left out. */
  readonly within: ReadonlyMap<number, number>;
  /** Of the divisions that were asked for, the next to end first. */
  readonly listed: readonly CertificateExpiry[];
  /** Those of the same divisions that are not listed, since there are more than may be. */
  readonly leftOut: number;
}

export interface ExpiriesWanted {
  readonly containers: 'all' | readonly number[];
  readonly max: number;
}

const withinDays = [7, 30, 90];
const dayMs = 86_400_000;
/** Certificates that ended are told of for so long, to be seen by whoever looks after a weekend away. */
const endedDays = 7;

/** What ends when, from the mirror alone. Reads two indexes; never calls CertCentral. */
export async function readExpiries(
  pool: Pool,
  upstreamId: number,
  { containers, max }: ExpiriesWanted,
  clock: Clock,
): Promise<Expiries> {
  const day = (days: number) => new Date(clock.nowMs() + days * dayMs).toISOString().slice(0, 10);
  const watched = (scope: ExpiriesWanted['containers']) =>
    sql`${visibleOrders(upstreamId, { containers: scope === 'all' ? scope : new Set(scope.map((id) => id as ContainerId)) })} and status in ('issued', 'reissue_pending', 'expired') and is_renewed is not true`;
  const counts = withinDays.map((days) => sql`count(*) filter (where valid_till <= ${day(days)})`);
  const [row] = await rowsOf<[string | null, ...number[]]>(
    pool,
    sql`select min(valid_till), ${sql.join(counts)} from mirror_orders where ${watched('all')} and valid_till >= ${day(0)}`,
  );
  const [nextExpiry, ...within] = row!;
  const shown = sql`${watched(containers)} and valid_till >= ${day(-endedDays)}`;
  const found = await rowsOf<[number, number | null, string | null, string, number]>(
    pool,
    sql`select id, container_id, common_name, valid_till, count(*) over () from mirror_orders where ${shown}
        order by valid_till, id limit ${max}`,
  );
  return {
    nextExpiry,
    within: new Map(withinDays.map((days, at) => [days, within[at]!])),
    listed: found.map(([orderId, containerId, commonName, validTill]) => ({
      orderId,
      containerId: containerId ?? 0,
      commonName: commonName ?? '',
      validTill,
    })),
    leftOut: found.length === 0 ? 0 : found[0]![4] - found.length,
  };
}
