import { describe, expect, it } from '@jest/globals';
import { buildSchema, printSchema } from 'graphql';
import { bytes, graphqlText, ordersSchema, rules, sensitiveFields, yamlText } from '../test/orders-schema.ts';
import { checkTemplate } from './check-template.ts';
import { brokenTemplates, describeBroken, schemaChanges } from './schema-safety.ts';
import { coordinatesOf } from './selected-coordinates.ts';

const template = checkTemplate({ base: 'expiring-soon', graphql: bytes(graphqlText), yaml: yamlText }, rules).template!;
/** The schema of the tests with one thing changed. */
const withChange = (from: string | RegExp, to: string) => {
  const before = printSchema(ordersSchema);
  const after = before.replace(from, to);
  if (after === before) throw new Error(`Nothing is like ${from}.`);
  return buildSchema(after);
};
const problems = (schema: ReturnType<typeof withChange>, ...templates: (typeof template)[]) =>
  brokenTemplates(templates.length === 0 ? [template] : templates, schema, sensitiveFields).flatMap(
    (each) => each.problems,
  );

describe('brokenTemplates', () => {
  it.each<[string, ReturnType<typeof withChange>, RegExp]>([
    ['a field that it selects', withChange('  autoRenew: Boolean\n', ''), /Cannot query field "autoRenew"/],
    ['a member of an input that it gives', withChange('  days: Int\n', ''), /Field "days" is not defined/],
    ['the type of a variable', withChange(/OrderStatus/g, 'OrderState'), /Unknown type "OrderStatus"/],
    ['an enum value that a default has', withChange('  ISSUED\n', ''), /default of "\$status" has a wrong value/],
    [
      'rows that became no objects',
      withChange('nodes: [Order!]!', 'nodes: String'),
      /must not have a selection|has no subfields/,
    ],
    [
      'a column that became an object',
      withChange('  autoRenew: Boolean\n', '  autoRenew: Container\n'),
      /must have a selection of subfields/,
    ],
  ])('names a template whose schema lost %s', (_what, schema, problem) => {
    expect(problems(schema).join(' ')).toMatch(problem);
  });

  it('finds nothing where only what nobody selects went, or something came', () => {
    expect(problems(withChange('  validityYears: Int\n', '  brandNew: Int\n'))).toEqual([]);
  });

  it('looks at versions in service alone', () => {
    const broken = withChange('  autoRenew: Boolean\n', '');
    const states = (['draft', 'approved', 'deprecated', 'retired'] as const).map((state, index) => ({
      ...template,
      state,
      version: index + 1,
    }));
    expect(brokenTemplates(states, broken, sensitiveFields).map((each) => each.template.state)).toEqual([
      'approved',
      'deprecated',
    ]);
  });

  it('looks at the texts of imported ids, which may select more', () => {
    const more = {
      ...template,
      ids: [
        ...template.ids,
        { kind: 'imported' as const, id: 'relay-id', text: graphqlText.replace('userId', 'userId validityYears') },
      ],
    };
    expect(problems(withChange('  validityYears: Int\n', ''), more)).toEqual([
      expect.stringMatching(/^Under the imported id relay-id: Cannot query field "validityYears"/),
    ]);
  });

  it('names a field that became sensitive without a review', () => {
    const stricter = {
      groupOf: (type: string, field: string) => (`${type}.${field}` === 'Order.userId' ? ('email' as const) : null),
    };
    const [broken] = brokenTemplates([template], ordersSchema, stricter);
    expect(describeBroken(broken!)).toBe(
      'expiring-soon@1 (approved, owner pki-team): "orders.nodes.userId" would be a sensitive field of the group "email", which was not reviewed.',
    );
  });
});

describe('schemaChanges', () => {
  const told = (before: string, after: string) =>
    schemaChanges(buildSchema(before), buildSchema(after)).map(
      ({ coordinate, kind, from, to, breaking }) => `${breaking ? '!' : ''}${kind} ${coordinate}: ${from} -> ${to}`,
    );

  it.each([
    ['nothing', 'type Query { a: Int }', 'type Query { a: Int b: Int }', []],
    ['a removed field', 'type Query { a: Int b: Int }', 'type Query { a: Int }', ['!removed Query.b: Int -> null']],
    [
      'a removed type, field by field',
      'type Query { a: Int } type T { x: Int y: Int }',
      'type Query { a: Int }',
      ['!removed T.x: Int -> null', '!removed T.y: Int -> null'],
    ],
    ['another type', 'type Query { a: Int }', 'type Query { a: String }', ['!type Query.a: Int -> String']],
    ['a stricter answer', 'type Query { a: [Int] }', 'type Query { a: [Int!]! }', ['type Query.a: [Int] -> [Int!]!']],
    ['a looser answer', 'type Query { a: Int! }', 'type Query { a: Int }', ['!type Query.a: Int! -> Int']],
    [
      'a removed argument',
      'type Query { a(x: Int): Int }',
      'type Query { a: Int }',
      ['!argument Query.a(x:): Int -> null'],
    ],
    [
      'a looser argument',
      'type Query { a(x: Int!): Int }',
      'type Query { a(x: Int): Int }',
      ['argument Query.a(x:): Int! -> Int'],
    ],
    [
      'a new argument that has to be given',
      'type Query { a: Int }',
      'type Query { a(x: Int!): Int }',
      ['!required Query.a(x:): null -> Int!'],
    ],
    [
      'a new argument that need not be given',
      'type Query { a: Int }',
      'type Query { a(x: Int! = 1, y: Int): Int }',
      [],
    ],
    [
      'a member of an input',
      'type Query { a(f: F): Int } input F { x: Int y: Int }',
      'type Query { a(f: F): Int } input F { x: Int z: Int! }',
      ['!removed F.y: Int -> null', '!required F.z: null -> Int!'],
    ],
    [
      'an enum value',
      'type Query { a: E } enum E { A B }',
      'type Query { a: E } enum E { A }',
      ['!removed E.B: B -> null'],
    ],
    ['a scalar', 'type Query { a: Int } scalar Gone', 'type Query { a: Int }', ['!removed Gone: Gone -> null']],
    [
      'a deprecation',
      'type Query { a: Int }',
      'type Query { a: Int @deprecated(reason: "Use b.") }',
      ['deprecated Query.a: null -> Use b.'],
    ],
    [
      'a deprecation that was there',
      'type Query { a: Int @deprecated(reason: "Use b.") }',
      'type Query { a: Int @deprecated(reason: "Use c.") }',
      [],
    ],
  ])('tells %s', (_what, before, after, expected) => {
    expect(told(before, after)).toEqual(expected);
  });
});

it('knows the fields that a template selects by their place in the schema, through aliases and fragments', () => {
  const coordinates = coordinatesOf(template, ordersSchema);
  expect([...coordinates]).toEqual(
    expect.arrayContaining(['Query.orders', 'Container.name', 'Certificate.commonName', 'PageInfo.hasNextPage']),
  );
  expect(coordinates.has('Container.division')).toBe(false);
});
