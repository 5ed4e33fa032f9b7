import { beforeEach, describe, expect, it } from '@jest/globals';
import { BadUserInput } from '@certfolio/core';
import type { FakeClock } from '@certfolio/core/testing';
import { hashKey, parseKey } from './key-format.ts';
import { parseKeyPolicy, type KeyPolicyInput } from './key-policy.ts';
import { isLive, type KeyStore } from './key-store.ts';

export interface KeyStoreUnderTest {
  readonly store: KeyStore;
  readonly clock: FakeClock;
}

const adminText = 'an-admin-key-of-32-characters-or-more';

/** What every key store does. `open` gives an empty one. */
export function describeKeyStore(open: () => Promise<KeyStoreUnderTest>): void {
  describe('a key store', () => {
    let store: KeyStore;
    let clock: FakeClock;

    beforeEach(async () => {
      ({ store, clock } = await open());
    });

    const policy = (input: Partial<KeyPolicyInput> = {}) =>
      parseKeyPolicy({ name: 'ci', owner: 'web', ...input }, clock.nowMs());
    const find = (text: string) => store.findBySecretHash(hashKey(text));

    it('finds a key by the hash of its text, with its whole policy', async () => {
      const wanted = policy({
        level: 'id-only',
        templates: { names: ['expiring'], tags: ['ops'] },
        limits: { rate: 10, mode: 'shadow' },
        containers: [],
        fields: ['csr'],
        expires: '2027-01-01',
      });
      const { key, text } = await store.create(wanted, 'tester');
      expect(parseKey(text)).toEqual({ kind: 'native', id: key.id });
      const expected = {
        ...wanted,
        id: key.id,
        origin: 'created',
        createdBy: 'tester',
        createdAt: new Date(clock.nowMs()),
        revokedAt: null,
        lastUsedAt: null,
      };
      expect(await find(text)).toEqual({ key: expected, secret: { kind: 'native', expiresAt: null } });
      expect(await find(`${text}x`)).toBeNull();
    });

    it('has one live key of a name, and lets a revoked one be followed by another', async () => {
      const { key } = await store.create(policy(), 'tester');
      await expect(store.create(policy(), 'tester')).rejects.toThrow(BadUserInput);
      await store.revoke(key.id);
      const next = await store.create(policy(), 'tester');
      expect(await store.show('ci')).toMatchObject({ id: next.key.id });
      expect(await store.show(key.id)).toMatchObject({ id: key.id, revokedAt: new Date(clock.nowMs()) });
      expect(await store.show('nobody')).toBeNull();
    });

    it('lists all keys by name, revoked ones too', async () => {
      const { key } = await store.create(policy({ name: 'b' }), 'tester');
      await store.create(policy({ name: 'a' }), 'tester');
      await store.revoke(key.id);
      expect((await store.list()).map(({ name }) => name)).toEqual(['a', 'b']);
    });

    it('revokes once', async () => {
      const { key, text } = await store.create(policy(), 'tester');
      expect(await store.revoke(key.id)).toBe(true);
      expect(await store.revoke(key.id)).toBe(false);
      expect(await store.revoke('0000000000')).toBe(false);
      expect(isLive((await find(text))!, clock.nowMs())).toBe(false);
    });

    it('moves the time of last use forward only, for many keys at once', async () => {
      const a = await store.create(policy({ name: 'a' }), 'tester');
      const b = await store.create(policy({ name: 'b' }), 'tester');
      const [early, late] = [new Date(clock.nowMs() - 60_000), new Date(clock.nowMs())];
      await store.touchLastUsed(
        new Map([
          [a.key.id, late],
          [b.key.id, early],
          ['0000000000', late],
        ]),
      );
      await store.touchLastUsed(new Map([[a.key.id, early]]));
      await store.touchLastUsed(new Map());
      expect((await store.list()).map(({ lastUsedAt }) => lastUsedAt)).toEqual([late, early]);
    });

    it('accepts an admin key of the environment and replaces it when it changes', async () => {
      const first = await store.ensureAdminKey(adminText);
      expect(first).toMatchObject({ origin: 'environment', scopes: ['admin'], level: 'open' });
      expect(await store.ensureAdminKey(adminText)).toEqual(first);
      const second = await store.ensureAdminKey(`${adminText}-2`);
      expect(await find(adminText)).toBeNull();
      expect(await find(`${adminText}-2`)).toMatchObject({ key: { id: second.id } });
      expect(await store.list()).toHaveLength(1);
      await expect(store.ensureAdminKey('short')).rejects.toThrow('has 5 characters; at least 32');
    });

    it('leaves an admin key of the environment revoked until its text changes', async () => {
      const { id } = await store.ensureAdminKey(adminText);
      await store.revoke(id);
      expect((await store.ensureAdminKey(adminText)).revokedAt).not.toBeNull();
      expect((await store.ensureAdminKey(`${adminText}-2`)).revokedAt).toBeNull();
    });

    it('takes the first admin key for the environment too, and refuses the text of a lesser key', async () => {
      const admin = await store.makeFirstAdminKey();
      const lesser = await store.create(policy(), 'tester');
      expect(await store.ensureAdminKey(admin!.text)).toMatchObject({ id: admin!.key.id });
      await expect(store.ensureAdminKey(lesser.text)).rejects.toThrow('the key "ci", which has no scope "admin"');
    });

    it('makes the first admin key once, however many processes start', async () => {
      const made = await Promise.all([1, 2, 3].map(() => store.makeFirstAdminKey()));
      expect(made.filter((key) => key !== null)).toHaveLength(1);
      expect(await store.makeFirstAdminKey()).toBeNull();
    });

    it('settles on one admin key of the environment when processes start together', async () => {
      const keys = await Promise.all([1, 2, 3].map(() => store.ensureAdminKey(adminText)));
      expect(new Set(keys.map(({ id }) => id)).size).toBe(1);
    });
  });
}
