import { describe, expect, it } from '@jest/globals';
import type { TemplateGrant } from '@certfolio/core';
import fc from 'fast-check';
import { documentIds } from './document-ids.ts';
import { createTemplateRegistry, notInListError } from './registry.ts';
import { buildTemplate } from './testing.ts';

const all = { templates: 'all' as const };
const granted = (...names: string[]) => ({
  templates: { names: new Set(names), tags: new Set<string>() } satisfies TemplateGrant,
});
const refused = { kind: 'not-in-list' };

const first = buildTemplate('{ orders { nodes { id } } }');
const second = buildTemplate('query { orders { nodes { id status } } }\n', { version: 2 });
const draft = buildTemplate('{ orders { nodes { cost } } }', { version: 3, state: 'draft' });
const old = buildTemplate('{ old { a } }', {
  name: 'lapsed',
  state: 'retired',
  retiredAt: '2026-05-01',
  owner: 'security',
});
const fading = buildTemplate('{ fading { a } }', { name: 'fading', state: 'deprecated', tags: ['audit'] });
const registry = createTemplateRegistry([draft, second, fading, first, old]);

describe('find', () => {
  it('knows every id with the text that it means', () => {
    for (const { id, text } of documentIds(second.text)) {
      expect(registry.find(id, all)).toMatchObject({ kind: 'found', template: second, text });
      expect(registry.find(`sha256:${id.toUpperCase()}`, all)).toMatchObject({ template: second });
    }
  });

  it('takes a name for the newest approved version, and name@version for that one', () => {
    expect(registry.find('expiring-soon', all)).toMatchObject({ template: second, text: second.text, variant: 'name' });
    expect(registry.find('expiring-soon@1', all)).toMatchObject({ template: first });
  });

  it('falls back to a deprecated version', () => {
    expect(registry.find('fading', all)).toMatchObject({ kind: 'found', template: { state: 'deprecated' } });
    const versions = [
      buildTemplate('{ a }', { state: 'approved' }),
      buildTemplate('{ b }', { state: 'deprecated', version: 2 }),
    ];
    expect(createTemplateRegistry(versions).find('expiring-soon', all)).toMatchObject({ template: { version: 1 } });
  });

  it('never runs a draft', () => {
    expect(registry.find(draft.id, all)).toEqual(refused);
    expect(registry.find('expiring-soon@3', all)).toMatchObject({ kind: 'not-in-list' });
    expect(registry.matchText(draft.text, all)).toBeNull();
  });

  it('refuses a retired template with the day and its owner', () => {
    const refusal = { kind: 'not-in-list', retiredAt: '2026-05-01', owner: 'security' };
    for (const id of ['lapsed', 'lapsed@1', old.id]) expect(registry.find(id, all)).toEqual(refusal);
    expect(registry.find('lapsed', granted('fading'))).toEqual(refused);
  });

  it('names the nearest template that the key may run', () => {
    expect(registry.find('expirng-soon', all)).toMatchObject({ nearest: 'expiring-soon', owner: 'pki' });
    expect(registry.find('expiring-soon@9', all)).toMatchObject({ nearest: 'expiring-soon' });
    expect(registry.find('expirng-soon', granted('fading'))).toEqual(refused);
    expect(registry.find('zzzzzz', all)).toEqual(refused);
  });

  it('prefers a template that runs when several have the same text', () => {
    const copies = [buildTemplate('{ a }', { name: 'a', state: 'retired' }), buildTemplate('{ a }', { name: 'b' })];
    const both = createTemplateRegistry(copies);
    expect(both.find(copies[0]!.id, all)).toMatchObject({ template: { name: 'b' } });
    expect(both.find(copies[0]!.id, granted('a'))).toMatchObject({ kind: 'not-in-list', owner: 'pki' });
  });

  it('grants by tag', () => {
    const byTag = { templates: { names: new Set<string>(), tags: new Set(['audit']) } };
    expect(registry.find('fading', byTag)).toMatchObject({ kind: 'found' });
    expect(registry.list(byTag)).toEqual([fading]);
  });

  it('answers alike for a template of others and for none', () => {
    const caller = granted('fading');
    const without = createTemplateRegistry([fading]);
    const asked = [
      first.id,
      'expiring-soon',
      'expiring-soon@1',
      'lapsed',
      old.id,
      '__proto__',
      'constructor',
      'fadin',
      '0'.repeat(64),
      '',
      'a'.repeat(10_000),
    ];
    for (const id of asked) {
      expect(registry.find(id, caller)).toEqual(without.find(id, caller));
      expect(registry.matchText(first.text, caller)).toBeNull();
    }
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.constantFrom(...asked)), (id) => {
        expect(registry.find(id, caller)).toEqual(without.find(id, caller));
      }),
    );
  });
});

