import { describe, expect, it } from '@jest/globals';
import { bytes, graphqlText, ordersSchema, rules, yamlText } from '../test/orders-schema.ts';
import { checkTemplate } from './check-template.ts';
import { diffTemplates, diffTemplateSet } from './template-diff.ts';

/** The template of the tests with its two files changed. */
function templateOf(
  version: number,
  changes: { yaml?: (text: string) => string; graphql?: (text: string) => string } = {},
) {
  const yaml = (changes.yaml ?? ((text) => text))(yamlText.replace('version: 1', `version: ${version}`));
  const graphql = (changes.graphql ?? ((text) => text))(graphqlText);
  const { template, problems } = checkTemplate({ base: 'expiring-soon', graphql: bytes(graphql), yaml }, rules);
  if (template === null) throw new Error(JSON.stringify(problems));
  return template;
}
const first = templateOf(1);
const facts = { schema: ordersSchema };
/** `part path: from -> to`, with `!` where it breaks callers. */
const told = (...changes: Parameters<typeof templateOf>[1][]) => {
  const [to, from = first] = changes.map((change, index) => templateOf(2 - index, change)) as [
    typeof first,
    typeof first | undefined,
  ];
  return diffTemplates(from, to, facts).changes.map(
    ({ part, path, from: was, to: is, breaking }) => `${breaking ? '!' : ''}${part} ${path}: ${was} -> ${is}`,
  );
};

