export { connectRedisForLimits, createRedisLimitStore } from './limit-store.redis.ts';
