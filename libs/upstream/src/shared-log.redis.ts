import { Redis } from 'ioredis';
import { z } from 'zod';
import type { Logger } from '@certfolio/core';
import { fewPart, reserve } from './call-log.ts';
import { placeIds, type Answer, type LogState, type SharedLog, type SharedRules } from './shared-log.ts';

/**
 * Every operation is this one script, so that each is atomic, on Redis' own clock, so that clocks that differ agree.
 *
 * KEYS: calls (sorted set: id, when its headers arrived), flight (sorted set: id, when its lease ends), processes (sorted
 * set: process, when it was heard last), divisors and waiting (hashes by process), pause (until when), epoch.
 * ARGV: one JSON object. Answers a status, and for most the state of the log.
 */
const scriptAt = (time: string) => `
local calls, flight, processes, divisors, waiting, pause, epoch = unpack(KEYS)
local ask = cjson.decode(ARGV[1])
local rules = ask.rules
local time = ${time}
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local text = function(number) return string.format('%.0f', number) end

if ask.does == 'leave' then
  redis.call('ZREM', processes, ask.process)
  redis.call('HDEL', divisors, ask.process)
  redis.call('HDEL', waiting, ask.process)
  return { 'ok' }
end

local known = redis.call('GET', epoch)
if ask.does == 'join' then
  if not known then
    known = ask.newEpoch
    redis.call('SET', epoch, known)
    for place = 1, ask.lostCalls do redis.call('ZADD', calls, text(now), 'lost.' .. known .. place .. '.') end
    for _, call in ipairs(ask.callsBefore) do redis.call('ZADD', calls, text(now - call[2]), call[1]) end
  end
elseif not known or known ~= ask.epoch then
  return { 'lost' }
elseif ask.notAfterMs and now > ask.notAfterMs then
  return { 'late' }
end

if ask.does == 'settle' then
  for _, id in ipairs(ask.ids) do
    redis.call('ZREM', flight, id)
    if ask.how == 'answered' then redis.call('ZADD', calls, 'GT', text(now), id) end
  end
  return { 'ok' }
end
if ask.does == 'pause' then
  local untilMs = math.max(now + ask.ms, tonumber(redis.call('GET', pause) or '0'))
  redis.call('SET', pause, text(untilMs), 'PX', text(math.ceil(untilMs - now)))
  return { 'ok' }
end

if ask.does == 'join' then
  for _, call in ipairs(ask.calls) do
    -- What others have in flight is theirs to end.
    if string.match(call[1], '^[^.]*') == ask.process then redis.call('ZREM', flight, call[1]) end
    if not redis.call('ZSCORE', flight, call[1]) then redis.call('ZADD', calls, 'GT', text(now - call[2]), call[1]) end
  end
  for _, peer in ipairs(ask.peers) do
    if redis.call('ZADD', processes, 'GT', text(now - peer[3]), peer[1]) == 1 then
      redis.call('HSET', divisors, peer[1], peer[2])
    end
  end
end
if ask.does == 'join' or ask.does == 'beat' then
  for _, id in ipairs(ask.inFlight) do
    redis.call('ZADD', flight, text(now + rules.leaseMs), id)
    redis.call('ZREM', calls, id)
  end
end

-- Calls whose process fell silent; then those that no window holds any longer.
local expired = redis.call('ZRANGE', flight, '-inf', text(now), 'BYSCORE', 'WITHSCORES')
for at = 1, #expired, 2 do
  redis.call('ZADD', calls, expired[at + 1], expired[at])
  redis.call('ZREM', flight, expired[at])
end
local longest = 0
for _, window in ipairs(rules.windows) do longest = math.max(longest, window.windowMs) end
redis.call('ZREMRANGEBYSCORE', calls, '-inf', text(now - longest))

-- Whether one that joins gets the answer shows when it says more; until then it may call by its part, as the silent do.
redis.call('ZADD', processes, text(ask.does == 'join' and now - rules.silentMs - 1 or now), ask.process)
redis.call('HSET', divisors, ask.process, ask.divisor)
redis.call('HSET', waiting, ask.process, ask.waitingRank)
for _, process in ipairs(redis.call('ZRANGE', processes, '-inf', text(now - rules.forgetMs), 'BYSCORE')) do
  redis.call('ZREM', processes, process)
  redis.call('HDEL', divisors, process)
  redis.call('HDEL', waiting, process)
end

local part = 1
for _, process in ipairs(redis.call('ZRANGE', processes, '-inf', '(' .. text(now - rules.silentMs), 'BYSCORE')) do
  if process ~= ask.process then
    local divisor = tonumber(redis.call('HGET', divisors, process) or '0')
    if divisor < 1 then divisor = rules.unknownDivisor end
    part = part - 1 / divisor
  end
end
part = math.max(0, part)
local pausedMs = math.max(0, tonumber(redis.call('GET', pause) or '0') - now)

local countFor = function(since, onBehalfOf)
  local count = 0
  local tally = function(ids)
    for _, id in ipairs(ids) do if string.match(id, '^[^.]*%.[^.]*%.(.*)$') == onBehalfOf then count = count + 1 end end
  end
  tally(redis.call('ZRANGE', calls, '(' .. text(since), '+inf', 'BYSCORE'))
  tally(redis.call('ZRANGE', flight, '-inf', '+inf', 'BYSCORE'))
  return count
end

-- While silent processes keep their parts, a call fills more than one place.
local places = part > 0 and math.ceil(1 / part - 1e-6) or math.huge
local isFull = function()
  local inFlight = redis.call('ZCARD', flight)
  local isCrowded, hasFew = false, ask.rank == 0
  for _, window in ipairs(rules.windows) do
    local limit = window.calls
    local used = inFlight + redis.call('ZCOUNT', calls, '(' .. text(now - window.windowMs), '+inf')
    if used + places > limit then return true end
    local soon = math.min(rules.reserve.mostSoonMs, math.floor(window.windowMs * rules.reserve.soonPart))
    local lately = inFlight + redis.call('ZCOUNT', calls, '(' .. text(now - window.windowMs + soon), '+inf')
    local kept = math.min(rules.reserve.mostCalls, math.floor(limit * rules.reserve.part))
    if lately + places > limit - kept then isCrowded = true end
  end
  if not isCrowded then return false end
  local onBehalfOf = string.match(ask.id, '^[^.]*%.[^.]*%.(.*)$')
  for _, window in ipairs(rules.windows) do
    local few = math.floor(window.calls * rules.fewPart)
    hasFew = hasFew and countFor(now - window.windowMs, onBehalfOf) < few
  end
  return not hasFew
end

-- The highest rank in which callers of other processes wait.
local othersRank = function()
  local highest = math.huge
  local ranks = redis.call('HGETALL', waiting)
  for at = 1, #ranks, 2 do
    local heard = ranks[at] ~= ask.process and redis.call('ZSCORE', processes, ranks[at])
    if heard and now - heard <= rules.silentMs then highest = math.min(highest, tonumber(ranks[at + 1])) end
  end
  return highest
end

for _, key in ipairs(KEYS) do if key ~= pause then redis.call('PEXPIRE', key, rules.keepMs) end end

local slot = ''
if ask.does == 'take' then
  local rank = othersRank()
  if pausedMs > 0 then slot = 'paused'
  elseif rank < ask.rank then slot = 'yield'
  elseif isFull() then slot = 'full'
  else
    for place = 1, places do
      local id = place == 1 and ask.id or string.gsub(ask.id, '^([^.]*%.[^.]*)', '%1~' .. place)
      redis.call('ZADD', flight, text(now + rules.leaseMs), id)
    end
    redis.call('HSET', waiting, ask.process, ask.nextRank)
    return { 'granted', rank == ask.rank and 1 or 0, places }
  end
end

local peers = {}
local heard = redis.call('ZRANGE', processes, 0, -1, 'WITHSCORES')
for at = 1, #heard, 2 do
  peers[#peers + 1] = heard[at]
  peers[#peers + 1] = redis.call('HGET', divisors, heard[at]) or '0'
  peers[#peers + 1] = text(now - heard[at + 1])
end
return {
  'ok', slot, known, text(now), text(pausedMs), tostring(part),
  redis.call('ZRANGE', calls, 0, -1, 'WITHSCORES'), redis.call('ZRANGE', flight, 0, -1), peers,
}`;