describe('matchText', () => {
  it('takes the bytes of any variant and runs these', () => {
    for (const { text } of documentIds(second.text))
      expect(registry.matchText(text, all)).toMatchObject({ template: second, text });
  });

  it('takes another spelling of the same document', () => {
    expect(registry.matchText('query{orders{nodes{id,status}}} # same', all)).toMatchObject({ template: second });
    expect(registry.matchText('{orders{nodes{id status __typename} __typename}}', all)).toMatchObject({
      template: second,
      variant: 'apollo',
    });
  });

  it('refuses another document and what is none', () => {
    for (const text of ['{ orders { nodes { status id } } }', 'query {', '', `{${'a{'.repeat(20_000)}`]) {
      expect(registry.matchText(text, all)).toBeNull();
      expect(registry.matchText(text, all)).toBeNull();
    }
  });

  it('remembers a bounded number of texts and still answers right', () => {
    const small = createTemplateRegistry([second], { matchCacheSize: 2 });
    for (let index = 0; index < 20; index += 1) expect(small.matchText(`{ a${index} }`, all)).toBeNull();
    expect(small.matchText('{orders{nodes{id status}}}', all)).toMatchObject({ template: second });
  });
});

describe('the list', () => {
  it('has what runs, by name and version', () => {
    expect(registry.list(all)).toEqual([first, second, fading]);
    expect(registry.list(granted('expiring-soon'))).toEqual([first, second]);
    expect(registry.list({ templates: { names: new Set(), tags: new Set() } })).toEqual([]);
    expect(registry.all()).toHaveLength(5);
  });

  it('refuses the same version twice', () => {
    expect(() => createTemplateRegistry([first, first])).toThrow('"expiring-soon@1" exists twice');
  });
});

describe('the refusal', () => {
  it('has the code and facts and none of the words that make clients send the text', () => {
    const refusals = ['lapsed', 'expirng-soon', 'zzzzzz'].map((id) => {
      const found = registry.find(id, all);
      if (found.kind === 'found') throw new Error('found');
      return notInListError(found);
    });
    expect(refusals.map(({ details }) => details)).toEqual([
      { retiredAt: '2026-05-01', owner: 'security' },
      { nearest: 'expiring-soon', owner: 'pki' },
      {},
    ]);
    for (const { code, message } of refusals) {
      expect(code).toBe('PERSISTED_QUERY_NOT_IN_LIST');
      expect(message).not.toMatch(/PersistedQueryNot(Found|Supported)/);
    }
  });
});

describe('what is built in', () => {
  const own = { ...buildTemplate('{ own { a } }', { name: 'rest-orders' }), isBuiltIn: true };
  const both = createTemplateRegistry([first], { builtIn: [own] });

  it('is found by name and id by who may run it, and listed nowhere', () => {
    expect(both.find('rest-orders', all)).toMatchObject({ kind: 'found', template: own });
    expect(both.find('rest-orders@1', all)).toMatchObject({ template: own });
    expect(both.find(own.id, all)).toMatchObject({ template: own, text: own.text });
    expect(both.find('rest-orders', granted('expiring-soon'))).toMatchObject(refused);
    expect(both.list(all)).toEqual([first]);
    expect(both.all()).toEqual([first]);
    expect(both.matchText(own.text, all)).toBeNull();
  });

  it('is there for the doors whoever asks, and nothing else is', () => {
    expect(both.builtIn('rest-orders')).toBe(own);
    expect(both.builtIn('expiring-soon')).toBeNull();
  });

  it('gives way to a template of the same name', () => {
    const theirs = buildTemplate('{ theirs { a } }', { name: 'rest-orders' });
    expect(createTemplateRegistry([theirs], { builtIn: [own] }).find('rest-orders', all)).toMatchObject({
      template: theirs,
    });
  });
});
