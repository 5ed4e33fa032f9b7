import type { Redis } from 'ioredis';
import type { Clock, Logger } from '@certfolio/core';
import type { CallBudget } from './budget-port.ts';
import { BudgetShare, type ShareTimes } from './budget-share.ts';
import { checkWindows, defaultWindows, type RollingWindow } from './call-budget.ts';
import { CallLog } from './call-log.ts';
import { openLoggedBudget, type KeptCalls } from './logged-budget.ts';
import { PacedCalls } from './paced-calls.ts';
import { Pause } from './pause.ts';
import { createRedisSharedLog } from './shared-log.redis.ts';
import type { SharedRules } from './shared-log.ts';

export interface SharedCallBudgetOptions {
  /** Of this budget alone, as `connectRedisForBudget` makes it. */
  readonly redis: Redis;
  /** Names the CertCentral key: a hash of base URL and key. It becomes part of names in Redis. */
  readonly name: string;
  /** The same in all processes. */
  readonly windows?: readonly RollingWindow[];
  /** Callers that may wait at one time; 5,000 unless told. */
  readonly maxQueued?: number;
  /** Expected milliseconds from a grant to its headers before any was seen; 300 unless told. */
  readonly headersMs?: number;
  /** File that keeps this process's calls over restarts: they count when Redis lost them. */
  readonly logPath?: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Text unlike any given before, without dots: names this process, and a new log. */
  readonly newName: () => string;
}

export interface SharedCallBudget extends CallBudget {
  /** Stops, and gives this process's part back to the others. */
  close(): Promise<void>;
}

export const sharedRules: Omit<SharedRules, 'windows'> = {
  silentMs: 3_000,
  forgetMs: 60_000,
  leaseMs: 30_000,
  unknownDivisor: 4,
};
export const shareTimes: ShareTimes = { beatMs: 500, rejoinMs: 200, holdMs: 1_500, answerMs: 2_000, travelMs: 600 };

/** The budget of a CertCentral key that several processes use. Never waits for Redis longer than a command may take. */
export function createSharedCallBudget(options: SharedCallBudgetOptions): SharedCallBudget {
  const { logPath: path, clock, logger } = options;
  const windows = checkWindows(options.windows ?? defaultWindows);
  if (path === undefined) return openShare(options, windows, { earlierCallsMs: [], onChange: () => undefined });
  const { budget, close } = openLoggedBudget({ path, windows, clock, logger }, (kept) =>
    openShare(options, windows, kept),
  );
  return {
    ...budget,
    async close() {
      await budget.close();
      await close();
    },
  };
}

function openShare(
  { redis, name, clock, logger, maxQueued, headersMs, newName }: SharedCallBudgetOptions,
  windows: readonly RollingWindow[],
  { earlierCallsMs, onChange }: KeptCalls,
): SharedCallBudget {
  const rules = { ...sharedRules, windows };
  const model = new CallLog(windows, headersMs ?? 300);
  const pause = new Pause();
  const share = new BudgetShare({
    log: createRedisSharedLog(redis, name, rules),
    rules,
    times: shareTimes,
    model,
    pause,
    process: newName(),
    newEpoch: newName,
    earlierCallsMs,
    clock,
    logger,
  });
  const calls = new PacedCalls({
    clock,
    log: model,
    pause,
    gate: share,
    onChange,
    ...(maxQueued === undefined ? {} : { maxQueued }),
  });
  const cutOff = () => share.cutOff('the connection broke');
  redis.on('close', cutOff);
  share.start(calls);
  return {
    take: (request) => calls.take(request),
    waitMsOf: (request) => calls.waitMsOf(request),
    retryAfterMs: (request) => calls.retryAfterMs(request),
    limited: (grant, retryAfterMs) => calls.limited(grant, retryAfterMs),
    accepted: (grant) => calls.accepted(grant),
    outlook: (lane) => calls.outlook(lane),
    state: () => calls.state(),
    callsMs: () => share.callsMs(),
    stop: () => calls.stop(),
    async close() {
      calls.stop();
      redis.off('close', cutOff);
      await share.stop();
    },
  };
}
