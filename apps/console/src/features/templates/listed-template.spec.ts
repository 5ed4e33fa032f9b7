import { expect, it } from '@jest/globals';
import { shownTemplates, usersText, type ListedTemplate } from './listed-template.ts';

const template = (ref: string, more: Partial<ListedTemplate> = {}): ListedTemplate => ({
  ...{ ref, name: ref.split('@')[0]!, title: 'A title', owner: 'pki', tags: [], state: 'APPROVED', source: 'FOLDER' },
  ...{ sensitive: [], approved: null, deprecationNote: null, sunset: null, successor: null, retiredAt: null },
  ...{ problem: null, lastUsedAt: null, usedBy: [] },
  ...more,
});

it('shows what has every word somewhere, and the state that is asked for', () => {
  const all = [template('a@1', { tags: ['expiry'] }), template('b@1', { owner: 'finance', state: 'DRAFT' })];
  const refs = (text: string, state: string) => shownTemplates(all, { text, state }).map(({ ref }) => ref);
  expect(refs('', '')).toEqual(['a@1', 'b@1']);
  expect(refs('EXPIRY a@', '')).toEqual(['a@1']);
  expect(refs('finance', 'APPROVED')).toEqual([]);
  expect(refs('', 'DRAFT')).toEqual(['b@1']);
});

it('names those whom a change concerns', () => {
  const users = (count: number) => ({
    usedBy: Array.from({ length: count }, (_, n) => ({ keyId: `k${n}`, keyName: n === 0 ? null : `key ${n}` })),
  });
  expect(usersText(users(0))).toBe('No key ran it in the last 400 days.');
  expect(usersText(users(2))).toBe('In the last 400 days it was run by k0, key 1.');
  expect(usersText(users(7))).toBe('In the last 400 days it was run by k0, key 1, key 2, key 3, key 4 and 2 more.');
});
