import { sql, type Kysely, type Selectable, type Transaction } from 'kysely';
import { z } from 'zod';
import { BadUserInput, nearestOf, type Clock, type KeyLimits } from '@certfolio/core';
import { createQueries, type Pool } from '@certfolio/database';
import type { RandomBytes } from './base62.ts';
import { generateKey, hashKey } from './key-format.ts';
import { adminPolicy, type KeyPolicy } from './key-policy.ts';
import { parseKeyRow, policyColumns, type ApiKeys, type KeySecrets, type KeyTables } from './key-rows.ts';
import { isLive, type CreatedKey, type Key, type KeyOrigin, type KeyStore } from './key-store.ts';

const minAdminKeyLength = 32;

/** Unique violation, https://www.postgresql.org/docs/15/errcodes-appendix.html (read 2026-11). */
const uniqueViolation = '23505';

export interface KeyStoreOptions {
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  /** Named limits of the configuration. They hold as they are now, whatever they were when a key was made. Default none. */
  readonly tiers?: ReadonlyMap<string, KeyLimits>;
}

/** A secret that ended is shown for so long, then a rotation clears it away. */
const endedSecretMs = 30 * 86_400_000;

export function createKeyStore(
  pool: Pool,
  { clock, randomBytes, tiers = new Map<string, KeyLimits>() }: KeyStoreOptions,
): KeyStore {
  const db = createQueries<KeyTables>(pool);
  const now = () => new Date(clock.nowMs());
  const keyOf = (row: Selectable<ApiKeys>) => parseKeyRow(row, tiers);

  /** @throws BadUserInput */
  function requireTier({ tier }: KeyPolicy): void {
    if (tier === null || tiers.has(tier)) return;
    const nearest = nearestOf(tier, [...tiers.keys()]);
    const advice =
      tiers.size === 0
        ? 'the configuration has no tiers'
        : nearest === null
          ? `there are ${[...tiers.keys()].join(', ')}`
          : `the nearest is "${nearest}"`;
    throw new BadUserInput(`There is no tier "${tier}"; ${advice}.`, { nearest: nearest === null ? [] : [nearest] });
  }

  /** With the limits that the tier has now, for the day when there is no such tier any more. */
  const withLimitsOf = (policy: KeyPolicy): KeyPolicy => ({
    ...policy,
    limits: (policy.tier === null ? undefined : tiers.get(policy.tier)) ?? policy.limits,
  });

  /** The key, and nobody else changes it until the transaction ends. @throws BadUserInput when it cannot be changed */
  async function lockKey(tx: Executor, id: string, verb: string): Promise<Key> {
    const row = await tx.selectFrom('api_keys').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
    if (row === undefined) throw new BadUserInput('There is no key of this id.');
    const key = keyOf(row);
    if (key.revokedAt !== null) throw new BadUserInput(`The key "${key.name}" is revoked and cannot be ${verb}.`);
    if (key.origin === 'environment')
      throw new BadUserInput(
        `The key "${key.name}" cannot be ${verb}: it is what the variable CERTFOLIO_ADMIN_KEY says; change that and restart.`,
      );
    return key;
  }

  /** @throws BadUserInput when the key is over: no secret could open it */
  async function lockLiveKey(tx: Executor, id: string, verb: string): Promise<Key> {
    const key = await lockKey(tx, id, verb);
    if (key.expiresAt !== null && key.expiresAt.getTime() <= clock.nowMs())
      throw new BadUserInput(`The key "${key.name}" expired and cannot be ${verb}; give it a later expiry first.`);
    return key;
  }

  /** @throws BadUserInput when it opens a live key */
  async function insertAdopted(tx: Executor, keyId: string, sha256: Uint8Array): Promise<void> {
    const row = await tx
      .selectFrom('key_secrets as s')
      .innerJoin('api_keys as k', 'k.id', 's.key_id')
      .selectAll('k')
      .select(['s.kind as secret_kind', 's.expires_at as secret_expires_at'])
      .where('s.sha256', '=', Buffer.from(sha256))
      .executeTakeFirst();
    if (row !== undefined) {
      const holder = keyOf(row);
      const found = { key: holder, secret: { kind: row.secret_kind, expiresAt: row.secret_expires_at } };
      if (row.secret_kind !== 'adopted' || isLive(found, clock.nowMs()))
        throw new BadUserInput(
          row.secret_kind === 'adopted'
            ? `That CertCentral key was adopted already: it opens the key "${holder.name}".`
            : 'That is a key of Certfolio, not one of CertCentral.',
        );
      await tx.deleteFrom('key_secrets').where('sha256', '=', Buffer.from(sha256)).execute();
    }
    await insertSecret(tx, keyId, sha256, 'adopted', now());
    await tx.updateTable('api_keys').set({ is_adopted: true }).where('id', '=', keyId).execute();
  }

  /** To be run in a transaction: a key without its secret is none. */
  async function insert(tx: Executor, policy: KeyPolicy, origin: KeyOrigin, createdBy: string): Promise<CreatedKey> {
    const { id, text } = generateKey(randomBytes);
    const key = keyOf(await insertKey(tx, id, withLimitsOf(policy), origin, createdBy, now()));
    await insertSecret(tx, id, hashKey(text), 'native', now());
    return { key, text };
  }

  /** Two who adopt one text at the same time: the second is refused as if it had come later. */
  async function saved<T>(work: (tx: Transaction<KeyTables>) => Promise<T>, name: () => string): Promise<T> {
    try {
      return await db.transaction().execute(work);
    } catch (error) {
      if (isViolationOf(error, 'api_keys_live_name'))
        throw new BadUserInput(`There is a live key named "${name()}"; choose another name or revoke that one.`);
      if (isViolationOf(error, 'key_secrets_pkey'))
        throw new BadUserInput('That CertCentral key was adopted already, at this moment.');
      throw error;
    }
  }

  return {
    async create(policy, createdBy, adopt) {
      requireTier(policy);
      return saved(
        async (tx) => {
          const created = await insert(tx, policy, 'created', createdBy);
          if (adopt === undefined) return created;
          await insertAdopted(tx, created.key.id, adopt);
          return { ...created, key: { ...created.key, isAdopted: true } };
        },
        () => policy.name,
      );
    },

    async update(id, change) {
      let name = '';
      return saved(
        async (tx) => {
          const policy = change(await lockKey(tx, id, 'changed'));
          ({ name } = policy);
          requireTier(policy);
          const row = await tx
            .updateTable('api_keys')
            .set(policyColumns(withLimitsOf(policy)))
            .where('id', '=', id)
            .returningAll()
            .executeTakeFirstOrThrow();
          return keyOf(row);
        },
        () => name,
      );
    },

    async rotate(id, { overlapMs, endsAdopted }, check) {
      return db.transaction().execute(async (tx) => {
        const key = await lockLiveKey(tx, id, 'rotated');
        check(key);
        const endsAt = new Date(clock.nowMs() + overlapMs);
        await tx
          .updateTable('key_secrets')
          .set({ expires_at: sql<Date>`least(expires_at, ${endsAt})` })
          .where('key_id', '=', id)
          .where('kind', 'in', endsAdopted ? ['native', 'adopted'] : ['native'])
          .execute();
        await tx
          .deleteFrom('key_secrets')
          .where('key_id', '=', id)
          .where('expires_at', '<', new Date(clock.nowMs() - endedSecretMs))
          .execute();
        const { text } = generateKey(randomBytes, id);
        await insertSecret(tx, id, hashKey(text), 'native', now());
        return { key, text };
      });
    },

    async adopt(id, sha256, check) {
      return saved(
        async (tx) => {
          const key = await lockLiveKey(tx, id, 'given a CertCentral key');
          check(key);
          await insertAdopted(tx, id, sha256);
          return { ...key, isAdopted: true };
        },
        () => '',
      );
    },

    async secrets(id) {
      const rows = await db
        .selectFrom('key_secrets')
        .select(['kind', 'created_at', 'expires_at', 'last_used_at'])
        .where('key_id', '=', id)
        .orderBy('created_at')
        .orderBy('kind')
        .execute();
      return rows.map(({ kind, created_at, expires_at, last_used_at }) => ({
        kind,
        createdAt: created_at,
        expiresAt: expires_at,
        lastUsedAt: last_used_at,
      }));
    },

    async list() {
      const rows = await db.selectFrom('api_keys').selectAll().orderBy('name').orderBy('created_at').execute();
      return rows.map(keyOf);
    },

    async show(idOrName) {
      const row = await db
        .selectFrom('api_keys')
        .selectAll()
        .where((is) =>
          is.or([is('id', '=', idOrName), is.and([is('name', '=', idOrName), is('revoked_at', 'is', null)])]),
        )
        .orderBy(sql`id = ${idOrName}`, 'desc')
        .limit(1)
        .executeTakeFirst();
      return row === undefined ? null : keyOf(row);
    },

    async findBySecretHash(sha256) {
      const row = await db
        .selectFrom('key_secrets as s')
        .innerJoin('api_keys as k', 'k.id', 's.key_id')
        .selectAll('k')
        .select(['s.kind as secret_kind', 's.expires_at as secret_expires_at'])
        .where('s.sha256', '=', Buffer.from(sha256))
        .executeTakeFirst();
      return row === undefined
        ? null
        : { key: keyOf(row), secret: { kind: row.secret_kind, expiresAt: row.secret_expires_at } };
    },

    async revoke(id) {
      const result = await db
        .updateTable('api_keys')
        .set({ revoked_at: now() })
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .executeTakeFirst();
      return result.numUpdatedRows === 1n;
    },

    async touchLastUsed(uses) {
      if (uses.length === 0) return;
      const hashes = uses.map(({ sha256 }) => Buffer.from(sha256));
      const ids = uses.map(({ keyId }) => keyId);
      const times = uses.map(({ at }) => at);
      // In order of id and hash, so that two processes that write the same keys cannot wait for each other.
      await sql`
        with used as (
          select k.id, max(u.at) as at from unnest(${ids}::text[], ${times}::timestamptz[]) as u (id, at)
          join (select id from api_keys where id = any(${ids}::text[]) order by id for update) k on k.id = u.id group by k.id
        )
        update api_keys k set last_used_at = greatest(k.last_used_at, used.at) from used where used.id = k.id`.execute(
        db,
      );
      await sql`
        with used as (
          select s.sha256, u.at from unnest(${hashes}::bytea[], ${times}::timestamptz[]) as u (sha256, at)
          join key_secrets s on s.sha256 = u.sha256 order by s.sha256 for update of s
        )
        update key_secrets s set last_used_at = greatest(s.last_used_at, used.at) from used where used.sha256 = s.sha256`.execute(
        db,
      );
    },

    async ensureAdminKey(text) {
      if (text.length < minAdminKeyLength)
        throw new BadUserInput(
          `CERTFOLIO_ADMIN_KEY has ${text.length} characters; at least ${minAdminKeyLength} are needed.`,
        );
      return db.transaction().execute(async (tx) => {
        await oneProcessAtATime(tx);
        const former = await tx
          .selectFrom('api_keys')
          .selectAll()
          .where('origin', '=', 'environment')
          .executeTakeFirst();
        const holderRow = await findHolder(tx, text);
        const holder = holderRow === null ? null : keyOf(holderRow);
        if (holder !== null && holder.id === former?.id) return holder;
        if (former !== undefined) await tx.deleteFrom('key_secrets').where('key_id', '=', former.id).execute();
        if (holder !== null) {
          if (!holder.scopes.includes('admin'))
            throw new BadUserInput(
              `CERTFOLIO_ADMIN_KEY is the text of the key "${holder.name}", which has no scope "admin".`,
            );
          return holder;
        }
        const row =
          former === undefined
            ? await insertKey(tx, generateKey(randomBytes).id, environmentPolicy, 'environment', 'system', now())
            : await revive(tx, former.id);
        await insertSecret(tx, row.id, hashKey(text), 'native', now());
        return keyOf(row);
      });
    },

    async makeFirstAdminKey() {
      return db.transaction().execute(async (tx) => {
        await oneProcessAtATime(tx);
        const former = await tx
          .selectFrom('api_keys')
          .select('id')
          .where('origin', '=', 'first-admin')
          .executeTakeFirst();
        return former === undefined ? insert(tx, firstAdminPolicy, 'first-admin', 'system') : null;
      });
    },
  };
}