describe('diffTemplates', () => {
  it('finds nothing between two versions of one text', () => {
    expect(diffTemplates(first, templateOf(2), facts)).toEqual({
      from: 'expiring-soon@1',
      to: 'expiring-soon@2',
      changes: [],
      breaking: false,
    });
  });

  it('tells a removed field with its column as breaking, by response path and with its type', () => {
    expect(
      told({ graphql: (text) => text.replace('certificate { commonName dnsNames', 'certificate { commonName') }),
    ).toEqual([
      '!field orders.nodes.certificate.dnsNames: [String!] -> null',
      '!column certificate.dnsNames: texts -> null',
    ]);
  });

  it('tells an added field and its column, and that CSV columns moved when it is not the last', () => {
    const changes = told({ graphql: (text) => text.replace('userId', 'status userId') });
    expect(changes.slice(0, 2)).toEqual([
      'field orders.nodes.status: null -> OrderStatus',
      'column status: null -> text',
    ]);
    expect(changes[2]).toMatch(/^column : id, /);
    const last = told({
      graphql: (text) => text.replace('duplicates { serialNumber }', 'duplicates { serialNumber } status'),
    });
    expect(last).toEqual(['field orders.nodes.status: null -> OrderStatus', 'column status: null -> text']);
  });

  it('tells another field behind the same name', () => {
    expect(
      told({ graphql: (text) => text.replace('autoRenew', 'autoRenew: userId').replace('\n      userId', '') }),
    ).toEqual(
      expect.arrayContaining([
        '!field orders.nodes.autoRenew: Boolean -> Int',
        '!field orders.nodes.userId: Int -> null',
        '!column autoRenew: flag -> text',
      ]),
    );
  });

  it('tells changed conditions, which no caller sees in the shape of the answer', () => {
    expect(told({ graphql: (text) => text.replace('status: $status }', 'status: $status, tags: ["a"] }') })).toEqual([
      'arguments orders: after: $cursor, filter: {days: $days, status: $status}, first: $size -> after: $cursor, filter: {days: $days, status: $status, tags: ["a"]}, first: $size',
    ]);
  });

  it.each<[string, (text: string) => string, string[]]>([
    ['a tighter bound', (text) => text.replace('max: 90', 'max: 60'), ['!variable days.max: 90 -> 60']],
    ['a wider bound', (text) => text.replace('max: 90', 'max: 120'), ['variable days.max: 90 -> 120']],
    ['a bound taken away', (text) => text.replace('    max: 90\n', ''), ['variable days.max: 90 -> null']],
    [
      'a new bound',
      (text) => text.replace('    max: 90\n', '    max: 90\n    values: [30, 60]\n'),
      ['!variable days.values: null -> [30,60]'],
    ],
    [
      'another default',
      (text) => text.replace('[ISSUED]', '[EXPIRED]'),
      ['variable status.default: ["ISSUED"] -> ["EXPIRED"]'],
    ],
    [
      'owner and freshness',
      (text) => text.replace('pki-team', 'sre').replace('900', '60'),
      ['freshness : 900 s -> 60 s', 'owner : pki-team -> sre'],
    ],
    [
      'page size',
      (text) => text.replace('pageSize: 500', 'pageSize: 100'),
      [
        'paging : $size, $cursor, orders.pageInfo, 500 rows per page -> $size, $cursor, orders.pageInfo, 100 rows per page',
      ],
    ],
    ['retirement', (text) => text.replace('state: approved', 'state: retired'), ['!state : approved -> retired']],
    ['deprecation', (text) => text.replace('state: approved', 'state: deprecated'), ['state : approved -> deprecated']],
  ])('tells %s', (_what, yaml, expected) => {
    expect(told({ yaml })).toEqual(expected);
  });

  it('takes a variable that became stricter, new and required, or vanished for breaking; one that became laxer not', () => {
    const graphql = (text: string) =>
      text
        .replace('$status: [OrderStatus!]', '$status: [OrderStatus!], $tag: String!')
        .replace('status: $status }', 'status: $status, tags: [$tag] }');
    const yaml = (text: string) => text.replace('  status:', '  tag:\n  status:');
    expect(told({ graphql, yaml })).toContain('!variable tag: null -> String!');
    expect(told({}, { graphql, yaml })).toContain('!variable tag: String! -> null');
    const lax = (text: string) => text.replace('$days: Int! = 30', '$days: Int = 30');
    const laxYaml = (text: string) => text.replace('    type: Int!\n', '');
    expect(told({ graphql: lax, yaml: laxYaml })).toEqual(['variable days: Int! -> Int']);
    expect(told({}, { graphql: lax, yaml: laxYaml })).toEqual(['!variable days: Int -> Int!']);
  });

  it('tells a default that the document itself has', () => {
    expect(told({ graphql: (text) => text.replace('$days: Int! = 30', '$days: Int! = 60') })).toEqual([
      'variable days.default: 30 -> 60',
    ]);
  });

  it('takes a new sensitive group for breaking, since keys without the right are refused', () => {
    const graphql = (text: string) => text.replace('userId', 'userId userEmail');
    const yaml = (text: string) => `${text}sensitive: [email]\n`;
    expect(told({ graphql, yaml })).toEqual(expect.arrayContaining(['!sensitive email: null -> email']));
  });

  it('tells costs and calls where they are known', () => {
    const known = (one: number, other: number | null) => (template: typeof first) => (template === first ? one : other);
    const { changes, breaking } = diffTemplates(first, templateOf(2), {
      ...facts,
      costOf: known(10, 20),
      callsOf: known(1, null),
    });
    expect(changes).toEqual([{ part: 'cost', path: '', kind: 'changed', from: '10', to: '20', breaking: false }]);
    expect(breaking).toBe(false);
  });
});

describe('diffTemplateSet', () => {
  it('holds each version against the one that runs under its name, and names new templates', () => {
    const inPlace = [first, templateOf(2, { yaml: (text) => text.replace('approved', 'draft') })];
    const next = templateOf(3, { yaml: (text) => text.replace('max: 90', 'max: 60') });
    expect(diffTemplateSet(inPlace, [first, next], facts)).toMatchObject([
      { from: 'expiring-soon@1', to: 'expiring-soon@3', breaking: true },
    ]);
    expect(diffTemplateSet([], [first], facts)).toEqual([
      { from: null, to: 'expiring-soon@1', changes: [], breaking: false },
    ]);
  });
});
