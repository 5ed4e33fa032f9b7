import { expect, it } from '@jest/globals';
import { anyPrincipal } from '@certfolio/access/testing';
import type { PreparedDocument } from '@certfolio/execution';
import { assertMaySelect } from './selection-rights.ts';

const sensitive = new Map([
  ['Order.cost', 'cost' as const],
  ['Certificate.csr', 'csr' as const],
]);
const selecting = (...selected: string[]) =>
  ({ selected: new Set(selected), introspects: false }) as unknown as PreparedDocument;

it('lets a key without a list of fields read all, and one with a list what it names', () => {
  expect(() =>
    assertMaySelect(selecting('Order.cost', 'Certificate.csr'), anyPrincipal({ fields: 'all' }), sensitive),
  ).not.toThrow();
  expect(() =>
    assertMaySelect(selecting('Order.cost'), anyPrincipal({ fields: new Set(['cost']) }), sensitive),
  ).not.toThrow();
});

it('refuses every other sensitive field by name, and no other field', () => {
  const principal = anyPrincipal({ fields: new Set(['cost']) });
  expect(() => assertMaySelect(selecting('Order.id', 'Order.cost', 'Certificate.csr'), principal, sensitive)).toThrow(
    'This key may not read Certificate.csr.',
  );
  expect(() => assertMaySelect(selecting('Order.id'), anyPrincipal({ fields: new Set() }), sensitive)).not.toThrow();
});

it('keeps the schema from keys that may not ask anything they like', () => {
  const asking = { selected: new Set<string>(), introspects: true } as unknown as PreparedDocument;
  expect(() => assertMaySelect(asking, anyPrincipal({ level: 'open' }), sensitive)).not.toThrow();
  expect(() => assertMaySelect(asking, anyPrincipal({ level: 'audit' }), sensitive)).not.toThrow();
  expect(() => assertMaySelect(asking, anyPrincipal({ level: 'listed' }), sensitive)).toThrow(
    /may not ask for the schema/,
  );
});
