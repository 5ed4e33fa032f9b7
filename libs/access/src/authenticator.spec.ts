import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ServiceUnavailable, silentLogger, Unauthenticated } from '@certfolio/core';
import { FakeClock } from '@certfolio/core/testing';
import { createPool } from '@certfolio/database';
import { createTestDatabase, type TestDatabase } from '@certfolio/database/testing';
import { createAuthenticator, type AuthenticatorOptions } from './authenticator.ts';
import { generateKey, hashKey } from './key-format.ts';
import { parseKeyPolicy } from './key-policy.ts';
import type { KeyStore } from './key-store.ts';
import { createKeyStore } from './key-store.postgres.ts';

let database: TestDatabase;
let clock: FakeClock;
let store: KeyStore;
let lookUps: number;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.drop());

beforeEach(async () => {
  await database.pool.query('truncate api_keys cascade');
  clock = new FakeClock();
  store = createKeyStore(database.pool, { clock, randomBytes });
  lookUps = 0;
});

/** Counts the real look-ups on their way to the database. */
function replica(options: Partial<AuthenticatorOptions> = {}) {
  const keys = {
    findBySecretHash(sha256: Uint8Array) {
      lookUps += 1;
      return store.findBySecretHash(sha256);
    },
  };
  return createAuthenticator({ keys, clock, logger: silentLogger, ...options });
}

const create = (input: object = {}) =>
  store.create(parseKeyPolicy({ name: 'ci', owner: 'web', ...input }, clock.nowMs()), 'tester');

const unknownKey = { name: 'Unauthenticated', message: 'Unknown, expired or revoked key.' };

it('looks again at once when keys changed, and keeps what it knows for a database that is gone', async () => {
  let isGone = false;
  const authenticator = createAuthenticator({
    keys: { findBySecretHash: (hash) => (isGone ? Promise.reject(new Error('gone')) : store.findBySecretHash(hash)) },
    clock,
    logger: silentLogger,
  });
  const { key, text } = await create();
  await authenticator.authenticate(text);
  await clock.advance(1);
  isGone = true;
  authenticator.recheck();
  expect(await authenticator.authenticate(text)).toMatchObject({ stale: true });
  isGone = false;
  await clock.advance(1_001);
  await store.revoke(key.id);
  authenticator.recheck();
  await clock.advance(1);
  await expect(authenticator.authenticate(text)).rejects.toMatchObject(unknownKey);
});

it('makes a principal of a key, its policy as sets', async () => {
  const { key, text } = await create({
    templates: { tags: ['ops'] },
    containers: [7],
    fields: [],
    limits: { rate: 10 },
  });
  const { principal, stale } = await replica().authenticate(text);
  expect(stale).toBe(false);
  expect(principal).toEqual({
    keyId: key.id,
    keyName: 'ci',
    owner: 'web',
    level: 'listed',
    templates: { names: new Set(), tags: new Set(['ops']) },
    scopes: new Set(['templates:run']),
    scope: { containers: new Set([7]) },
    fields: new Set(),
    limits: {
      requestsPerMinute: 10,
      burst: 10,
      costPerMinute: 5_000_000,
      rows: 100_000,
      concurrent: 20,
      mode: 'enforce',
    },
    account: 'default',
    lane: 'interactive',
    rest: 'none',
  });
});

it('accepts an admin key of any shape, also one that looks like a broken key of ours', async () => {
  const text = 'cfk_chosen-by-the-operator-0123456789';
  await store.ensureAdminKey(text);
  expect((await replica().authenticate(text)).principal.scopes).toEqual(new Set(['admin']));
});

it('refuses unknown, expired and revoked keys in the same words, and says when a key looks mistyped', async () => {
  const authenticator = replica();
  const expiring = await create({ name: 'a', expires: '2026-11-24' });
  const revoked = await create({ name: 'b' });
  await store.revoke(revoked.key.id);
  await clock.advance(86_400_000);
  for (const text of [expiring.text, revoked.text, generateKey(randomBytes).text, 'no key at all']) {
    await expect(authenticator.authenticate(text)).rejects.toMatchObject(unknownKey);
  }
  const mistyped = expiring.text.slice(0, -1);
  await expect(authenticator.authenticate(mistyped)).rejects.toThrow('looks mistyped or cut off');
  await expect(authenticator.authenticate(mistyped)).rejects.toThrow(Unauthenticated);
});

