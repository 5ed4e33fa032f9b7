import { expect, it } from '@jest/globals';
import { buildASTSchema, isEnumType, isInputObjectType, isObjectType } from 'graphql';
import {
  dimensionFacts,
  factsOf,
  fieldOfCustomName,
  orderFields,
  type BucketDimension,
  type OrderField,
} from '@certfolio/core';
import { interpret, OrdersAtHand, PartsAtHand, row } from '../test/run-document.ts';
import { createOrdersSubgraph, sensitiveOrderFields } from './index.ts';

const { typeDefs } = createOrdersSubgraph({
  ordersOf: () => new OrdersAtHand(),
  partsOf: () => new PartsAtHand(),
  historyOf: () => null,
  usersOf: () => ({ users: async () => [] }),
  clock: { nowMs: () => 0 } as never,
});
const schema = buildASTSchema(typeDefs, { assumeValid: true, assumeValidSDL: true });

it('names fields, arguments, input fields and enum values that the schema has', () => {
  for (const name of sensitiveOrderFields.keys()) {
    const [, typeName, member, argument] = /^(\w+)\.(\w+)(?:\((\w+):\))?$/.exec(name)!;
    const type = schema.getType(typeName!);
    if (isEnumType(type)) expect([name, type.getValue(member!)?.name]).toEqual([name, member]);
    else if (isInputObjectType(type)) expect([name, type.getFields()[member!]?.name]).toEqual([name, member]);
    else {
      const field = isObjectType(type) ? type.getFields()[member!] : undefined;
      expect([name, field?.name]).toEqual([name, member]);
      if (argument !== undefined) expect(field!.args.map((one) => one.name)).toContain(argument);
    }
  }
});

it('covers everything that can be filtered, sorted and counted by', () => {
  const membersOf = (name: string): readonly string[] => {
    const type = schema.getType(name);
    if (isEnumType(type)) return type.getValues().map((value) => value.name);
    return isInputObjectType(type) ? Object.keys(type.getFields()) : [];
  };
  const groupOf = (field: string) => orderFields.get(field as OrderField)?.sensitive ?? null;
  const expected = new Map<string, string | null>([
    ...membersOf('OrderFilter').map((name) => [`OrderFilter.${name}`, groupOf(name)] as const),
    ...membersOf('OrderSortField').map((name) => [`OrderSortField.${name}`, groupOf(name)] as const),
    ...membersOf('OrderBucketDimension').map(
      (name) => [`OrderBucketDimension.${name}`, groupOf(dimensionFacts(name as BucketDimension).field)] as const,
    ),
    ['OrderFilter.search', 'email'],
    ['OrderFilter.customField', 'customFields'],
  ]);
  expect(expected.size).toBeGreaterThan(100);
  for (const [name, group] of expected) expect([name, sensitiveOrderFields.get(name) ?? null]).toEqual([name, group]);
});

it('covers every name of a sensitive field in the compatible half', () => {
  for (const [name, field] of fieldOfCustomName) {
    expect([name, sensitiveOrderFields.get(`OrderDetails.${name}`) ?? null]).toEqual([name, factsOf(field).sensitive]);
  }
});

it('covers every field of the typed half that shows a sensitive value', async () => {
  const marks = { csr: 'MARK-csr', cost: 'MARK-cost', email: 'MARK-email', customFields: 'MARK-customFields' };
  const marked = (kind: string, mark: string) =>
    kind === 'texts' ? [mark] : kind === 'customFields' ? [{ id: 1, label: 'label', value: mark }] : mark;
  const facts = [...orderFields].flatMap(([name, { sensitive, kind }]) =>
    sensitive === null ? [] : [[name, marked(kind, marks[sensitive])]],
  );
  const order = row(1, { ...Object.fromEntries(facts), userId: 7 });
  const copy = { id: 9, csr: marks.csr, userId: 7, userEmail: marks.email, isArchived: false } as never;
  const check = { type: 'ov', verifiedContacts: [{ email: marks.email }], verificationDetails: [] };
  const validation = { organizationId: null, organizationValidations: [check], dnsNameValidations: [] } as never;
  const parts = new PartsAtHand({ duplicates: { 1: [copy] }, reissues: { 1: [copy] }, validation: { 1: validation } });
  const requiredArguments = new Map([
    ['Certificate.outlives', '(day: "today")'],
    ['Order.ownershipGaps', '(ownerField: "label")'],
  ]);
  // Every leaf of an order, each in its place.
  const leaves: string[][] = [];
  const text = (type: string, path: readonly string[]): string => {
    const found = schema.getType(type);
    if (!isObjectType(found)) return '';
    const fields = Object.values(found.getFields()).flatMap((field) => {
      const inner = String(field.type).replace(/[[\]!]/g, '');
      if (inner === 'Order') return [];
      const below = schema.getType(inner);
      if (!isObjectType(below)) {
        leaves.push([...path, `${type}.${field.name}`]);
        return [`${field.name}${requiredArguments.get(`${type}.${field.name}`) ?? ''}`];
      }
      return [`${field.name} ${text(inner, [...path, field.name])}`];
    });
    return `{ ${fields.join(' ')} }`;
  };
  const { data, errors } = await interpret(new OrdersAtHand([order], parts), `{ order(id: "1") ${text('Order', [])} }`);
  expect(errors).toEqual([]);
  const shown = leaves.flatMap((path) => {
    const names = path.map((name) => name.replace(/^.*\./, ''));
    const value = JSON.stringify(
      names.reduce<unknown>(
        (at, name) =>
          Array.isArray(at) ? at.flatMap((one) => one[name]) : (at as Record<string, unknown> | null)?.[name],
        (data as { order: unknown }).order,
      ) ?? null,
    );
    const mark = /MARK-(\w+)/.exec(value)?.[1];
    return mark === undefined ? [] : [[path.at(-1)!, mark, path[0]!] as const];
  });
  // Fifteen, and nine of them once more under the names of Custom Reports.
  expect(shown).toHaveLength(24);
  for (const [leaf, group, parent] of shown) {
    // A custom field's value is reached through the field of the order alone.
    const name = leaf === 'CustomField.value' ? `Order.${parent}` : leaf;
    expect([name, sensitiveOrderFields.get(name)]).toEqual([name, group]);
  }
});
