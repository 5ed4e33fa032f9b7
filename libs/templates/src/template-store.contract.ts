import { beforeEach, describe, expect, it } from '@jest/globals';
import { BadUserInput } from '@certfolio/core';
import type { FakeClock } from '@certfolio/core/testing';
import { graphqlText, yamlText } from '../test/orders-schema.ts';
import type { FolderVersion, KeyActor, NewVersion, StoredVersion, TemplateStore } from './template-store.ts';

export interface TemplateStoreUnderTest {
  readonly store: TemplateStore;
  readonly clock: FakeClock;
}

const alice: KeyActor = { keyId: 'alicekey01', keyName: 'alice', owner: 'pki' };
const bob: KeyActor = { keyId: 'bobkey0001', keyName: 'bob', owner: 'audit' };
const farAhead = Number.MAX_SAFE_INTEGER;

const version = (overrides: Partial<NewVersion> = {}): NewVersion => ({
  name: 'expiring-soon',
  version: 1,
  document: new TextEncoder().encode(graphqlText),
  metadata: yamlText,
  ...overrides,
});
const file = (overrides: Partial<FolderVersion> = {}): FolderVersion => ({
  ...version(),
  state: 'approved',
  ...overrides,
});
const otherText = new TextEncoder().encode(`${graphqlText}# changed\n`);

