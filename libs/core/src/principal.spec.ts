import { expect, it } from '@jest/globals';
import { hasScope, mayIntrospect, mayRunTemplate, type Principal } from './principal.ts';

const withScopes = (...scopes: string[]) => ({ scopes: new Set(scopes) }) as unknown as Principal;

it('lets an admin do everything and others what their scopes name', () => {
  expect(hasScope(withScopes('templates:run'), 'templates:run')).toBe(true);
  expect(hasScope(withScopes('templates:run'), 'keys:write')).toBe(false);
  expect(hasScope(withScopes('admin'), 'keys:write')).toBe(true);
  expect(hasScope(withScopes(), 'templates:run')).toBe(false);
});

it('grants a template by its name or by one of its tags', () => {
  const grant = { names: new Set(['expiring']), tags: new Set(['team-a']) };
  expect(mayRunTemplate('all', { name: 'any', tags: [] })).toBe(true);
  expect(mayRunTemplate(grant, { name: 'expiring', tags: [] })).toBe(true);
  expect(mayRunTemplate(grant, { name: 'costs', tags: ['team-b', 'team-a'] })).toBe(true);
  expect(mayRunTemplate(grant, { name: 'costs', tags: ['team-b'] })).toBe(false);
});

it('shows the schema only to levels that may ask anything', () => {
  expect(['open', 'audit', 'listed', 'id-only'].map((level) => mayIntrospect(level as Principal['level']))).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
