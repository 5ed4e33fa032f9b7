import { createHash } from 'node:crypto';
import type { Brownout, RouteState } from './route-state.ts';

/** What decides who answers a call. */
export interface CallFacts {
  /** The call can change nothing. */
  readonly isRead: boolean;
  /** A mapper is there for the route and for calls of this form. */
  readonly isServed: boolean;
  /** In force for this key. */
  readonly state: RouteState;
  readonly keyId: string;
  /** Nothing that CertCentral answers has to be kept from the key. */
  readonly seesEverything: boolean;
  /** The caller brings an upstream key of its own. */
  readonly isPassedThrough: boolean;
  readonly nowMs: number;
}

/** Why CertCentral answers. */
export type ProxiedReason = 'write' | 'unserved' | 'pass-through' | 'state';

export type Decision =
  | { readonly kind: 'proxied'; readonly why: ProxiedReason }
  /**
   * @property onFailure what becomes of a failure of ours
   * @property otherwise who answers what the graph cannot answer exactly
   */
  | { readonly kind: 'graph'; readonly onFailure: 'proxied' | 'error'; readonly otherwise: 'proxied' | 'refused' }
  | { readonly kind: 'gone'; readonly brownout: Brownout | null }
  /** The key may not see all of what CertCentral would answer, and nothing else answers. */
  | { readonly kind: 'refused'; readonly why: 'write' | 'unserved' };

/** Who answers. The first that applies; a guess is never among them. */
export function whoAnswers(asked: CallFacts): Decision {
  const { isRead, isServed, state, nowMs } = asked;
  if (state.state === 'gone') return { kind: 'gone', brownout: null };
  const brownout = state.state === 'sunset' ? brownoutAt(state.brownouts, nowMs) : null;
  if (brownout !== null) return { kind: 'gone', brownout };
  // A proxied answer cannot be filtered, nor can a write be held to what the key may see.
  if (!asked.seesEverything) {
    if (!isRead || !isServed) return { kind: 'refused', why: isRead ? 'unserved' : 'write' };
    return { kind: 'graph', onFailure: 'error', otherwise: 'refused' };
  }
  if (!isRead) return { kind: 'proxied', why: 'write' };
  if (!isServed) return { kind: 'proxied', why: 'unserved' };
  if (asked.isPassedThrough) return { kind: 'proxied', why: 'pass-through' };
  switch (state.state) {
    case 'proxied':
    case 'shadowed':
      return { kind: 'proxied', why: 'state' };
    case 'ramping':
      return isInRamp(asked.keyId, state.route, state.percent)
        ? { kind: 'graph', onFailure: 'proxied', otherwise: 'proxied' }
        : { kind: 'proxied', why: 'state' };
    case 'served':
    case 'sunset':
      return { kind: 'graph', onFailure: 'error', otherwise: 'proxied' };
  }
}

/** The window that is open now; null for none. */
function brownoutAt(brownouts: readonly Brownout[], nowMs: number): Brownout | null {
  return brownouts.find(({ from, to }) => from.getTime() <= nowMs && nowMs < to.getTime()) ?? null;
}

/**
 * Whether a ramp of so many percent has reached this key: the same key gets the same answer on every process and every call,
 * and whoever is in at 5 % is in at 25 %. Each route draws anew, so that no key is first everywhere.
 */
export function isInRamp(keyId: string, route: string, percent: number): boolean {
  const drawn = createHash('sha256').update(`${route}\n${keyId}`).digest().readUInt32BE(0) / 2 ** 32;
  return drawn * 100 < percent;
}
