import { expect, it } from '@jest/globals';
import { parseKeyPolicy, type KeyPolicyInput } from '@certfolio/access';
import type { KeyAnswer } from '../key-fields.ts';
import { planKeys } from './key-plan.ts';

const policy = (name: string, more: Partial<KeyPolicyInput> = {}) =>
  parseKeyPolicy({ name, owner: 'sre', managedBy: 'team-x', ...more }, 0);

function key(name: string, more: Partial<KeyAnswer> = {}): KeyAnswer {
  return {
    id: `id-of-${name}`,
    name,
    owner: 'sre',
    level: 'LISTED',
    scopes: ['templates:run'],
    templates: { all: true, names: [], tags: [] },
    containers: null,
    fields: null,
    limits: {
      requestsPerMinute: 600,
      burst: 600,
      costPerMinute: 5_000_000,
      rows: 100_000,
      concurrent: 20,
      mode: 'ENFORCE',
    },
    account: 'default',
    createdAt: '2026-11-23T12:00:00.000Z',
    expiresAt: null,
    revokedAt: null,
    lastUsedAt: null,
    tier: null,
    managedBy: 'team-x',
    variables: [],
    inUrl: false,
    rest: 'NONE',
    restAsSet: null,
    ...more,
  };
}
const surroundings = { managedBy: 'team-x', prune: false, ownId: 'id-of-admin' };

it('leaves alone what is as the file says, whatever the order of members', () => {
  const wanted = policy('a', {
    scopes: ['templates:run', 'keys:write'],
    templates: { names: ['y', 'x'] },
    containers: [2, 1],
    expires: '2027-01-31',
  });
  const present = key('a', {
    scopes: ['keys:write', 'templates:run'],
    templates: { all: false, names: ['x', 'y'], tags: [] },
    containers: [1, 2],
    expiresAt: '2027-01-31T00:00:00.000Z',
  });
  expect(planKeys([wanted], [present], surroundings)).toEqual({ steps: [], unchanged: 1, problems: [] });
});

it('makes what is missing and changes what differs, and only that', () => {
  const wanted = [policy('new', { limits: { rate: 5 } }), policy('a', { limits: { rate: 60 }, containers: null })];
  const { steps } = planKeys(
    wanted,
    [key('a', { containers: [7] }), key('new', { revokedAt: '2026-01-01' })],
    surroundings,
  );
  expect(steps).toEqual([
    {
      action: 'create',
      name: 'new',
      input: {
        name: 'new',
        owner: 'sre',
        level: 'LISTED',
        scopes: ['templates:run'],
        account: 'default',
        limits: {
          requestsPerMinute: 5,
          burst: 5,
          costPerMinute: 5_000_000,
          rows: 100_000,
          concurrent: 20,
          mode: 'ENFORCE',
        },
        managedBy: 'team-x',
        variables: [],
        inUrl: false,
      },
    },
    {
      action: 'update',
      name: 'a',
      id: 'id-of-a',
      input: {
        containers: null,
        limits: {
          requestsPerMinute: 60,
          burst: 60,
          costPerMinute: 5_000_000,
          rows: 100_000,
          concurrent: 20,
          mode: 'ENFORCE',
        },
      },
      changes: ['containers: [7] → default', 'requestsPerMinute: 600 → 60', 'burst: 600 → 60'],
    },
  ]);
});

it('goes between a tier and own limits by saying one of the two', () => {
  const toTier = planKeys([policy('a', { tier: 'bronze' })], [key('a')], surroundings).steps[0];
  expect(toTier).toMatchObject({ input: { tier: 'bronze' } });
  const fromTier = planKeys([policy('a')], [key('a', { tier: 'bronze' })], surroundings).steps[0];
  expect(Object.keys((fromTier as { input: object }).input)).toEqual(['limits']);
  expect(planKeys([policy('a', { tier: 'bronze' })], [key('a', { tier: 'bronze' })], surroundings).unchanged).toBe(1);
});

it('compares limits that the gateway tells of, and no others', () => {
  const { costPerMinute: _none, ...told } = { ...key('a').limits, costPerMinute: 1 };
  expect(planKeys([policy('a')], [key('a', { limits: told as never })], surroundings).unchanged).toBe(1);
});

it('revokes with --prune what carries its label and is not in it; nothing else, and not itself', () => {
  const present = [key('gone'), key('of-others', { managedBy: 'team-y' }), key('by-hand', { managedBy: null })];
  expect(planKeys([], present, surroundings).steps).toEqual([]);
  const pruned = planKeys([], [...present, key('admin')], { ...surroundings, prune: true });
  expect(pruned.steps).toEqual([{ action: 'revoke', name: 'gone', id: 'id-of-gone' }]);
  expect(pruned.problems).toEqual(['"admin" is the key in use and is not in the file; it is not revoked by itself']);
});

it('takes over a key that was made by hand, and none of another file', () => {
  const plan = planKeys(
    [policy('a'), policy('b'), policy('c')],
    [key('a', { managedBy: null }), key('b', { managedBy: 'team-y' }), key('c', { inUrl: true })],
    surroundings,
  );
  expect(plan.steps).toMatchObject([{ action: 'update', name: 'a', input: { managedBy: 'team-x' } }]);
  expect(plan.problems).toEqual([
    '"b" is applied from "team-y"; a key has one file',
    '"c" is a key for URLs, which cannot change; revoke it first',
  ]);
});
