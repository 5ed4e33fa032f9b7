import { Redis } from 'ioredis';
import { z } from 'zod';
import type { Logger } from '@certfolio/core';
import { maxOwedBuckets, takeTokens } from './gcra.ts';
import type { LimitStore } from './limit-store.ts';

/**
 * The rules of `gcra.ts` on Redis' own clock, so that replicas whose clocks differ agree. Returns the state it found and
 * the time; the caller derives the answer from them with the same rule. A bucket is forgotten when it is full again.
 * KEYS: bucket. ARGV: perMinute, burst, cost, and the buckets that may be owed, 0 where too much is refused.
 */
const script = `
local perMinute, burst, cost, mostBuckets = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local found = redis.call('HMGET', KEYS[1], 'debt', 'at')
local owed = 0
if found[1] then owed = math.max(0, found[1] - math.max(0, now - found[2]) * perMinute) end
local debt = owed + cost * 60000
if mostBuckets > 0 then
  debt = math.max(0, math.min(debt, math.max(owed, burst * mostBuckets * 60000)))
end
if mostBuckets > 0 or cost == 0 or debt <= burst * 60000 then
  if debt > 0 then
    redis.call('HSET', KEYS[1], 'debt', string.format('%.0f', debt), 'at', string.format('%.0f', now))
    redis.call('PEXPIRE', KEYS[1], math.ceil(debt / perMinute) + 1000)
  else
    redis.call('DEL', KEYS[1])
  end
end
return { found[1], found[2], string.format('%.0f', now) }`;

const whole = z.coerce.number().int();
const reply = z.tuple([whole.nullable(), whole.nullable(), whole]);

/** Buckets shared by all processes that use the same Redis and prefix. Rejects when Redis fails. */
export function createRedisLimitStore(redis: Redis, prefix = 'certfolio:limit:'): LimitStore {
  redis.defineCommand('certfolioTakeTokens', { numberOfKeys: 1, lua: script }); // sends EVALSHA, and the script when Redis lost it
  const commands = redis as Redis & { certfolioTakeTokens(bucket: string, ...rule: number[]): Promise<unknown> };
  return {
    async take(bucket, request) {
      const { perMinute, burst, cost } = request;
      const found = await commands.certfolioTakeTokens(prefix + bucket, perMinute, burst, cost, 0);
      const [debt, atMs, nowMs] = reply.parse(found);
      const { nextState: _, ...taken } = takeTokens(
        debt === null || atMs === null ? null : { debt, atMs },
        request,
        nowMs,
      );
      return taken;
    },
    async settle(bucket, { perMinute, burst, cost }) {
      await commands.certfolioTakeTokens(prefix + bucket, perMinute, burst, cost, maxOwedBuckets);
    },
  };
}

/**
 * A connection for limits: a command that is not answered within `commandTimeoutMs` fails, and without a connection
 * at once, so that a request never waits for Redis. Reconnects for ever, every second at the slowest.
 */
export function connectRedisForLimits(url: string, logger: Logger, commandTimeoutMs = 250): Redis {
  const redis = new Redis(url, {
    connectionName: 'certfolio-limits',
    commandTimeout: commandTimeoutMs,
    connectTimeout: 1_000,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false, // the request has long been answered
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(attempt * 100, 1_000),
  });
  redis.on('error', (error: Error) =>
    logger.debug({ reason: error.message }, 'The Redis connection for limits failed.'),
  );
  return redis;
}
