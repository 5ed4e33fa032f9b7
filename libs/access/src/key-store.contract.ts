import { beforeEach, describe, expect, it } from '@jest/globals';
import { BadUserInput } from '@certfolio/core';
import type { FakeClock } from '@certfolio/core/testing';
import { hashKey, parseKey } from './key-format.ts';
import { parseKeyPolicy, type KeyPolicyInput } from './key-policy.ts';
import { isLive, type CreatedKey, type KeyStore } from './key-store.ts';

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
        rest: 'read',
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
        isAdopted: false,
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
      const use = ({ key, text }: CreatedKey, at: Date) => ({ keyId: key.id, sha256: hashKey(text), at });
      const unknown = { keyId: '0000000000', sha256: hashKey('unknown'), at: late };
      await store.touchLastUsed([use(a, late), use(b, early), unknown]);
      await store.touchLastUsed([use(a, early)]);
      await store.touchLastUsed([]);
      expect((await store.list()).map(({ lastUsedAt }) => lastUsedAt)).toEqual([late, early]);
      expect((await store.secrets(b.key.id)).map(({ lastUsedAt }) => lastUsedAt)).toEqual([early]);
    });

    describe('rotation', () => {
      const weekMs = 7 * 86_400_000;
      const unchecked = () => undefined;
      const isOpen = async (text: string) => {
        const found = await find(text);
        return found !== null && isLive(found, clock.nowMs());
      };
      const rotate = (id: string, overlapMs = weekMs, endsAdopted = false) =>
        store.rotate(id, { overlapMs, endsAdopted }, unchecked);

      it('makes another secret of the same id; both open until the overlap ends', async () => {
        const old = await store.create(policy(), 'tester');
        const next = await rotate(old.key.id);
        expect(parseKey(next.text)).toEqual({ kind: 'native', id: old.key.id });
        expect(next.text).not.toBe(old.text);
        expect([await isOpen(old.text), await isOpen(next.text)]).toEqual([true, true]);
        expect(await store.secrets(old.key.id)).toMatchObject([
          { kind: 'native', expiresAt: new Date(clock.nowMs() + weekMs) },
          { kind: 'native', expiresAt: null },
        ]);
        await clock.advance(weekMs);
        expect([await isOpen(old.text), await isOpen(next.text)]).toEqual([false, true]);
      });

      it('ends the others at once without an overlap', async () => {
        const old = await store.create(policy(), 'tester');
        const next = await rotate(old.key.id, 0);
        expect([await isOpen(old.text), await isOpen(next.text)]).toEqual([false, true]);
      });

      it('gives no secret more time than an earlier rotation left it', async () => {
        const old = await store.create(policy(), 'tester');
        const second = await rotate(old.key.id, 1_000);
        await rotate(old.key.id, weekMs);
        await clock.advance(1_000);
        expect([await isOpen(old.text), await isOpen(second.text)]).toEqual([false, true]);
      });

      it('leaves adopted secrets alone unless told', async () => {
        const { key } = await store.create(policy(), 'tester', hashKey('a CertCentral key'));
        await rotate(key.id, 0);
        expect(await isOpen('a CertCentral key')).toBe(true);
        await rotate(key.id, 0, true);
        expect(await isOpen('a CertCentral key')).toBe(false);
      });

      it('forgets secrets a month after their end', async () => {
        const { key } = await store.create(policy(), 'tester');
        await rotate(key.id, 0);
        await clock.advance(31 * 86_400_000);
        await rotate(key.id, 0);
        expect(await store.secrets(key.id)).toHaveLength(2);
      });

      it('is refused for keys that are over, and what the check refuses changes nothing', async () => {
        const revoked = await store.create(policy({ name: 'revoked' }), 'tester');
        await store.revoke(revoked.key.id);
        await expect(rotate(revoked.key.id)).rejects.toThrow('"revoked" is revoked and cannot be rotated');
        const short = await store.create(policy({ name: 'short', expires: new Date(clock.nowMs() + 1) }), 'tester');
        const { id } = await store.ensureAdminKey(adminText);
        await expect(rotate(id)).rejects.toThrow('what the variable CERTFOLIO_ADMIN_KEY says');
        await expect(rotate('0000000000')).rejects.toThrow('no key of this id');
        const refuse = () => {
          throw new Error('refused');
        };
        await expect(store.rotate(short.key.id, { overlapMs: 0, endsAdopted: true }, refuse)).rejects.toThrow(
          'refused',
        );
        expect(await isOpen(short.text)).toBe(true);
        await clock.advance(1);
        await expect(rotate(short.key.id)).rejects.toThrow('"short" expired and cannot be rotated');
      });
    });

    describe('adopting', () => {
      const foreign = hashKey('a CertCentral key');
      const adopt = (id: string, sha256: Uint8Array = foreign) => store.adopt(id, sha256, () => undefined);

      it('lets a CertCentral key open the key beside its own secret', async () => {
        const { key, text } = await store.create(policy(), 'tester');
        const opened = { ...key, isAdopted: true };
        expect(await adopt(key.id)).toEqual(opened);
        expect(await find('a CertCentral key')).toEqual({ key: opened, secret: { kind: 'adopted', expiresAt: null } });
        expect(await find(text)).toMatchObject({ secret: { kind: 'native' } });
      });

      it('is refused when the text opens a live key, is one of ours, or at the same time for another', async () => {
        const a = await store.create(policy({ name: 'a' }), 'tester', foreign);
        expect(a.key.isAdopted).toBe(true);
        const b = await store.create(policy({ name: 'b' }), 'tester');
        await expect(adopt(b.key.id)).rejects.toThrow('was adopted already: it opens the key "a"');
        await expect(adopt(b.key.id, hashKey(a.text))).rejects.toThrow('a key of Certfolio, not one of CertCentral');
        await expect(store.create(policy({ name: 'c' }), 'tester', foreign)).rejects.toThrow('adopted already');
        expect(await store.show('c')).toBeNull();
        const both = await Promise.allSettled([a, b].map(({ key }) => adopt(key.id, hashKey('another'))));
        expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      });

      it('comes over from a key that is over', async () => {
        const a = await store.create(policy({ name: 'a' }), 'tester', foreign);
        const b = await store.create(policy({ name: 'b' }), 'tester');
        await store.revoke(a.key.id);
        await adopt(b.key.id);
        expect(await find('a CertCentral key')).toMatchObject({ key: { id: b.key.id } });
      });
    });

    describe('a change', () => {
      it('replaces the policy of the key as it is at that moment', async () => {
        const { key, text } = await store.create(policy(), 'tester');
        const seen: string[] = [];
        const changed = await store.update(key.id, (current) => {
          seen.push(current.name);
          return policy({ name: 'cd', owner: 'ops', expires: '2027-01-01', managedBy: 'team.yaml', containers: [3] });
        });
        expect(seen).toEqual(['ci']);
        expect(changed).toMatchObject({ id: key.id, name: 'cd', managedBy: 'team.yaml', containers: [3] });
        expect((await find(text))!.key).toEqual(changed);
      });

      it('is refused for a name that a live key has, a revoked key, and an unknown one', async () => {
        const { key } = await store.create(policy(), 'tester');
        await store.create(policy({ name: 'cd' }), 'tester');
        await expect(store.update(key.id, () => policy({ name: 'cd' }))).rejects.toThrow(
          'There is a live key named "cd"',
        );
        await store.revoke(key.id);
        await expect(store.update(key.id, () => policy())).rejects.toThrow('"ci" is revoked and cannot be changed');
        await expect(store.update('0000000000', () => policy())).rejects.toThrow(BadUserInput);
      });
    });

    it('keeps fixed variables, and that a key may stand in an address', async () => {
      const wanted = policy({
        level: 'id-only',
        templates: { names: ['expiring'] },
        variables: [
          { name: 'days', values: ['30'] },
          { name: '__proto__', values: ['a', 'b'] },
        ],
        inUrl: true,
      });
      const { key } = await store.create(wanted, 'tester');
      expect(key.inUrl).toBe(true);
      expect([...key.variables]).toEqual([
        ['days', ['30']],
        ['__proto__', ['a', 'b']],
      ]);
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