it('stops at the expiry of a key although the look-up is still believed', async () => {
  const authenticator = replica();
  const { text } = await create({ expires: '2026-11-23T12:00:01Z' });
  await authenticator.authenticate(text);
  await clock.advance(1_000);
  await expect(authenticator.authenticate(text)).rejects.toMatchObject(unknownKey);
  expect(lookUps).toBe(1);
});

it('believes a look-up for 2 s, then asks again', async () => {
  const authenticator = replica();
  const { text } = await create();
  for (const _ of [1, 2, 3]) await authenticator.authenticate(text);
  await clock.advance(2_000);
  await authenticator.authenticate(text);
  expect(lookUps).toBe(1);
  await clock.advance(1);
  await authenticator.authenticate(text);
  expect(lookUps).toBe(2);
});

it('ends a revoked key within 5 s on every replica, however warm its cache', async () => {
  const otherPool = createPool(database.url, { applicationName: 'replica', max: 1, logger: silentLogger });
  const other = createAuthenticator({
    keys: createKeyStore(otherPool, { clock, randomBytes }),
    clock,
    logger: silentLogger,
  });
  const replicas = [replica(), other];
  const { key, text } = await create();
  for (const each of replicas) await each.authenticate(text);
  await store.revoke(key.id);
  for (let atMs = 0; atMs < 5_000; atMs += 500) {
    await clock.advance(500);
    await Promise.allSettled(replicas.map((each) => each.authenticate(text)));
  }
  for (const each of replicas) await expect(each.authenticate(text)).rejects.toMatchObject(unknownKey);
  await otherPool.end();
});

it('notices within 2 s that a text which was unknown is a key now', async () => {
  const authenticator = replica();
  const text = 'an-admin-key-of-32-characters-or-more';
  await expect(authenticator.authenticate(text)).rejects.toMatchObject(unknownKey);
  await store.ensureAdminKey(text);
  await clock.advance(2_001);
  expect((await authenticator.authenticate(text)).principal.keyName).toBe('CERTFOLIO_ADMIN_KEY');
});

it('asks once for requests that come together, and once for a wrong key that is sent again and again', async () => {
  const authenticator = replica();
  const { text } = await create();
  await Promise.all(Array.from({ length: 50 }, () => authenticator.authenticate(text)));
  expect(lookUps).toBe(1);
  await Promise.allSettled(Array.from({ length: 50 }, () => authenticator.authenticate('wrong')));
  await expect(authenticator.authenticate('wrong')).rejects.toThrow(Unauthenticated);
  expect(lookUps).toBe(2);
});

it('does not let random keys push out the one in use', async () => {
  const authenticator = replica({ maxEntries: 3 });
  const { text } = await create();
  await authenticator.authenticate(text);
  for (let each = 0; each < 10; each += 1)
    await expect(authenticator.authenticate(`random ${each}`)).rejects.toThrow(Unauthenticated);
  const before = lookUps;
  await authenticator.authenticate(text);
  expect(lookUps).toBe(before);
  await expect(authenticator.authenticate('random 0')).rejects.toThrow(Unauthenticated);
  expect(lookUps).toBe(before + 1);
});

it('tells of every use without waiting', async () => {
  const used: string[][] = [];
  const authenticator = replica({ onUsed: (...use) => void used.push(use) });
  const { key, text } = await create();
  await authenticator.authenticate(text);
  await expect(authenticator.authenticate('wrong')).rejects.toThrow(Unauthenticated);
  expect(used).toEqual([[key.id, hashKey(text).toString('base64')]]);
});