/** A log nobody used for so long is forgotten. */
const keepMs = 7 * 24 * 3_600_000;
/** Nobody waits: lower than every lane. */
const noRank = 99;

const number = z.coerce.number();
const reply = z.union([
  z.tuple([z.enum(['ok', 'lost', 'late'])]),
  z.tuple([z.literal('granted'), number, number]),
  z.tuple([
    z.literal('ok'),
    z.enum(['full', 'yield', 'paused', '']),
    z.string(),
    number,
    number,
    number,
    z.array(z.string()),
    z.array(z.string()),
    z.array(z.string()),
  ]),
]);

/**
 * The log in Redis 6.2 or newer.
 *
 * @param name of the CertCentral key, for the names of the keys in Redis: a hash, never the key itself
 * @param time in Lua: seconds and microseconds; Redis' own clock unless a spec sets another
 */
export function createRedisSharedLog(
  redis: Redis,
  name: string,
  rules: SharedRules,
  time = "redis.call('TIME')",
): SharedLog {
  redis.defineCommand('certfolioCallBudget', { numberOfKeys: 7, lua: scriptAt(time) }); // sends EVALSHA, and the script when Redis lost it
  const run = redis as Redis & { certfolioCallBudget(...keysAndAsk: string[]): Promise<unknown> };
  // In braces, so that a cluster keeps them together.
  const keys = ['calls', 'flight', 'processes', 'divisors', 'waiting', 'pause', 'epoch'].map(
    (part) => `certfolio:call-budget:{${name}}:${part}`,
  );
  const shortest = rules.windows.reduce((a, b) => (b.windowMs < a.windowMs ? b : a));
  const allRules = { ...rules, reserve, fewPart, keepMs };
  const ask = async (does: string, what: object) =>
    reply.parse(await run.certfolioCallBudget(...keys, JSON.stringify({ does, rules: allRules, ...what })));
  const done = async (does: string, what: object): Promise<Answer<'ok'>> => {
    const [status] = await ask(does, what);
    return status === 'granted' ? 'ok' : status;
  };

  return {
    async join({ waitingRank, calls, callsBefore, peers, ...rest }) {
      const answer = await ask('join', {
        ...rest,
        waitingRank: waitingRank ?? noRank,
        calls: calls.map(({ id, ageMs }) => [id, Math.floor(ageMs)]),
        callsBefore: callsBefore.map(({ id, ageMs }) => [id, Math.floor(ageMs)]),
        peers: peers.map(({ process, divisor, silentForMs }) => [process, divisor, Math.ceil(silentForMs)]),
        lostCalls: shortest.calls,
      });
      if (answer.length === 9) return stateIn(answer);
      throw new TypeError(`Redis answered "join" with "${answer[0]}".`);
    },
    async beat({ waitingRank, ...contact }, inFlight) {
      const answer = await ask('beat', { ...contact, waitingRank: waitingRank ?? noRank, inFlight });
      if (answer.length === 9) return stateIn(answer);
      return answer[0] === 'late' ? 'late' : 'lost';
    },
    async take({ waitingRank: _, ...contact }, { id, rank, nextRank }) {
      const slot = { id, rank, waitingRank: rank, nextRank: nextRank ?? noRank };
      const answer = await ask('take', { ...contact, ...slot });
      if (answer.length === 3) return { slot: 'granted', ids: placeIds(id, answer[2]), othersWait: answer[1] === 1 };
      if (answer.length === 1) return answer[0] === 'late' ? 'late' : 'lost';
      return { slot: answer[1] === '' ? 'full' : answer[1], state: stateIn(answer) };
    },
    settle: (epoch, ended) => done('settle', { epoch, ...ended }),
    pause: (epoch, ms) => done('pause', { epoch, ms: Math.ceil(ms) }),
    async leave(process) {
      await done('leave', { process });
    },
  };
}

