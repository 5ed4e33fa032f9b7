import { LRUCache } from 'lru-cache';
import { ServiceUnavailable, Unauthenticated, type Clock, type Logger, type Principal } from '@certfolio/core';
import { hashKeyText, parseKey } from './key-format.ts';
import { isLive, principalOf, type FoundKey, type Key, type KeyStore } from './key-store.ts';
import type { PassThrough } from './pass-through.ts';

export interface AuthenticatorOptions {
  readonly keys: Pick<KeyStore, 'findBySecretHash'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told of every key accepted and the hash of its secret, base64; must not wait for anything. */
  readonly onUsed?: (keyId: string, secretHash: string) => void;
  /** Asked for keys that are not ours; absent, they are refused. */
  readonly passThrough?: PassThrough;
  /** How long a look-up is believed. Default 2,000; with the look-up's own time-out, a revocation takes 3 s at most. */
  readonly trustMs?: number;
  /** How long a key that was verified is accepted while the database is unreachable. Default 600,000. */
  readonly graceMs?: number;
  /** After this a look-up counts as failed. Default 1,000. */
  readonly lookUpTimeoutMs?: number;
  /** Keys remembered, and as many texts that are no key. Default 10,000. */
  readonly maxEntries?: number;
}

export interface Authenticated {
  readonly principal: Principal;
  /** True when the database could not be asked and an earlier answer was used. */
  readonly stale: boolean;
}

export interface Authenticator {
  /**
   * @param origin `header` unless told
   * @throws Unauthenticated, the same for unknown, expired and revoked keys
   * @throws ServiceUnavailable when the database is unreachable and the key was not verified lately
   */
  authenticate(presented: string, origin?: KeyPlace): Promise<Authenticated>;
  /** Keys changed: what was looked up before counts only while the database is unreachable. */
  recheck(): void;
}

/** Where a request carries its key. In the address only keys are accepted that were made for it. */
export type KeyPlace = 'header' | 'address';

/** Every key in an address that was not made for it gets this, whether it exists or not. */
const notForAddresses =
  'The key in the address does not open this report. Only keys made for it ("keys create --url-for") may be sent in an address; send others as "Authorization: Bearer <key>".';

/** A look-up's result and when it was begun, on the monotonic clock. */
interface Answer<T> {
  readonly found: T;
  readonly askedAtMs: number;
}

type Verdict = { readonly found: FoundKey | null; readonly stale: boolean };

/** While the database fails, it is asked again this often rather than by every request. */
const retryEveryMs = 1_000;
const warnEveryMs = 60_000;

export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const {
    keys,
    clock,
    logger,
    onUsed,
    passThrough,
    trustMs = 2_000,
    graceMs = 600_000,
    lookUpTimeoutMs = 1_000,
    maxEntries = 10_000,
  } = options;
  // Apart, so that a flood of random texts cannot push out the keys that the grace depends on.
  const known = new LRUCache<string, Answer<FoundKey>>({ max: maxEntries });
  const unknown = new LRUCache<string, Answer<null>>({ max: maxEntries });
  /** A principal never changes, so one serves as long as its key is remembered. */
  const principals = new WeakMap<Key, Principal>();
  const asking = new Map<string, Promise<Verdict>>();
  /** Look-ups that were begun no later are not believed while the database answers. */
  let changedAtMs = -Infinity;
  let failedAtMs: number | null = null;
  let warnedAtMs: number | null = null;

  function remembered(hash: string, maxAgeMs: number): Answer<FoundKey | null> | null {
    const answer = known.get(hash) ?? unknown.get(hash);
    return answer !== undefined && clock.monotonicMs() - answer.askedAtMs <= maxAgeMs ? answer : null;
  }

  async function lookUp(hash: string): Promise<Verdict> {
    const askedAtMs = clock.monotonicMs();
    if (failedAtMs !== null && askedAtMs - failedAtMs < retryEveryMs) return lastResort(hash, undefined);
    try {
      const found = await withTimeout(keys.findBySecretHash(Buffer.from(hash, 'base64')));
      failedAtMs = null;
      if (found === null) {
        known.delete(hash);
        unknown.set(hash, { found, askedAtMs });
      } else {
        unknown.delete(hash);
        known.set(hash, { found, askedAtMs });
      }
      return { found, stale: false };
    } catch (error) {
      failedAtMs = clock.monotonicMs();
      return lastResort(hash, error);
    }
  }

  function lastResort(hash: string, cause: unknown): Verdict {
    const answer = remembered(hash, graceMs);
    if (answer === null || answer.found === null) {
      throw new ServiceUnavailable('Keys cannot be verified now: the database does not answer.', {
        retryAfterMs: retryEveryMs,
        cause,
      });
    }
    const nowMs = clock.monotonicMs();
    if (warnedAtMs === null || nowMs - warnedAtMs >= warnEveryMs) {
      warnedAtMs = nowMs;
      logger.warn(
        { reason: String(cause), graceMs },
        'The database does not answer; keys verified lately are still accepted.',
      );
    }
    return { found: answer.found, stale: true };
  }

  async function withTimeout<T>(query: Promise<T>): Promise<T> {
    const done = new AbortController();
    const late = clock.sleep(lookUpTimeoutMs, done.signal).then(() => {
      throw new Error(`no answer within ${lookUpTimeoutMs} ms`);
    });
    late.catch(() => undefined);
    query.catch(() => undefined);
    try {
      return await Promise.race([query, late]);
    } finally {
      done.abort();
    }
  }

  function ask(hash: string): Promise<Verdict> | Verdict {
    const fresh = remembered(hash, trustMs);
    if (fresh !== null && fresh.askedAtMs > changedAtMs) return { found: fresh.found, stale: false };
    const running = asking.get(hash);
    if (running !== undefined) return running;
    const started = lookUp(hash).finally(() => {
      if (asking.get(hash) === started) asking.delete(hash);
    });
    asking.set(hash, started);
    return started;
  }

  return {
    async authenticate(presented, origin = 'header') {
      const hash = hashKeyText(presented);
      const { found, stale } = await ask(hash);
      if (origin === 'address' && !(found !== null && found.key.inUrl && isLive(found, clock.nowMs()))) {
        if (found !== null && isLive(found, clock.nowMs()))
          logger.warn(
            { keyId: found.key.id },
            'A key was sent in an address, where others may have seen it; rotate it.',
          );
        throw new Unauthenticated(notForAddresses);
      }
      if (found === null && passThrough !== undefined && parseKey(presented).kind === 'foreign')
        return { principal: await passThrough.authenticate(presented, Buffer.from(hash, 'base64')), stale: false };
      if (found === null || !isLive(found, clock.nowMs())) {
        // An admin key of the environment may look like anything, so the checksum decides the words only.
        const mistyped = found === null && parseKey(presented).kind === 'mistyped';
        throw new Unauthenticated(
          mistyped
            ? 'This key looks mistyped or cut off: its checksum does not fit.'
            : 'Unknown, expired or revoked key.',
        );
      }
      onUsed?.(found.key.id, hash);
      let principal = principals.get(found.key);
      if (principal === undefined) principals.set(found.key, (principal = principalOf(found.key)));
      return { principal, stale };
    },
    recheck() {
      changedAtMs = clock.monotonicMs();
      asking.clear();
    },
  };
}