describe('a key in an address', () => {
  const urlKey = { level: 'id-only', templates: { names: ['expiring'] }, inUrl: true };

  it('opens when it was made for that, and in a header as well', async () => {
    const { key, text } = await create(urlKey);
    const authenticator = replica();
    expect((await authenticator.authenticate(text, 'address')).principal).toMatchObject({
      keyId: key.id,
      isUrlKey: true,
    });
    expect((await authenticator.authenticate(text)).principal.keyId).toBe(key.id);
  });

  it('is refused alike, and not counted as used, whether it exists, has ended, is mistyped or nothing at all', async () => {
    const used: string[] = [];
    const warnings: object[] = [];
    const logger = { ...silentLogger, warn: (facts: object) => void warnings.push(facts) };
    const authenticator = replica({ onUsed: (keyId) => void used.push(keyId), logger });
    const ordinary = await create();
    const over = await create({ ...urlKey, name: 'over', expires: new Date(clock.nowMs() + 1_000) });
    await clock.advance(2_000);
    const texts = [ordinary.text, over.text, ordinary.text.slice(0, -1), 'nothing', generateKey(randomBytes).text];
    const messages = await Promise.all(
      texts.map((text) => authenticator.authenticate(text, 'address').catch((error: Error) => error.message)),
    );
    expect(new Set(messages).size).toBe(1);
    expect(messages[0]).toContain('Only keys made for it ("keys create --url-for") may be sent in an address');
    expect(used).toEqual([]);
    // Its owner should know that proxies and browsers have seen it.
    expect(warnings).toEqual([{ keyId: ordinary.key.id }]);
  });
});

describe('while the database is unreachable', () => {
  const warnings: object[] = [];
  const logger = { ...silentLogger, warn: (facts: object) => void warnings.push(facts) };

  /** Runs `whileDown` with the database closed to everyone. */
  async function withDatabaseDown(whileDown: () => Promise<void>): Promise<void> {
    const name = new URL(database.url).pathname.slice(1);
    const outside = createPool(database.url.replace(`/${name}`, '/postgres'), {
      applicationName: 'outside',
      max: 1,
      logger: silentLogger,
    });
    await outside.query(`alter database ${name} allow_connections false`);
    await outside.query('select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = $1', [name]);
    try {
      await whileDown();
    } finally {
      await outside.query(`alter database ${name} allow_connections true`);
      await outside.end();
    }
  }

  beforeEach(() => void warnings.splice(0));

  it('goes on accepting keys verified in the last 10 minutes, marked stale, with one warning a minute', async () => {
    const authenticator = replica({ logger });
    const { text } = await create();
    expect((await authenticator.authenticate(text)).stale).toBe(false);
    await withDatabaseDown(async () => {
      await clock.advance(2_001);
      expect((await authenticator.authenticate(text)).stale).toBe(true);
      await clock.advance(30_000);
      expect((await authenticator.authenticate(text)).stale).toBe(true);
      expect(warnings).toHaveLength(1);
      await clock.advance(30_000);
      await authenticator.authenticate(text);
      expect(warnings).toHaveLength(2);
      await clock.advance(540_000);
      await expect(authenticator.authenticate(text)).rejects.toThrow(ServiceUnavailable);
    });
    await clock.advance(1_001);
    expect((await authenticator.authenticate(text)).stale).toBe(false);
  });

  it('refuses others with a 503, not a 401, and asks the database once a second only', async () => {
    const authenticator = replica({ logger });
    const { text } = await create();
    await withDatabaseDown(async () => {
      await expect(authenticator.authenticate(text)).rejects.toMatchObject({
        code: 'SERVICE_UNAVAILABLE',
        retryAfterMs: 1_000,
      });
      const before = lookUps;
      for (const other of ['a', 'b', 'c'])
        await expect(authenticator.authenticate(other)).rejects.toThrow(ServiceUnavailable);
      expect(lookUps).toBe(before);
      await clock.advance(1_000);
      await expect(authenticator.authenticate('d')).rejects.toThrow(ServiceUnavailable);
      expect(lookUps).toBe(before + 1);
    });
  });

  it('does not accept a stale key past its own expiry', async () => {
    const authenticator = replica({ logger });
    const { text } = await create({ expires: '2026-11-23T12:00:05Z' });
    await authenticator.authenticate(text);
    await withDatabaseDown(async () => {
      await clock.advance(5_000);
      await expect(authenticator.authenticate(text)).rejects.toMatchObject(unknownKey);
    });
  });

  it('gives up on a database that does not answer', async () => {
    const authenticator = replica({ logger });
    const { text } = await create();
    await authenticator.authenticate(text);
    await clock.advance(2_001);
    const locker = await database.pool.connect();
    await locker.query('begin; lock table key_secrets in access exclusive mode');
    const answer = authenticator.authenticate(text);
    await clock.advance(1_000);
    expect((await answer).stale).toBe(true);
    await locker.query('rollback');
    locker.release();
  });
});
