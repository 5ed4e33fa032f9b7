import { setTimeout as sleep } from 'node:timers/promises';
import { createRouteStateStore } from '@certfolio/migration/postgres';
import type { Pool } from '@certfolio/database';
import { createTestDatabase } from '@certfolio/database/testing';
import { systemClock } from '@certfolio/runtime';
import type { EmulatorProcess, EmulatorProcessOptions } from '@certfolio/testing';
import type { ProductProcess, Stage } from '../harness/index.ts';
import { mirroredProduct, untilMirror, type MirrorFacts, type MirrorOptions } from '../mirror/mirrored.ts';
import { sidesOf, type Side } from './both-sides.ts';

export const servedRouteKeys = [
  'GET /order/certificate',
  'GET /order/certificate/status-changes',
  'GET /order/certificate/{id}',
  'GET /order/certificate/{id}/duplicate',
  'GET /order/certificate/{id}/reissue',
  'GET /report/order',
  'GET /report/order/expiring',
  'GET /organization',
  'GET /domain',
  'GET /container',
  'GET /user',
  'GET /product',
  'GET /request',
] as const;

export interface ServedProduct {
  readonly emulator: EmulatorProcess;
  readonly product: ProductProcess;
  readonly pool: Pool;
  readonly sides: { readonly upstream: Side; readonly ours: Side };
}

export interface ServedOptions extends MirrorOptions {
  /** What the mirror has to have; everything unless told otherwise. */
  readonly isFilled?: (facts: MirrorFacts) => boolean;
}

const hasAll = ({ isComplete }: MirrorFacts) => isComplete;

/** Compared by the specs themselves; comparisons of the product's own would be among the calls that they count. */
const toBeLookedAt = { state: 'served', sampleRate: 0, changedBy: 'tests', reason: 'to be looked at' } as const;

const upstreamKey = 'rest-served-upstream-key';

/** The product with all its routes served from the graph, on a mirror that is filled unless it is off. */
export async function servedProduct(
  stage: Stage,
  emulatorOptions: EmulatorProcessOptions,
  { env = {}, mirror = {}, isFilled = hasAll }: ServedOptions = {},
): Promise<ServedProduct> {
  const database = await createTestDatabase();
  stage.defer(() => database.drop());
  const { pool } = database;
  const { emulator, product } = await mirroredProduct(
    stage,
    { limits: 'off', keys: upstreamKey, ...emulatorOptions },
    {
      mirror: { backfill: true, maxAgeSeconds: 3_600, ...mirror },
      env: { CERTCENTRAL_API_KEY: upstreamKey, CERTFOLIO_DATABASE_URL: database.url, ...env },
    },
  );
  const states = createRouteStateStore(pool, { clock: systemClock });
  for (const route of servedRouteKeys) await states.change({ route, keyId: null, ...toBeLookedAt });
  if (env['CERTFOLIO_MIRROR'] !== 'off') await untilMirror(product, isFilled, 240_000);
  if (isFilled === hasAll) await untilInfosAreRead(pool);
  return {
    emulator,
    product,
    pool,
    sides: sidesOf(emulator, product, { upstream: upstreamKey, ours: product.adminKey }),
  };
}

/** Order info is the last that a mirror reads, a call for each order. */
async function untilInfosAreRead(pool: Pool): Promise<void> {
  const left = async () => {
    const { rows } = await pool.query<{ left: number }>(
      'select count(*)::integer as left from mirror_orders where info_at is null',
    );
    return rows[0]!.left;
  };
  for (let look = 0; (await left()) > 0; look += 1) {
    if (look > 1_800) throw new Error(`Order info of ${await left()} orders was not read.`);
    await sleep(100);
  }
}
