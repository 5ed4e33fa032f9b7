import { expect, it } from '@jest/globals';
import { Kind, type FieldNode } from 'graphql';
import { ReadLedger, type RequestContext } from '@certfolio/core';
import { counted, oneIf } from './expected-rows.ts';

const field = (name: string, alias?: string): FieldNode => ({
  kind: Kind.FIELD,
  name: { kind: Kind.NAME, value: name },
  ...(alias === undefined ? {} : { alias: { kind: Kind.NAME, value: alias } }),
});
const users = { fieldNodes: [field('users', 'people')] };
const contextOf = (planOnly: boolean) => ({ planOnly, ledger: new ReadLedger() }) as unknown as RequestContext; // what it looks at

const rows = [
  { roles: 2, division: 14 },
  { roles: 1, division: null },
];
const below = {
  'User.roles': ({ roles }: (typeof rows)[number]) => roles,
  'User.container': ({ division }: (typeof rows)[number]) => oneIf(division !== null),
};
const expectedOf = ({ ledger }: RequestContext) => ledger.account().expectedRows;

it('tells a request that only plans of the rows, by their key in the answer, and what each holds', () => {
  const context = contextOf(true);
  expect(counted(rows, 'users', users, context, below)).toBe(rows);
  expect(expectedOf(context)).toEqual([
    {
      field: 'people',
      rows: 2,
      below: [
        { coordinate: 'User.roles', ratio: 1.5, isGuess: false },
        { coordinate: 'User.container', ratio: 0.5, isGuess: false },
      ],
    },
  ]);
});

it('tells of no rows as of some, unless nothing keeps what they are read from', () => {
  const context = contextOf(true);
  counted([], 'users', users, context, below);
  context.ledger.leftUnread('users');
  counted([], 'users', users, context, below);
  expect(expectedOf(context)).toEqual([
    { field: 'people', rows: 0, below: [] },
    { field: 'people', rows: null, below: [] },
  ]);
});

it('says nothing to a request that runs', () => {
  const context = contextOf(false);
  counted(rows, 'users', users, context, below);
  expect(expectedOf(context)).toEqual([]);
});
