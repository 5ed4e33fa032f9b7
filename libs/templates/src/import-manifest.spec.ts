import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { buildSchema, parse, print } from 'graphql';
import { bytes, graphqlText, ordersSchema, rules, sensitiveFields, yamlText } from '../test/orders-schema.ts';
import { checkTemplate } from './check-template.ts';
import { documentIds } from './document-ids.ts';
import { kebabCase } from './import-draft.ts';
import {
  manifestLimits,
  parseManifest,
  planImport,
  type ImportRules,
  type ManifestOperation,
} from './import-manifest.ts';
import { buildTemplate } from './testing.ts';
import type { Template } from './template.ts';

const at = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const md5 = (text: string) => createHash('md5').update(text).digest('hex');
const template = checkTemplate({ base: 'expiring-soon', graphql: bytes(graphqlText), yaml: yamlText }, rules).template!;
const plan = (
  operations: readonly ManifestOperation[],
  more: { templates?: readonly Template[] } & Partial<ImportRules> = {},
) => {
  const { templates = [template], ...rest } = more;
  return planImport(operations, templates, { schema: ordersSchema, sensitiveFields, draftOwner: null, ...rest });
};
const operation = (text: string, id = md5(text)): ManifestOperation => ({ id, text });
/** The template's text, printed, with one thing changed. */
const changed = (from: string | RegExp, to: string) => {
  const text = print(parse(graphqlText)).replace(from, to);
  if (text === print(parse(graphqlText))) throw new Error(`Nothing is like ${from}.`);
  return operation(text);
};

describe('parseManifest', () => {
  it.each([
    [
      'apollo',
      '{"format":"apollo-persisted-query-manifest","version":1,"operations":[{"id":"a","name":"Q","type":"query","body":"{a}"}]}',
    ],
    ['map', '{"a":"{a}"}'],
    ['pairs', '[["a","{a}"]]'],
  ])('reads %s', (format, json) => {
    expect(parseManifest(json)).toEqual({ format, operations: [{ id: 'a', text: '{a}' }] });
  });

  it.each([
    ['no JSON', '{', /is not JSON/],
    ['another shape', '{"a": 1}', /no manifest that is known/],
    ['a list of something else', '["a"]', /no manifest that is known/],
    ['null', 'null', /no manifest that is known/],
    ['another version', '{"format":"apollo-persisted-query-manifest","version":2,"operations":[]}', /not of version 1/],
    ['too much', JSON.stringify({ a: 'x'.repeat(manifestLimits.chars) }), /characters; 1000000 are allowed/],
    [
      'too many',
      JSON.stringify(Array.from({ length: manifestLimits.operations + 1 }, (_, index) => [String(index), '{a}'])),
      /2001 operations; 2000/,
    ],
  ])('refuses %s', (_what, json, message) => {
    expect(() => parseManifest(json)).toThrow(message);
  });

  it('takes member names that objects have by themselves for ids', () => {
    expect(parseManifest('{"__proto__":"{a}","constructor":"{b}"}').operations.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['constructor']),
    );
  });
});