const firstAdminPolicy: KeyPolicy = { ...adminPolicy, name: 'first admin', owner: 'operator' };
const environmentPolicy: KeyPolicy = { ...adminPolicy, name: 'CERTFOLIO_ADMIN_KEY', owner: 'operator' };

type Executor = Kysely<KeyTables> | Transaction<KeyTables>;

/** Until the transaction ends. Replicas start together and all want the same admin keys. */
async function oneProcessAtATime(tx: Executor): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('certfolio admin keys'))`.execute(tx);
}

async function insertKey(
  db: Executor,
  id: string,
  policy: KeyPolicy,
  origin: KeyOrigin,
  createdBy: string,
  now: Date,
): Promise<Selectable<ApiKeys>> {
  return db
    .insertInto('api_keys')
    .values({
      ...policyColumns(policy),
      id,
      origin,
      is_adopted: false,
      created_at: now,
      created_by: createdBy,
      revoked_at: null,
      last_used_at: null,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

async function insertSecret(
  db: Executor,
  keyId: string,
  sha256: Uint8Array,
  kind: KeySecrets['kind'],
  now: Date,
): Promise<void> {
  await db
    .insertInto('key_secrets')
    .values({
      sha256: Buffer.from(sha256),
      key_id: keyId,
      kind,
      created_at: now,
      expires_at: null,
      last_used_at: null,
    })
    .execute();
}

async function findHolder(db: Executor, text: string): Promise<Selectable<ApiKeys> | null> {
  const row = await db
    .selectFrom('key_secrets as s')
    .innerJoin('api_keys as k', 'k.id', 's.key_id')
    .selectAll('k')
    .where('s.sha256', '=', hashKey(text))
    .executeTakeFirst();
  return row ?? null;
}

async function revive(db: Executor, id: string): Promise<Selectable<ApiKeys>> {
  return db
    .updateTable('api_keys')
    .set({ revoked_at: null })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

function isViolationOf(error: unknown, constraint: string): boolean {
  const { code, constraint: violated } = z
    .object({ code: z.string().optional(), constraint: z.string().optional() })
    .catch({})
    .parse(error);
  return code === uniqueViolation && violated === constraint;
}
