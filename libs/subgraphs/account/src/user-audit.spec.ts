import { expect, it } from '@jest/globals';
import type { User } from '@certfolio/core';
import { auditFlagsOf } from './user-audit.ts';

const rules = { dormantDays: 90, nowMs: Date.parse('2026-11-23T12:00:00Z') };
const user = (facts: Partial<User>): User => ({
  id: 1,
  username: 'ada',
  firstName: null,
  lastName: null,
  email: null,
  jobTitle: null,
  telephone: null,
  status: 'active',
  type: null,
  lastLogin: '2026-11-01T00:00:00Z' as User['lastLogin'],
  containerId: null,
  containerName: null,
  roles: [{ id: 5, name: 'Standard user' }],
  assignedContainerIds: [],
  isServiceUser: false,
  ...facts,
});
const flags = (facts: Partial<User>) => auditFlagsOf(user(facts), rules);
const login = (text: string) => ({ lastLogin: text as User['lastLogin'] });

it('flags what an auditor asks about', () => {
  expect(flags({})).toEqual([]);
  expect(flags({ roles: [{ id: 1, name: 'Administrator' }] })).toEqual(['administrator']);
  expect(flags({ status: 'inactive', lastLogin: null })).toEqual(['inactive']);
  expect(flags({ status: null })).toEqual(['inactive']);
  expect(flags({ lastLogin: null })).toEqual(['never_signed_in']);
});

it('calls dormant who has not signed in for more than the days asked for', () => {
  expect(flags(login('2026-08-25T12:00:00Z'))).toEqual([]); // 90 days to the second
  expect(flags(login('2026-08-25T11:59:59Z'))).toEqual(['dormant']);
  expect(() => auditFlagsOf(user({}), { ...rules, dormantDays: 0 })).toThrow('dormantDays is 0; it must be 1 or more.');
});

it('flags API keys that are restricted by none, and takes no sign-in for granted', () => {
  const robot = { isServiceUser: true, lastLogin: null };
  expect(flags({ ...robot, roles: [{ id: 0, name: 'None' }] })).toEqual(['unrestricted_key']);
  expect(flags({ ...robot, roles: [] })).toEqual(['unrestricted_key']);
  expect(flags({ ...robot, roles: [{ id: 102, name: 'View Only' }] })).toEqual([]);
});
