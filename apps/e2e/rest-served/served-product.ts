import { Pool } from 'pg';
import { createRouteStateStore } from '@certfolio/migration/postgres';
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

const upstreamKey = 'rest-served-upstream-key';

/** The product with all its routes served from the graph, on a mirror that is filled unless it is off. */
export async function servedProduct(
  stage: Stage,
  emulatorOptions: EmulatorProcessOptions,
  { env = {}, mirror = {}, isFilled = ({ isComplete }) => isComplete }: ServedOptions = {},
): Promise<ServedProduct> {
  const database = await createTestDatabase();
  stage.defer(() => database.drop());
  const pool = new Pool({ connectionString: database.url });
  stage.defer(() => pool.end());
  const { emulator, product } = await mirroredProduct(
    stage,
    { limits: 'off', keys: upstreamKey, ...emulatorOptions },
    {
      mirror: { backfill: true, maxAgeSeconds: 3_600, ...mirror },
      env: { CERTCENTRAL_API_KEY: upstreamKey, CERTFOLIO_DATABASE_URL: database.url, ...env },
    },
  );
  const states = createRouteStateStore(pool, { clock: systemClock });
  for (const route of servedRouteKeys)
    await states.change({ route, keyId: null, state: 'served', changedBy: 'tests', reason: 'to be looked at' });
  if (env['CERTFOLIO_MIRROR'] !== 'off') await untilMirror(product, isFilled, 240_000);
  return {
    emulator,
    product,
    pool,
    sides: sidesOf(emulator, product, { upstream: upstreamKey, ours: product.adminKey }),
  };
}
