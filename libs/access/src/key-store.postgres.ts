import { sql, type Kysely, type Selectable, type Transaction } from 'kysely';
import { z } from 'zod';
import { BadUserInput, keyLevels, keyScopes, type Clock } from '@certfolio/core';
import { createQueries, type Pool } from '@certfolio/database';
import type { RandomBytes } from './base62.ts';
import { generateKey, hashKey } from './key-format.ts';
import { adminPolicy, defaultCostPerMinute, type KeyPolicy } from './key-policy.ts';
import type { CreatedKey, Key, KeyOrigin, KeyStore } from './key-store.ts';

interface ApiKeys {
  id: string;
  name: string;
  owner: string;
  origin: KeyOrigin;
  level: string;
  templates: unknown;
  limits: unknown;
  scopes: string[];
  containers: number[] | null;
  fields: string[] | null;
  account: string;
  created_at: Date;
  created_by: string;
  expires_at: Date | null;
  revoked_at: Date | null;
  last_used_at: Date | null;
}

interface KeySecrets {
  sha256: Buffer;
  key_id: string;
  kind: 'native' | 'adopted';
  created_at: Date;
  expires_at: Date | null;
}

interface Tables {
  api_keys: ApiKeys;
  key_secrets: KeySecrets;
}

const storedPolicy = z.object({
  level: z.enum(keyLevels),
  templates: z.union([z.literal('all'), z.object({ names: z.array(z.string()), tags: z.array(z.string()) })]),
  limits: z.object({
    requestsPerMinute: z.number(),
    burst: z.number(),
    // Keys that were made before there was such a limit get that of new ones.
    costPerMinute: z.number().default(defaultCostPerMinute),
    rows: z.number(),
    concurrent: z.number(),
    mode: z.enum(['enforce', 'shadow']),
  }),
  scopes: z.array(z.enum(keyScopes)),
  fields: z.array(z.enum(['csr', 'cost', 'email', 'customFields'])).nullable(),
});

const minAdminKeyLength = 32;

/** Unique violation, https://www.postgresql.org/docs/15/errcodes-appendix.html (read 2026-11). */
const uniqueViolation = '23505';

export interface KeyStoreOptions {
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
}

export function createKeyStore(pool: Pool, { clock, randomBytes }: KeyStoreOptions): KeyStore {
  const db = createQueries<Tables>(pool);
  const now = () => new Date(clock.nowMs());

  /** To be run in a transaction: a key without its secret is none. */
  async function insert(tx: Executor, policy: KeyPolicy, origin: KeyOrigin, createdBy: string): Promise<CreatedKey> {
    const { id, text } = generateKey(randomBytes);
    const key = await insertKey(tx, id, policy, origin, createdBy, now());
    await insertSecret(tx, id, text, now());
    return { key, text };
  }

  return {
    async create(policy, createdBy) {
      try {
        return await db.transaction().execute((tx) => insert(tx, policy, 'created', createdBy));
      } catch (error) {
        if (isViolationOf(error, 'api_keys_live_name'))
          throw new BadUserInput(`There is a live key named "${policy.name}"; choose another name or revoke that one.`);
        throw error;
      }
    },

    async list() {
      const rows = await db.selectFrom('api_keys').selectAll().orderBy('name').orderBy('created_at').execute();
      return rows.map(parseKeyRow);
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
      return row === undefined ? null : parseKeyRow(row);
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
        : { key: parseKeyRow(row), secret: { kind: row.secret_kind, expiresAt: row.secret_expires_at } };
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

    async touchLastUsed(usedAt) {
      if (usedAt.size === 0) return;
      // In order of id, so that two processes that write the same keys cannot wait for each other.
      const uses = [...usedAt].sort(([a], [b]) => (a < b ? -1 : 1));
      await sql`
        with used as (
          select k.id, u.at from unnest(${uses.map(([id]) => id)}::text[], ${uses.map(([, at]) => at)}::timestamptz[]) as u (id, at)
          join api_keys k on k.id = u.id order by k.id for update of k
        )
        update api_keys k set last_used_at = greatest(k.last_used_at, used.at) from used where used.id = k.id`.execute(
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
        const holder = await findHolder(tx, text);
        if (holder !== null && holder.id === former?.id) return holder;
        if (former !== undefined) await tx.deleteFrom('key_secrets').where('key_id', '=', former.id).execute();
        if (holder !== null) {
          if (!holder.scopes.includes('admin'))
            throw new BadUserInput(
              `CERTFOLIO_ADMIN_KEY is the text of the key "${holder.name}", which has no scope "admin".`,
            );
          return holder;
        }
        const key =
          former === undefined
            ? await insertKey(tx, generateKey(randomBytes).id, environmentPolicy, 'environment', 'system', now())
            : await revive(tx, former.id);
        await insertSecret(tx, key.id, text, now());
        return key;
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

type Executor = Kysely<Tables> | Transaction<Tables>;

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
): Promise<Key> {
  const { name, owner, level, templates, limits, scopes, containers, fields, account, expiresAt } = policy;
  const row = await db
    .insertInto('api_keys')
    .values({
      id,
      name,
      owner,
      origin,
      level,
      templates: JSON.stringify(templates),
      limits: JSON.stringify(limits),
      scopes: [...scopes],
      containers: containers === null ? null : [...containers],
      fields: fields === null ? null : [...fields],
      account,
      created_at: now,
      created_by: createdBy,
      expires_at: expiresAt,
      revoked_at: null,
      last_used_at: null,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return parseKeyRow(row);
}

async function insertSecret(db: Executor, keyId: string, text: string, now: Date): Promise<void> {
  await db
    .insertInto('key_secrets')
    .values({ sha256: hashKey(text), key_id: keyId, kind: 'native', created_at: now, expires_at: null })
    .execute();
}

async function findHolder(db: Executor, text: string): Promise<Key | null> {
  const row = await db
    .selectFrom('key_secrets as s')
    .innerJoin('api_keys as k', 'k.id', 's.key_id')
    .selectAll('k')
    .where('s.sha256', '=', hashKey(text))
    .executeTakeFirst();
  return row === undefined ? null : parseKeyRow(row);
}

async function revive(db: Executor, id: string): Promise<Key> {
  return parseKeyRow(
    await db
      .updateTable('api_keys')
      .set({ revoked_at: null })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow(),
  );
}

function parseKeyRow(row: Selectable<ApiKeys>): Key {
  return {
    ...storedPolicy.parse(row),
    id: row.id,
    name: row.name,
    owner: row.owner,
    origin: row.origin,
    containers: row.containers,
    account: row.account,
    createdAt: row.created_at,
    createdBy: row.created_by,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    lastUsedAt: row.last_used_at,
  };
}

function isViolationOf(error: unknown, constraint: string): boolean {
  const { code, constraint: violated } = z
    .object({ code: z.string().optional(), constraint: z.string().optional() })
    .catch({})
    .parse(error);
  return code === uniqueViolation && violated === constraint;
}