/** What every template store does. `open` gives an empty one. */
export function describeTemplateStore(open: () => Promise<TemplateStoreUnderTest>): void {
  describe('a template store', () => {
    let store: TemplateStore;
    let clock: FakeClock;

    beforeEach(async () => {
      ({ store, clock } = await open());
    });

    const publish = (versions: readonly NewVersion[], by = alice, seen = farAhead) => store.publish(versions, by, seen);
    const approve = (by = bob) => store.transition('expiring-soon', 1, { to: 'approved', note: 'seen' }, by);
    const all = async () => (await store.load()).versions;
    const only = async (): Promise<StoredVersion> => {
      const versions = await all();
      expect(versions).toHaveLength(1);
      return versions[0]!;
    };
    /** How much the revision grows by. */
    const growth = async (work: () => Promise<unknown>) => {
      const before = await store.revision();
      await work();
      return (await store.revision()) - before;
    };

    describe('publishing', () => {
      it('puts versions in as drafts, byte by byte, whatever state their files name', async () => {
        const bytes = Uint8Array.from([0xef, 0xbb, 0xbf, ...Buffer.from('{ a } # \0 é\r\n')]);
        expect(await publish([version({ document: bytes })])).toEqual({ kind: 'done', done: ['new'] });
        expect(await only()).toMatchObject({
          name: 'expiring-soon',
          version: 1,
          metadata: yamlText,
          source: 'api',
          state: 'draft',
          fileState: null,
          isFrozen: false,
          isWithdrawn: false,
          acts: [{ state: 'draft', at: new Date(clock.nowMs()), by: alice, note: null }],
        });
        expect(Buffer.from((await only()).document)).toEqual(Buffer.from(bytes));
      });

      it('tells what changed, and writes nothing for what did not', async () => {
        await publish([version()]);
        expect(await growth(() => publish([version()], bob))).toBe(0);
        const both = [version({ document: otherText }), version({ name: 'inventory' })];
        expect(await publish(both, bob)).toEqual({ kind: 'done', done: ['updated', 'new'] });
        expect((await all())[0]!.acts.map(({ by }) => by)).toEqual([alice, bob]);
        const again = version({ document: otherText, metadata: yamlText.replace('state: approved', 'state: draft') });
        expect(await publish([again])).toEqual({ kind: 'done', done: ['unchanged'] });
      });

      it('does all or nothing', async () => {
        await publish([version()]);
        await approve();
        const outcome = await publish([version({ name: 'inventory' }), version({ document: otherText })]);
        expect(outcome).toMatchObject({ kind: 'refused', conflicts: [{ name: 'expiring-soon', file: 'graphql' }] });
        expect(await only()).toMatchObject({ name: 'expiring-soon' });
      });

      it('refuses to change what was approved: text and metadata', async () => {
        await publish([version()]);
        await approve();
        await store.transition('expiring-soon', 1, { to: 'retired', note: null }, bob);
        for (const changed of [
          version({ document: otherText }),
          version({ metadata: yamlText.replace('pki-team', 'web') }),
        ])
          expect(await publish([changed])).toMatchObject({
            kind: 'refused',
            conflicts: [{ what: expect.stringContaining('approved versions never change') }],
          });
        expect(await publish([version()])).toEqual({ kind: 'done', done: ['unchanged'] });
      });

      it('refuses another text under a version of the folder, and takes a withdrawn draft over', async () => {
        await store.syncFolder([file({ state: 'draft' })]);
        expect(await publish([version({ document: otherText })])).toMatchObject({
          kind: 'refused',
          conflicts: [{ what: expect.stringContaining('comes from the templates folder') }],
        });
        expect(await publish([version()])).toEqual({ kind: 'done', done: ['unchanged'] });
        await store.syncFolder([]);
        expect(await publish([version({ document: otherText })])).toEqual({ kind: 'done', done: ['updated'] });
        expect(await only()).toMatchObject({ source: 'api', isWithdrawn: false, state: 'draft' });
      });

      it('gives one of two that publish the same version at once a clear refusal', async () => {
        const seen = await store.revision();
        const outcomes = await Promise.all([
          publish([version()], alice, seen),
          publish([version({ document: otherText })], bob, seen),
        ]);
        expect(outcomes.map(({ kind }) => kind).toSorted()).toEqual(['done', 'refused']);
        const refused = outcomes.find((outcome) => outcome.kind === 'refused');
        expect(refused).toMatchObject({
          conflicts: [{ what: expect.stringMatching(/was changed by the key "(alice|bob)" of \w+ while/) }],
        });
        expect((await only()).acts).toHaveLength(1);
      });

      it('lets those who publish other versions at once all succeed', async () => {
        const names = Array.from({ length: 12 }, (_, index) => `report-${index}`);
        const seen = await store.revision();
        const outcomes = await Promise.all(names.map((name) => publish([version({ name })], alice, seen)));
        expect(outcomes.every(({ kind }) => kind === 'done')).toBe(true);
        expect(await all()).toHaveLength(12);
      });

      it('keeps names that mean something to JavaScript as names', async () => {
        await publish([version({ name: 'constructor' })]);
        expect(await store.transition('__proto__', 1, { to: 'approved', note: null }, bob)).toEqual({
          kind: 'unknown',
        });
        expect(await only()).toMatchObject({ name: 'constructor', acts: [{ by: alice }] });
      });
    });

    describe('a transition', () => {
      beforeEach(() => publish([version()]));

      it('says who, when and why, and goes forward only', async () => {
        await clock.advance(1_000);
        expect(await approve()).toEqual({ kind: 'done' });
        expect(await approve()).toEqual({ kind: 'unchanged' });
        const deprecation = { to: 'deprecated', note: 'use 2', sunset: '2027-01-31' } as const;
        expect(
          await store.transition('expiring-soon', 1, { ...deprecation, sunset: deprecation.sunset as never }, bob),
        ).toEqual({ kind: 'done' });
        expect(await approve()).toEqual({ kind: 'refused', state: 'deprecated' });
        expect(await store.transition('expiring-soon', 1, { to: 'retired', note: null }, alice)).toEqual({
          kind: 'done',
        });
        const stored = await only();
        expect(stored).toMatchObject({ state: 'retired', isFrozen: true });
        expect(stored.acts.map(({ state, by, note, sunset }) => [state, by, note, sunset])).toEqual([
          ['draft', alice, null, null],
          ['approved', bob, 'seen', null],
          ['deprecated', bob, 'use 2', '2027-01-31'],
          ['retired', alice, null, null],
        ]);
        expect(stored.acts[1]!.at).toEqual(new Date(clock.nowMs()));
      });

      it('leaves no draft to be deprecated, but to be thrown away', async () => {
        expect(await store.transition('expiring-soon', 1, { to: 'deprecated', note: null }, bob)).toEqual({
          kind: 'refused',
          state: 'draft',
        });
        expect(await store.transition('expiring-soon', 1, { to: 'retired', note: null }, bob)).toEqual({
          kind: 'done',
        });
      });

      it('is not made of a text that nobody saw', async () => {
        const { revision } = await only();
        await publish([version({ document: otherText })]);
        const late = { to: 'approved', note: null, seenRevision: revision } as const;
        expect(await store.transition('expiring-soon', 1, late, bob)).toEqual({ kind: 'changed' });
        expect(await only()).toMatchObject({ state: 'draft' });
      });

      it('knows no version that is not there', async () => {
        expect(await store.transition('expiring-soon', 2, { to: 'approved', note: null }, bob)).toEqual({
          kind: 'unknown',
        });
      });

      it('changes the note of a deprecation', async () => {
        await approve();
        await store.transition('expiring-soon', 1, { to: 'deprecated', note: 'soon' }, bob);
        const again = { to: 'deprecated', note: 'now', sunset: '2027-01-01' as never } as const;
        expect(await store.transition('expiring-soon', 1, again, bob)).toEqual({ kind: 'done' });
        expect((await only()).acts.at(-1)).toMatchObject({ note: 'now', sunset: '2027-01-01' });
      });
    });

    describe('the folder', () => {
      it('brings versions in their state, and nothing the second time', async () => {
        expect(await store.syncFolder([file()])).toEqual({ kind: 'done', done: { changed: 1 } });
        expect(await only()).toMatchObject({
          source: 'folder',
          state: 'approved',
          fileState: 'approved',
          isFrozen: true,
        });
        expect((await only()).acts.map(({ state, by }) => [state, by])).toEqual([
          ['draft', 'folder'],
          ['approved', 'folder'],
        ]);
        expect(await growth(() => store.syncFolder([file()]))).toBe(0);
      });

      it('and the API set a state together: the later one holds', async () => {
        await store.syncFolder([file()]);
        await store.transition('expiring-soon', 1, { to: 'retired', note: 'wrong' }, bob);
        expect(await only()).toMatchObject({ state: 'retired', fileState: 'approved' });
        await store.syncFolder([file({ metadata: `${yamlText}# touched\n` })]);
        expect(await only()).toMatchObject({ state: 'retired', fileState: 'approved' });
      });

      it('takes a deprecation back that only the file made', async () => {
        await store.syncFolder([file({ state: 'deprecated' })]);
        await store.syncFolder([file({ state: 'approved' })]);
        expect(await only()).toMatchObject({ state: 'approved' });
      });

      it('withdraws a version whose file is gone until it is back, and leaves those of the API alone', async () => {
        await publish([version({ name: 'inventory' })]);
        await store.syncFolder([file()]);
        await store.syncFolder([]);
        expect((await all()).map(({ name, isWithdrawn }) => [name, isWithdrawn])).toEqual([
          ['expiring-soon', true],
          ['inventory', false],
        ]);
        expect(await growth(() => store.syncFolder([]))).toBe(0);
        expect(await store.transition('expiring-soon', 1, { to: 'retired', note: null }, bob)).toEqual({
          kind: 'unknown',
        });
        expect(await store.syncFolder([file({ document: otherText })])).toMatchObject({ kind: 'refused' });
        await store.syncFolder([file()]);
        expect((await all())[0]).toMatchObject({ isWithdrawn: false, state: 'approved' });
      });

      it('takes all or nothing', async () => {
        await store.syncFolder([file()]);
        const outcome = await store.syncFolder([file({ name: 'another' }), file({ document: otherText })]);
        expect(outcome).toMatchObject({
          kind: 'refused',
          conflicts: [{ what: expect.stringContaining('changed after its approval') }],
        });
        expect((await only()).name).toBe('expiring-soon');
      });

      it('changes a draft, and nothing that came through the API with another text', async () => {
        await store.syncFolder([file({ state: 'draft' })]);
        await store.syncFolder([file({ state: 'draft', document: otherText })]);
        expect(Buffer.from((await only()).document)).toEqual(Buffer.from(otherText));
        await publish([version({ version: 2 })]);
        expect(await store.syncFolder([file({ version: 2, document: otherText, state: 'draft' })])).toMatchObject({
          kind: 'refused',
        });
      });

      it('can approve a draft of the API whose text it has, and goes without taking it along', async () => {
        await publish([version()]);
        await store.syncFolder([file()]);
        expect(await only()).toMatchObject({ source: 'api', state: 'approved' });
        await store.syncFolder([]);
        expect(await only()).toMatchObject({ source: 'api', state: 'approved', isWithdrawn: false });
      });
    });

    describe('further ids', () => {
      const text = 'query A { orders { totalCount } }';
      const add = (ids: readonly { id: string; text: string }[]) => store.addIds('expiring-soon', 1, ids, bob);
      beforeEach(() => publish([version()]));

      it('are kept as they are looked up, and once', async () => {
        const hash = 'A'.repeat(64);
        expect(
          await add([
            { id: `sha256:${hash}`, text },
            { id: 'relay_1', text },
          ]),
        ).toEqual({ added: 2, known: 0 });
        expect(
          await add([
            { id: 'relay_1', text },
            { id: 'relay_2', text },
          ]),
        ).toEqual({ added: 1, known: 1 });
        expect((await only()).importedIds).toEqual([
          { kind: 'imported', id: 'a'.repeat(64), text },
          { kind: 'imported', id: 'relay_1', text },
          { kind: 'imported', id: 'relay_2', text },
        ]);
      });

      it.each([
        ['of another text', [{ id: 'Known', text: 'query B { a }' }], /"Known" has another text/],
        [
          'with two texts',
          [
            { id: 'X', text },
            { id: 'X', text: 'query B { a }' },
          ],
          /"X" is given with two texts/,
        ],
        ['that are names', [{ id: 'expiring-soon@2', text }], /could be a name of a template/],
        ['with NUL', [{ id: 'X\0', text }], /cannot be stored/],
        ['whose text has NUL', [{ id: 'X', text: '\0' }], /cannot be stored/],
        ['with half a surrogate', [{ id: '\ud800', text }], /cannot be stored/],
        ['that are empty', [{ id: '', text }], /1 to 256 characters/],
        ['that are long', [{ id: 'X'.repeat(257), text }], /1 to 256 characters/],
        ['whose text is huge', [{ id: 'X', text: 'x'.repeat(1_000_001) }], /more than 1000000 characters/],
        [
          'that are too many',
          Array.from({ length: 10_001 }, (_, index) => ({ id: `X${index}`, text })),
          /10002, and at most 10000/,
        ],
      ])('%s are refused, all of them', async (_what, ids, message) => {
        await add([{ id: 'Known', text }]);
        const refusal = add([{ id: 'Good', text }, ...ids]);
        await expect(refusal).rejects.toThrow(BadUserInput);
        await expect(refusal).rejects.toThrow(message);
        expect((await only()).importedIds).toHaveLength(1);
      });

      it('are taken by the thousand', async () => {
        const ids = Array.from({ length: 10_000 }, (_, index) => ({ id: `X${index}`, text }));
        expect(await add(ids)).toEqual({ added: 10_000, known: 0 });
      });

      it('need a version', async () => {
        await expect(store.addIds('nothing', 1, [{ id: 'X', text }], bob)).rejects.toThrow(/no template nothing@1/);
      });
    });

    it('has a revision that grows with every change and is that of what is loaded', async () => {
      expect(await growth(() => publish([version()]))).toBeGreaterThan(0);
      expect(await growth(() => approve())).toBeGreaterThan(0);
      expect(await growth(() => store.addIds('expiring-soon', 1, [{ id: 'X', text: '{ a }' }], bob))).toBeGreaterThan(
        0,
      );
      expect(await growth(() => store.syncFolder([file({ name: 'another' })]))).toBeGreaterThan(0);
      expect(await growth(() => store.syncFolder([]))).toBeGreaterThan(0);
      expect((await store.load()).revision).toBe(await store.revision());
    });
  });
}
