import type { ListedKey } from './listed-key.ts';

export type KeyState = 'ACTIVE' | 'EXPIRED' | 'REVOKED';

type Ends = Pick<ListedKey, 'expiresAt' | 'revokedAt'>;

/** A revoked key stays revoked when its time is over, too. */
export function stateOf({ expiresAt, revokedAt }: Ends, nowMs: number): KeyState {
  if (revokedAt !== null) return 'REVOKED';
  return expiresAt !== null && Date.parse(expiresAt) <= nowMs ? 'EXPIRED' : 'ACTIVE';
}

export interface KeyFilter {
  /** Part of the name or the owner, in any case. */
  readonly text: string;
  readonly withEnded: boolean;
}

/** By name, as the gateway has no order of its own to keep. */
export function shownKeys<Key extends Ends & Pick<ListedKey, 'name' | 'owner'>>(
  keys: readonly Key[],
  { text, withEnded }: KeyFilter,
  nowMs: number,
): readonly Key[] {
  const part = text.trim().toLowerCase();
  return keys
    .filter((key) => withEnded || stateOf(key, nowMs) === 'ACTIVE')
    .filter(({ name, owner }) => [name, owner].some((value) => value.toLowerCase().includes(part)))
    .toSorted((left, right) => left.name.localeCompare(right.name, 'en'));
}
