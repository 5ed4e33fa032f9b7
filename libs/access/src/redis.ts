export { connectRedisForLimits, createRedisLimitStore } from './limit-store.redis.ts';
export { createRedisPlaces, type RedisPlacesOptions } from './places.redis.ts';