describe('planImport', () => {
  it('knows the ids that a template has by itself', () => {
    const { known, added } = plan(documentIds(graphqlText).map(({ id, text }) => ({ id, text })));
    expect(known).toHaveLength(4);
    expect(added).toEqual([]);
  });

  it('matches equal bytes, equal prints, and what tool-chains change', () => {
    const spaced = graphqlText.replaceAll('  ', '    ');
    const sorted = print(parse(graphqlText)).replace(/(query[^]*?\n}\n)\n(fragment[^]*)/, '$2\n\n$1');
    const inlined = print(parse(graphqlText))
      .replace('...Names', 'certificate { validTill __typename commonName dnsNames }')
      .replace(/fragment[^]*/, '');
    const { added, unmatched } = plan([
      operation(graphqlText),
      operation(spaced),
      operation(sorted),
      operation(inlined),
    ]);
    expect(unmatched).toEqual([]);
    expect(added.map(({ how, changed: by }) => [how, by])).toEqual([
      ['bytes', []],
      ['print', []],
      ['tools', ['order or fragments']],
      ['tools', ['__typename added']],
    ]);
    expect(added.every((each) => each.template === template)).toBe(true);
  });

  it.each(['apollo', 'codegen', 'relay'])('finds templates in the manifest that %s wrote of their files', (tool) => {
    const schema = buildSchema(at('../../../apps/gateway/api-schema.graphql'), { assumeValid: true });
    const names = ['expiring-soon', 'revoked', 'wildcards'];
    const templates = names.map((name) => buildTemplate(at(`../test/manifests/templates/${name}.graphql`), { name }));
    const fragments = buildTemplate(at('../test/manifests/with-fragments.graphql'), { name: 'with-fragments' });
    const { operations } = parseManifest(at(`../test/manifests/${tool}.json`));
    const own = { schema, sensitiveFields: { groupOf: () => null }, draftOwner: null };
    const { added, known, unmatched, problems } = planImport(operations, [...templates, fragments], own);
    expect([...added, ...known].map((each) => each.template.name).sort()).toEqual([...names, 'with-fragments'].sort());
    expect([unmatched, problems]).toEqual([[], []]);
  });

  it.each<[string, ManifestOperation, string | RegExp]>([
    [
      'another filter',
      changed('status: $status', 'status: $status, tags: ["a"]'),
      /selects orders\(.*tags: \["a"\].*where the template has orders/,
    ],
    ['another alias', changed('division: name', 'name'), 'selects orders.nodes.container.name'],
    ['a field less', changed(/ +autoRenew\n/, ''), 'does not select orders.nodes.autoRenew'],
    ['a sensitive field', changed('autoRenew', 'autoRenew\n csr'), 'selects orders.nodes.csr'],
    [
      'a condition',
      changed('autoRenew', 'autoRenew @include(if: false)'),
      'selects orders.nodes.autoRenew @include(if: false), where the template has autoRenew',
    ],
    [
      'another default',
      changed('$days: Int! = 30', '$days: Int! = 3000'),
      'has $days: Int! = 3000, where the template has Int! = 30',
    ],
    [
      'one more variable',
      operation(
        changed('$size: Int', '$size: Int, $t: [String!]').text.replace(
          'status: $status}',
          'status: $status, tags: $t}',
        ),
      ),
      'has the variable $t',
    ],
    ['an id under another name', changed('userId', 'userId\n key: id'), 'selects orders.nodes.key: id'],
  ])('does not match %s, and says what differs from the nearest template', (_what, sent, difference) => {
    const { unmatched, added } = plan([sent]);
    expect(added).toEqual([]);
    expect(unmatched[0]).toMatchObject({ nearest: template });
    expect(unmatched[0]!.differences).toEqual(
      expect.arrayContaining([typeof difference === 'string' ? difference : expect.stringMatching(difference)]),
    );
  });

  it('lets Relay add an id where everyone may read it, and nowhere else', () => {
    const withId = changed('division: name', 'division: name\n id');
    expect(plan([withId]).added).toMatchObject([{ how: 'tools', changed: ['id added at orders.nodes.container.id'] }]);
    const idIsSensitive = {
      groupOf: (type: string, field: string) => (`${type}.${field}` === 'Container.id' ? ('email' as const) : null),
    };
    expect(plan([withId], { sensitiveFields: idIsSensitive }).added).toEqual([]);
  });

  it.each([
    ['what does not parse', 'query {', /does not parse/],
    ['a mutation', 'mutation M { revoke(id: 1) }', /is a mutation/],
    ['several operations', 'query A { node(id: 1) { id } } query B { node(id: 1) { id } }', /has 2 operations/],
    ['fields that there are not', '{ nothing }', /does not fit the schema: Cannot query field "nothing"/],
    ['a fragment alone', 'fragment F on Order { id }', /has 0 operations/],
    ['what nests deeply', `{${'a{'.repeat(20_000)}`, /parse|deeply/],
  ])('lists %s with the reason', (_what, text, reason) => {
    expect(plan([operation(text)]).unmatched[0]!.differences[0]).toMatch(reason);
  });

  it.each<[string, readonly ManifestOperation[], string]>([
    ['two texts with one id', [operation(graphqlText, 'x1'), operation(`${graphqlText}\n`, 'x1')], 'ID_TWICE'],
    ['a prefixed id that is not the SHA-256', [operation(graphqlText, `sha256:${sha256('else')}`)], 'ID_DOES_NOT_FIT'],
    ['a prefixed SHA-1', [operation(graphqlText, `sha256:${'a'.repeat(40)}`)], 'ID_DOES_NOT_FIT'],
    ['64 digits that are not the SHA-256', [operation(graphqlText, sha256('else'))], 'ID_DOES_NOT_FIT'],
    ['the name of a template', [operation(graphqlText, 'expiring-soon')], 'ID_IS_A_NAME'],
    ['the name of a version', [operation(graphqlText, 'expiring-soon@1')], 'ID_IS_A_NAME'],
    ['an empty id', [operation(graphqlText, '')], 'ID_UNUSABLE'],
    ['an id with white space', [operation(graphqlText, 'a b')], 'ID_UNUSABLE'],
    ['an id that is too long', [operation(graphqlText, 'x'.repeat(257))], 'ID_UNUSABLE'],
  ])('has a named problem for %s', (_what, operations, code) => {
    expect(plan(operations).problems).toMatchObject([{ code }]);
  });

  it('has a named problem for an id of another template, and for one with another text', () => {
    const other = {
      ...template,
      name: 'other',
      ids: [{ kind: 'imported', id: 'taken', text: '{ __typename }' }],
    } as const satisfies Template;
    expect(plan([operation(graphqlText, 'taken')], { templates: [template, other] }).problems).toMatchObject([
      {
        code: 'ID_OF_ANOTHER_TEMPLATE',
        message: expect.stringContaining('belongs to other@1; its text here is that of expiring-soon@1'),
      },
    ]);
    const own = {
      ...template,
      ids: [...template.ids, { kind: 'imported' as const, id: 'mine', text: print(parse(graphqlText)) }],
    };
    expect(plan([operation(graphqlText, 'mine')], { templates: [own] }).problems).toMatchObject([
      { code: 'ID_HAS_ANOTHER_TEXT' },
    ]);
    expect(plan([operation(print(parse(graphqlText)), 'mine')], { templates: [own] })).toMatchObject({
      known: [{ id: 'mine' }],
      problems: [],
    });
  });

  it('takes an id given twice with one text for one, and a SHA-256 with prefix, in upper case or without for the same', () => {
    const digest = sha256(graphqlText);
    const { added, known, problems } = plan([
      operation(graphqlText, `sha256:${digest}`),
      operation(graphqlText, digest.toUpperCase()),
      operation(graphqlText, digest),
    ]);
    expect([added.length, known.length, problems]).toEqual([0, 1, []]);
  });

  it('matches the version that runs, and no retired one', () => {
    const of = (version: number, state: Template['state']) => ({ ...template, version, state });
    const match = (...templates: Template[]) =>
      plan([operation(graphqlText)], { templates }).added.map((each) => each.template.version);
    expect(match(of(1, 'approved'), of(2, 'approved'), of(3, 'draft'), of(4, 'retired'))).toEqual([2]);
    expect(match(of(1, 'deprecated'), of(3, 'draft'))).toEqual([1]);
    expect(match(of(4, 'retired'))).toEqual([]);
  });
});