type StateReply = Extract<z.infer<typeof reply>, { readonly length: 9 }>;

function stateIn([, , epoch, nowMs, pausedMs, part, calls, inFlight, peers]: StateReply): LogState {
  return {
    epoch,
    nowMs,
    pausedMs,
    part,
    inFlight,
    calls: inGroups(2, calls).map(([id, atMs]) => ({ id: id!, ageMs: nowMs - Number(atMs) })),
    peers: inGroups(3, peers).map(([process, divisor, silentForMs]) => ({
      process: process!,
      divisor: Number(divisor),
      silentForMs: Number(silentForMs),
    })),
  };
}

function inGroups(size: number, flat: readonly string[]): (readonly string[])[] {
  return Array.from({ length: flat.length / size }, (_, at) => flat.slice(at * size, (at + 1) * size));
}

/**
 * A connection for the call budget: a command that is not answered within `commandTimeoutMs` fails, and without a
 * connection at once, so that no caller ever hangs on Redis. Reconnects for ever, every half second at the slowest.
 */
export function connectRedisForBudget(url: string, logger: Logger, commandTimeoutMs = 500): Redis {
  const redis = new Redis(url, {
    connectionName: 'certfolio-call-budget',
    commandTimeout: commandTimeoutMs,
    connectTimeout: 1_000,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false, // what they said is no longer true
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(attempt * 100, 500),
  });
  redis.on('error', (error: Error) =>
    logger.debug({ reason: error.message }, 'The Redis connection for the call budget failed.'),
  );
  return redis;
}
