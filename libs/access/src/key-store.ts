import { containerId, type Lane, type Principal } from '@certfolio/core';
import { restRightOf, type KeyPolicy } from './key-policy.ts';

/** Where a key comes from: a request, the first start, or CERTFOLIO_ADMIN_KEY. */
export type KeyOrigin = 'created' | 'first-admin' | 'environment';

export interface Key extends KeyPolicy {
  readonly id: string;
  readonly origin: KeyOrigin;
  readonly createdAt: Date;
  /** Id of the key that made it, or `system`. */
  readonly createdBy: string;
  readonly revokedAt: Date | null;
  /** A CertCentral key opens it, or once did. */
  readonly isAdopted: boolean;
  /** Right to about a minute. */
  readonly lastUsedAt: Date | null;
}

/** One of the secrets by which a key is known. */
export interface KeySecret {
  /** `adopted`: a CertCentral key that the caller goes on sending. */
  readonly kind: 'native' | 'adopted';
  /** When this secret ends, before the key does; null: with the key. */
  readonly expiresAt: Date | null;
}

/** A secret as it may be shown; its hash stays where it is. */
export interface SecretFacts extends KeySecret {
  readonly createdAt: Date;
  /** Right to about a minute. */
  readonly lastUsedAt: Date | null;
}

/** One use of a secret. */
export interface KeyUse {
  readonly keyId: string;
  readonly sha256: Uint8Array;
  readonly at: Date;
}

/** Says whether a key as it is may be changed, by throwing when it may not. The key stays as it is until the change is made. */
export type KeyCheck = (key: Key) => void;

export interface Rotation {
  /** For so long the present secrets go on working; 0 ends them now. */
  readonly overlapMs: number;
  /** Ends adopted secrets too, after the same time. */
  readonly endsAdopted: boolean;
}

export interface FoundKey {
  readonly key: Key;
  readonly secret: KeySecret;
}

export interface CreatedKey {
  readonly key: Key;
  /** The whole key. This is the only time anyone sees it. */
  readonly text: string;
}

/** Keys and the hashes of their secrets. Every method throws what the database throws when it is unreachable. */
export interface KeyStore {
  /**
   * @param adopt SHA-256 of a CertCentral key that opens it too
   * @throws BadUserInput when a live key has the name, the tier is not configured, or the adopted key opens another one
   */
  create(policy: KeyPolicy, createdBy: string, adopt?: Uint8Array): Promise<CreatedKey>;
  /**
   * Gives a key the policy that is made of its present one.
   *
   * @throws BadUserInput when there is no such key, it is revoked or CERTFOLIO_ADMIN_KEY, or as `create`; what `change` throws
   */
  update(id: string, change: (key: Key) => KeyPolicy): Promise<Key>;
  /**
   * Makes a new secret of the same key id; the others end after the overlap, those that end earlier as before.
   *
   * @throws BadUserInput when there is no such key, it is over or CERTFOLIO_ADMIN_KEY; what `check` throws
   */
  rotate(id: string, rotation: Rotation, check: KeyCheck): Promise<CreatedKey>;
  /**
   * Lets a CertCentral key open the key as well. One that opened a key that is over comes over to this one.
   *
   * @throws BadUserInput when it opens a live key already, and as `rotate`; what `check` throws
   */
  adopt(id: string, sha256: Uint8Array, check: KeyCheck): Promise<Key>;
  /** The secrets of a key, oldest first. */
  secrets(id: string): Promise<readonly SecretFacts[]>;
  /** All keys, revoked and expired ones included, by name. */
  list(): Promise<readonly Key[]>;
  /** By id, else the live key of that name; null when there is none. */
  show(idOrName: string): Promise<Key | null>;
  /** One indexed look-up, the same for a hash that exists and one that does not. Revoked and expired keys are found too. */
  findBySecretHash(sha256: Uint8Array): Promise<FoundKey | null>;
  /** Ends a key for good. False when there is none, or it is revoked already. */
  revoke(id: string): Promise<boolean>;
  /** Never moves a time back. Unknown ids are left out. */
  touchLastUsed(uses: readonly KeyUse[]): Promise<void>;
  /**
   * Accepts an admin key chosen by the operator; a changed one replaces the former. A key revoked by hand stays revoked
   * until the text changes.
   *
   * @throws BadUserInput when it has fewer than 32 characters, or is a key without the scope `admin`
   */
  ensureAdminKey(text: string): Promise<Key>;
  /** Null when it was made before, by whichever process. */
  makeFirstAdminKey(): Promise<CreatedKey | null>;
}

export function isLive({ key, secret }: FoundKey, nowMs: number): boolean {
  const isOver = (at: Date | null) => at !== null && at.getTime() <= nowMs;
  return key.revokedAt === null && !isOver(key.expiresAt) && !isOver(secret.expiresAt);
}

export function principalOf(key: Key, lane: Lane = 'interactive'): Principal {
  return {
    keyId: key.id,
    keyName: key.name,
    owner: key.owner,
    level: key.level,
    templates:
      key.templates === 'all' ? 'all' : { names: new Set(key.templates.names), tags: new Set(key.templates.tags) },
    scopes: new Set(key.scopes),
    scope: { containers: key.containers === null ? 'all' : new Set(key.containers.map(containerId)) },
    fields: key.fields === null ? 'all' : new Set(key.fields),
    limits: key.limits,
    account: key.account,
    lane,
    rest: restRightOf(key, key.isAdopted),
    ...(key.variables.size === 0 ? {} : { fixedVariables: key.variables }),
    ...(key.inUrl ? { isUrlKey: true } : {}),
  };
}