describe('drafts', () => {
  const text =
    'query OrdersOfDay($filter: OrderFilter, $first: Int, $after: String) {\n  orders(filter: $filter, first: $first, after: $after) {\n    nodes { id userEmail }\n    pageInfo { hasNextPage endCursor }\n  }\n}';

  it('are made of what matches nothing: the text as it is, metadata from it', () => {
    const { drafts, problems } = plan([operation(text, 'custom')], { draftOwner: 'sre' });
    expect(problems).toEqual([]);
    expect(drafts).toMatchObject([{ name: 'orders-of-day', version: 1, id: 'custom', graphql: text }]);
    const checked = checkTemplate(
      { base: 'orders-of-day', graphql: bytes(drafts[0]!.graphql), yaml: drafts[0]!.yaml },
      rules,
    );
    expect(checked.template).toMatchObject({
      state: 'draft',
      owner: 'sre',
      rows: ['orders', 'nodes'],
      sensitive: ['email'],
      paging: { first: 'first', after: 'after', pageInfo: ['orders', 'pageInfo'] },
    });
  });

  it('are the next version of a template of this name', () => {
    const named = text.replace('OrdersOfDay', 'ExpiringSoon');
    expect(plan([operation(named)], { draftOwner: 'sre' }).drafts).toMatchObject([
      { name: 'expiring-soon', version: 2 },
    ]);
  });

  it.each([
    ['no name', 'query { node(id: 1) { id } }'],
    ['what does not fit', 'query Q { nothing }'],
    ['a name that is reserved', 'query Persisted { node(id: 1) { id } }'],
  ])('are a named problem with %s', (_what, hostile) => {
    expect(plan([operation(hostile)], { draftOwner: 'sre' }).problems).toMatchObject([{ code: 'DRAFT' }]);
  });

  it('keep an owner of several lines an owner', () => {
    const { drafts } = plan([operation(text)], { draftOwner: 'x\nstate: approved' });
    expect(
      checkTemplate({ base: 'orders-of-day', graphql: bytes(text), yaml: drafts[0]!.yaml }, rules).template,
    ).toMatchObject({ state: 'draft', owner: 'x\nstate: approved' });
  });
});

it.each([
  ['ExpiringSoon', 'expiring-soon'],
  ['expiring_soon', 'expiring-soon'],
  ['HTTPOrders2Day', 'http-orders2-day'],
  ['_x', 'x'],
  ['Ä', ''],
])('kebab-case of %s is %j', (name, expected) => {
  expect(kebabCase(name)).toBe(expected);
});
