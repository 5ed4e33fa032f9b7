import { expect, it } from '@jest/globals';
import { isObjectType } from 'graphql';
import { sensitiveAccountFields } from '../src/index.ts';
import { accountAtHand } from './account-at-hand.ts';

const { schema } = accountAtHand();
const fields = Object.values(schema.getTypeMap()).flatMap((type) =>
  isObjectType(type) && !type.name.startsWith('_')
    ? Object.values(type.getFields()).map((field) => ({ name: `${type.name}.${field.name}`, type: String(field.type) }))
    : [],
);

it('names fields that the schema has', () => {
  const names = fields.map(({ name }) => name);
  expect([...sensitiveAccountFields.keys()].filter((name) => !names.includes(name))).toEqual([]);
});

it('covers every amount and every address', () => {
  for (const { name, type } of fields) {
    const group = /^Money/.test(type) ? 'cost' : /\.(email|username)$/.test(name) ? 'email' : null;
    if (group !== null) expect([name, sensitiveAccountFields.get(name)]).toEqual([name, group]);
  }
  expect([...sensitiveAccountFields.values()].filter((group) => group === 'cost').length).toBeGreaterThan(10);
});
