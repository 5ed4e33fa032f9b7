import type { HealthAnswer } from '@certfolio/client';
import { fail, ok, skipped, warn, type Check } from './check.ts';

/** Beyond this a signed identity, which lives 60 s, and short expiries go wrong in ways that are hard to see. */
const clockToleranceMs = 5_000;

/** The parts that `/readyz` tells of, one check each. */
export function checkReady({ ready, status, report }: HealthAnswer): Check[] {
  const parts = partsOf(report).map(([name, part]) => checkPart(name, part));
  const whole = ready
    ? ok('ready', 'the gateway takes requests')
    : fail('ready', `the gateway answers ${status} to /readyz`, 'See the parts below and the log of the gateway.');
  const hasRedis = parts.some(({ name }) => name === 'redis');
  return [whole, ...parts, ...(parts.length === 0 || hasRedis ? [] : [noRedis])];
}

const noRedis = skipped('redis', 'none is configured; limits are counted by each process');

/** @param sentMs, receivedMs this machine's clock around the answer; the `Date` header has whole seconds */
export function checkClock(dateMs: number | null, sentMs: number, receivedMs: number): Check {
  if (dateMs === null) return skipped('clock', 'the gateway does not tell its time');
  const aheadMs = dateMs + 500 - (sentMs + receivedMs) / 2;
  const seconds = Math.round(Math.abs(aheadMs) / 1_000);
  if (Math.abs(aheadMs) <= clockToleranceMs) return ok('clock', 'as the gateway, within 5 s');
  const found = `the gateway is ${seconds} s ${aheadMs > 0 ? 'ahead' : 'behind'}`;
  return warn('clock', found, 'Set both machines by NTP; expiries and relative dates follow the clock of the gateway.');
}

function partsOf(report: unknown): [name: string, part: unknown][] {
  const parts = isObject(report) ? report['parts'] : undefined;
  return isObject(parts) ? Object.entries(parts) : [];
}

/** A part is `ok`, or a sentence that says what is wrong. One that is required makes the whole not ready. */
function checkPart(name: string, part: unknown): Check {
  const told = typeof part === 'string' ? part : JSON.stringify(part);
  return told === 'ok' ? ok(name, told) : warn(name, told, `Look for "${name}" in the log of the gateway.`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
