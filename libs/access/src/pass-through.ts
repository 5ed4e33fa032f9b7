import { LRUCache } from 'lru-cache';
import { ServiceUnavailable, Unauthenticated, type Clock, type Principal, type UpstreamKey } from '@certfolio/core';
import { takeTokens, type BucketState } from './gcra.ts';

/** Lets CertCentral keys in that are not ours, as themselves. */
export interface PassThrough {
  /**
   * @param sha256 of the text that was presented
   * @throws Unauthenticated when CertCentral does not know the key, ServiceUnavailable when too many keys wait for a proof,
   *   and what a proof throws when CertCentral cannot be asked
   */
  authenticate(presented: string, sha256: Buffer): Promise<Principal>;
}

/** What a key that is passed through may do; its owner and its name nobody knows. */
export type PassThroughPolicy = Pick<
  Principal,
  'level' | 'templates' | 'scope' | 'fields' | 'limits' | 'account' | 'rest'
>;

export interface PassThroughOptions {
  readonly policy: PassThroughPolicy;
  /** Whether CertCentral takes the key; false when it refuses it. Asked once at a time for each key. */
  readonly prove: (key: UpstreamKey, account: string) => Promise<boolean>;
  readonly clock: Clock;
  /** Keys that may be proved in a minute, those that were proved before not counted. Default 30. */
  readonly proofsPerMinute?: number;
  /** How long a proof holds. Default 600,000. */
  readonly rememberMs?: number;
  /** How long a key that was refused is not asked about again. Default 60,000. */
  readonly refuseMs?: number;
  /** Keys remembered, and as many refused ones. Default 10,000. */
  readonly maxEntries?: number;
}

/** Shorter texts are no CertCentral keys, and no call is spent on them. */
export const minForeignKeyLength = 32;

const unknownKey = () => new Unauthenticated('Unknown, expired or revoked key.');

/** Remembers keys by their SHA-256 alone: the text lives as long as the request that brought it. */
export function createPassThrough({
  policy,
  prove,
  clock,
  proofsPerMinute = 30,
  rememberMs = 600_000,
  refuseMs = 60_000,
  maxEntries = 10_000,
}: PassThroughOptions): PassThrough {
  /** When a key was proved or refused, on the monotonic clock. Apart, so that refused texts push out no proof. */
  const proved = new LRUCache<string, number>({ max: maxEntries });
  const refused = new LRUCache<string, number>({ max: maxEntries });
  const proving = new Map<string, Promise<boolean>>();
  let bucket: BucketState | null = null;

  const isWithin = (atMs: number | undefined, ms: number) => atMs !== undefined && clock.monotonicMs() - atMs < ms;

  /** Random texts must not be able to spend calls. @throws ServiceUnavailable */
  function takeProof(): void {
    const request = { perMinute: proofsPerMinute, burst: proofsPerMinute, cost: 1 };
    const { granted, retryAfterMs, nextState } = takeTokens(bucket, request, Math.floor(clock.monotonicMs()));
    bucket = nextState;
    if (granted) return;
    throw new ServiceUnavailable(
      `Keys that are not Certfolio's are proved at CertCentral ${proofsPerMinute} times a minute at most; the next proof is free in ${retryAfterMs} ms.`,
      { retryAfterMs },
    );
  }

  async function ask(key: UpstreamKey): Promise<boolean> {
    const isGood = await prove(key, policy.account);
    if (isGood) {
      refused.delete(key.id);
      proved.set(key.id, clock.monotonicMs());
    } else {
      proved.delete(key.id);
      refused.set(key.id, clock.monotonicMs());
    }
    return isGood;
  }

  function askOnce(key: UpstreamKey): Promise<boolean> {
    const running = proving.get(key.id);
    if (running !== undefined) return running;
    if (!proved.has(key.id)) takeProof();
    const started = ask(key).finally(() => proving.delete(key.id));
    proving.set(key.id, started);
    return started;
  }

  return {
    async authenticate(presented, sha256) {
      if (presented.length < minForeignKeyLength) throw unknownKey();
      const key: UpstreamKey = { id: sha256.toString('base64url'), text: () => presented };
      if (isWithin(refused.get(key.id), refuseMs)) throw unknownKey();
      if (!isWithin(proved.get(key.id), rememberMs) && !(await askOnce(key))) throw unknownKey();
      return {
        ...policy,
        keyId: `pt_${sha256.toString('hex', 0, 8)}`,
        keyName: 'passed through',
        owner: 'passthrough',
        scopes: new Set(['templates:run'] as const),
        lane: 'interactive',
        upstreamKey: key,
      };
    },
  };
}
