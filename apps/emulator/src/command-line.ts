import { parseArgs } from 'node:util';
import { type EnvironmentDefaults } from './config.ts';
import { type EmulatorOptions } from './emulator.ts';
import { keyRoles, type KeyRole } from './http/api-keys.ts';

/** An argument that makes no sense; the message names it. */
export class UsageError extends Error {}

const flags = {
  port: { type: 'string' },
  host: { type: 'string' },
  orders: { type: 'string' },
  seed: { type: 'string' },
  limits: { type: 'string' },
  keys: { type: 'string' },
  latency: { type: 'string' },
  cache: { type: 'string' },
  workers: { type: 'string' },
  'retry-after': { type: 'boolean' },
  'empty-lists': { type: 'string' },
  log: { type: 'boolean' },
} as const;

function wholeNumber(name: string, text: string, maximum: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (!(value <= maximum)) throw new UsageError(`${name} must be a whole number from 0 to ${maximum}, not "${text}".`);
  return value;
}

function oneOf<T extends string>(name: string, text: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === text);
  if (found === undefined) throw new UsageError(`${name} must be ${choices.join(' or ')}, not "${text}".`);
  return found;
}

/** `a,b:view-only,c:orders` */
function parseKeys(text: string): ReadonlyMap<string, KeyRole> {
  const pairs = text.split(',').map((entry) => {
    const [key = '', role = 'full', ...rest] = entry.split(':');
    if (key === '' || rest.length > 0)
      throw new UsageError(`--keys must be a list such as a,b:view-only,c:orders, not "${text}".`);
    return [key, oneOf(`The role of key ${key}`, role, keyRoles)] as const;
  });
  return new Map(pairs);
}

/** `50-200`, or one number for a fixed latency. */
function parseLatency(text: string): readonly [number, number] {
  const [first = '', second = first, ...rest] = text.split('-');
  const shortest = wholeNumber('--latency', first, 600_000);
  const longest = wholeNumber('--latency', second, 600_000);
  if (rest.length > 0 || longest < shortest) throw new UsageError(`--latency must be such as 50-200, not "${text}".`);
  return [shortest, longest];
}

function readFlags(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: flags, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** @throws UsageError */
export function parseCommandLine(args: readonly string[], environment: EnvironmentDefaults): Partial<EmulatorOptions> {
  const given = readFlags(args);
  const { port = environment.port, orders = environment.orders, seed = environment.seed } = given;
  return {
    ...(port !== undefined && { port: wholeNumber('--port', port, 65_535) }),
    ...(orders !== undefined && { orders: wholeNumber('--orders', orders, 1_000_000) }),
    ...(seed !== undefined && { seed: wholeNumber('--seed', seed, 999_999_999) }),
    ...(given.host !== undefined && { host: given.host }),
    ...(given.limits !== undefined && { hasLimits: oneOf('--limits', given.limits, ['on', 'off']) === 'on' }),
    ...(given.keys !== undefined && { keys: parseKeys(given.keys) }),
    ...(given.latency !== undefined && { latencyMs: parseLatency(given.latency) }),
    ...(given.cache !== undefined && { cacheDir: given.cache }),
    ...(given.workers !== undefined && { workers: Math.max(1, wholeNumber('--workers', given.workers, 64)) }),
    ...(given['retry-after'] === true && { sendsRetryAfter: true }),
    ...(given['empty-lists'] !== undefined && {
      emptyLists: oneOf('--empty-lists', given['empty-lists'], ['keep', 'omit']),
    }),
    ...(given.log === true && { isLogging: true }),
  };
}
