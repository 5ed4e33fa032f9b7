import { expect, it } from '@jest/globals';
import { anyPrincipal } from '@certfolio/access/testing';
import type { PreparedDocument } from '@certfolio/execution';
import { assertMaySelect } from './selection-rights.ts';

const sensitive = new Map([
  ['Order.cost', 'cost' as const],
  ['Certificate.csr', 'csr' as const],
  ['OrderFilter.cost', 'cost' as const],
  ['OrderSortField.userEmail', 'email' as const],
]);
const selecting = (...selected: string[]) =>
  ({ selected: new Set(selected), asked: new Set(), introspects: false }) as unknown as PreparedDocument;
const asking = (...asked: string[]) =>
  ({ selected: new Set(), asked: new Set(asked), introspects: false }) as unknown as PreparedDocument;
const noVariables = () => new Set<string>();

it('lets a key without a list of fields read all, and one with a list what it names', () => {
  expect(() =>
    assertMaySelect(
      selecting('Order.cost', 'Certificate.csr'),
      noVariables,
      anyPrincipal({ fields: 'all' }),
      sensitive,
    ),
  ).not.toThrow();
  expect(() =>
    assertMaySelect(selecting('Order.cost'), noVariables, anyPrincipal({ fields: new Set(['cost']) }), sensitive),
  ).not.toThrow();
});

it('refuses every other sensitive field by name, and no other field', () => {
  const principal = anyPrincipal({ fields: new Set(['cost']) });
  expect(() =>
    assertMaySelect(selecting('Order.id', 'Order.cost', 'Certificate.csr'), noVariables, principal, sensitive),
  ).toThrow('This key may not read Certificate.csr.');
  expect(() =>
    assertMaySelect(selecting('Order.id'), noVariables, anyPrincipal({ fields: new Set() }), sensitive),
  ).not.toThrow();
});

it('refuses to filter and sort by what the key may not read, in the text or by variables', () => {
  const principal = anyPrincipal({ fields: new Set(['csr']) });
  const byVariables = () => new Set(['OrderFilter.cost', 'OrderFilter.status']);
  expect(() => assertMaySelect(asking('OrderSortField.userEmail'), byVariables, principal, sensitive)).toThrow(
    'This key may not ask by OrderSortField.userEmail, OrderFilter.cost.',
  );
  const both = { ...selecting('Order.cost'), ...{ asked: new Set(['OrderFilter.cost']) } };
  expect(() => assertMaySelect(both, noVariables, principal, sensitive)).toThrow(
    'This key may not read Order.cost, nor ask by OrderFilter.cost.',
  );
  for (const allowed of ['all', new Set(['cost', 'email'] as const)] as const)
    expect(() =>
      assertMaySelect(asking('OrderSortField.userEmail'), byVariables, anyPrincipal({ fields: allowed }), sensitive),
    ).not.toThrow();
});

it('does not look at variables of a key that may read everything', () => {
  const look = () => {
    throw new Error('looked');
  };
  expect(() => assertMaySelect(asking(), look, anyPrincipal({ fields: 'all' }), sensitive)).not.toThrow();
});

it('keeps the schema from keys that may not ask anything they like', () => {
  const introspecting = { selected: new Set<string>(), introspects: true } as unknown as PreparedDocument;
  expect(() => assertMaySelect(introspecting, noVariables, anyPrincipal({ level: 'open' }), sensitive)).not.toThrow();
  expect(() => assertMaySelect(introspecting, noVariables, anyPrincipal({ level: 'audit' }), sensitive)).not.toThrow();
  expect(() => assertMaySelect(introspecting, noVariables, anyPrincipal({ level: 'listed' }), sensitive)).toThrow(
    /may not ask for the schema/,
  );
});

it('asks for every right that a document needs', () => {
  const rights = new Map([['Order.restListItem', ['cost', 'customFields'] as const]]);
  const read = (...fields: ('cost' | 'customFields')[]) =>
    assertMaySelect(selecting('Order.restListItem'), noVariables, anyPrincipal({ fields: new Set(fields) }), rights);
  expect(() => read('cost', 'customFields')).not.toThrow();
  expect(() => read('cost')).toThrow('This key may not read Order.restListItem.');
  expect(() => read('customFields')).toThrow('This key may not read Order.restListItem.');
});
