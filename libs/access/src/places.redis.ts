import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { Clock } from '@certfolio/core';
import type { Places } from './places.ts';

/**
 * A place is a lease: a member of a sorted set with the time it ends, by Redis' own clock. What a process that died held is
 * free again when its leases end.
 * KEYS: name. ARGV: most, id of the lease, its length in milliseconds, 1 to take it past the limit.
 */
const script = `
local most, lease, leaseMs = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now))
local taken = redis.call('ZCARD', KEYS[1])
if taken < most or ARGV[4] == '1' then
  redis.call('ZADD', KEYS[1], string.format('%.0f', now + leaseMs), lease)
  redis.call('PEXPIRE', KEYS[1], leaseMs + 1000)
end
return taken`;

/** KEYS: name. ARGV: length of a lease in milliseconds, then leases. Those that ended meanwhile are taken anew: they still run. */
const renewal = `
local time = redis.call('TIME')
local ends = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000) + tonumber(ARGV[1]))
for at = 2, #ARGV do redis.call('ZADD', KEYS[1], ends, ARGV[at]) end
redis.call('PEXPIRE', KEYS[1], tonumber(ARGV[1]) + 1000)
return 0`;

export interface RedisPlacesOptions {
  readonly clock: Clock;
  /** A text that no other lease of any process has. */
  readonly newLease: () => string;
  /** How long a place of a process that died stays taken. */
  readonly leaseMs?: number;
  readonly prefix?: string;
}

interface Commands {
  certfolioEnter(name: string, most: number, lease: string, leaseMs: number, isForced: number): Promise<unknown>;
  certfolioRenew(name: string, leaseMs: number, ...leases: string[]): Promise<unknown>;
}

/** Places shared by all processes that use the same Redis and prefix. Rejects when Redis fails. */
export function createRedisPlaces(
  redis: Redis,
  { clock, newLease, leaseMs = 15_000, prefix = 'certfolio:running:' }: RedisPlacesOptions,
): Places {
  redis.defineCommand('certfolioEnter', { numberOfKeys: 1, lua: script });
  redis.defineCommand('certfolioRenew', { numberOfKeys: 1, lua: renewal });
  const commands = redis as Redis & Commands;
  const held = new Map<string, Set<string>>();
  let cancelRenewal: (() => void) | null = null;

  /** While something runs, three times in the life of a lease. */
  function renewLater(): void {
    cancelRenewal ??= clock.schedule(leaseMs / 3, () => {
      cancelRenewal = null;
      // What fails now is tried again with the next; two may fail before a lease ends.
      for (const [name, leases] of held)
        commands.certfolioRenew(prefix + name, leaseMs, ...leases).catch(() => undefined);
      if (held.size > 0) renewLater();
    });
  }

  function letGo(name: string, lease: string): void {
    const leases = held.get(name);
    if (leases?.delete(lease) !== true) return;
    if (leases.size === 0) held.delete(name);
    if (held.size === 0) {
      cancelRenewal?.();
      cancelRenewal = null;
    }
    // Off the request's path; where it fails, the lease ends by itself.
    redis.zrem(prefix + name, lease).catch(() => undefined);
  }

  return {
    async enter(name, most, isForced) {
      const lease = newLease();
      const found = await commands.certfolioEnter(prefix + name, most, lease, leaseMs, Number(isForced));
      const granted = z.number().parse(found) < most;
      if (!granted && !isForced) return { granted, leave: () => undefined };
      const leases = held.get(name) ?? new Set();
      held.set(name, leases.add(lease));
      renewLater();
      return { granted, leave: () => letGo(name, lease) };
    },
  };
}
