import { randomUUID } from 'node:crypto';
import {
  createInsurance,
  createInsuredLimitStore,
  createInsuredPlaces,
  createMemoryLimitStore,
  createMemoryPlaces,
  type Insurance,
  type LimitStore,
  type LocalPlaces,
} from '@certfolio/access';
import { connectRedisForLimits, createRedisLimitStore, createRedisPlaces } from '@certfolio/access/redis';
import type { Clock, Logger } from '@certfolio/core';

/** Where the limits of keys are counted. */
export interface OpenLimits {
  readonly store: LimitStore;
  readonly places: LocalPlaces;
  /** Counts here while Redis fails; null without Redis. */
  readonly insurance: Insurance | null;
  close(): void;
}

/** In this process, or in Redis for all processes. */
export function openLimits(redisUrl: string | null, clock: Clock, logger: Logger): OpenLimits {
  const memory = createMemoryLimitStore(clock);
  const here = createMemoryPlaces();
  if (redisUrl === null) return { store: memory, places: here, insurance: null, close: () => undefined };
  const redis = connectRedisForLimits(redisUrl, logger);
  const insurance = createInsurance({ clock, logger });
  return {
    store: createInsuredLimitStore(createRedisLimitStore(redis), memory, insurance),
    places: createInsuredPlaces(createRedisPlaces(redis, { clock, newLease: randomUUID }), here, insurance),
    insurance,
    close: () => redis.disconnect(),
  };
}
