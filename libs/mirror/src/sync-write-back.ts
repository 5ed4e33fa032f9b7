import type { Logger, MirrorWriteBack } from '@certfolio/core';
import type { Pool } from '@certfolio/database';
import { saveCertificates, saveInfoPart, withClient } from './backfill.postgres.ts';
import { fieldsOfInfo, orderOfInfo } from './rounds-info.ts';
import { readRecord } from './store-groups.postgres.ts';
import { applyOrders, markVanished } from './store.postgres.ts';

/** Stores what live reads saw where it is younger than what the mirror has. A failure is logged and goes no further. */
export function createMirrorWriteBack(pool: Pool, upstreamId: number, logger: Logger): MirrorWriteBack {
  const attempt = async (write: () => Promise<unknown>): Promise<void> => {
    try {
      await write();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      logger.warn({ reason }, 'What a live read saw could not be written to the mirror.');
    }
  };
  return {
    sawOrder: (id, order, asOfMs) =>
      attempt(() =>
        withClient(pool, async (client) => {
          const seen = { asOf: new Date(asOfMs), recordsHistory: true };
          if (order === null) return markVanished(client, upstreamId, [id], seen);
          const { abilities } = await readRecord(client, upstreamId);
          return applyOrders(client, upstreamId, [orderOfInfo(order)], {
            ...seen,
            source: 'info',
            fields: fieldsOfInfo(order, 'all', abilities),
            // A new order would lack what only the report gives; the next round brings it whole.
            isForKnownOnly: true,
          });
        }),
      ),
    sawPart: (part, id, value, asOfMs) =>
      attempt(async () => {
        const asOf = new Date(asOfMs);
        switch (part) {
          case 'duplicates':
          case 'reissues':
            return saveCertificates(pool, upstreamId, id, part, value as never, asOf);
          case 'requests':
          case 'notes':
            return saveInfoPart(pool, upstreamId, id, part, value, asOf);
          default:
            return; // validations are read live: they change without a trace
        }
      }),
  };
}
