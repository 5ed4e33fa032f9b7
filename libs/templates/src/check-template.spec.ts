import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bytes, graphqlText, rules, yamlText } from '../test/orders-schema.ts';
import { checkTemplate } from './check-template.ts';
import { sha256 } from './document-ids.ts';
import { formatTemplateProblem } from './template-problem.ts';
import { isTemplateName, parseTemplateReference } from './template-name.ts';

const check = (graphql = graphqlText, yaml = yamlText, base = 'expiring-soon') =>
  checkTemplate({ base, graphql: bytes(graphql), yaml }, rules);
const problemsOf = (graphql?: string, yaml?: string, base?: string) =>
  check(graphql, yaml, base).problems.map(formatTemplateProblem).join('\n');
const edited = (text: string, from: string | RegExp, to: string) => {
  const result = text.replace(from, to);
  expect(result).not.toBe(text);
  return result;
};
const yamlWith = (from: string | RegExp, to: string) => problemsOf(graphqlText, edited(yamlText, from, to));
const graphqlWith = (from: string | RegExp, to: string) => problemsOf(edited(graphqlText, from, to));

describe('a template', () => {
  it('is read with everything that a run needs', () => {
    const { template, problems } = check();
    expect(problems).toEqual([]);
    expect(template).toMatchObject({
      name: 'expiring-soon',
      version: 1,
      state: 'approved',
      owner: 'pki-team',
      id: sha256(graphqlText),
      text: graphqlText,
      operationName: 'ExpiringSoon',
      rows: ['orders', 'nodes'],
      paging: { first: 'size', after: 'cursor', pageInfo: ['orders', 'pageInfo'], pageSize: 500 },
      maxAgeSeconds: 900,
    });
    expect(template!.variables).toMatchObject([
      { name: 'days', type: 'Int!', isRequired: false, min: 1, max: 90 },
      { name: 'status', type: '[OrderStatus!]', default: ['ISSUED'] },
      { name: 'size' },
      { name: 'cursor' },
    ]);
  });

  it('has the selection as its columns, flattened, in order, with aliases as titles and ids as text', () => {
    expect(check().template!.columns.map(({ title, type }) => [title, type])).toEqual([
      ['id', 'text'],
      ['certificate.commonName', 'text'],
      ['certificate.dnsNames', 'texts'],
      ['certificate.validTill', 'date'],
      ['container.division', 'text'],
      ['userId', 'text'],
      ['autoRenew', 'flag'],
      ['duplicates.serialNumber', 'texts'],
    ]);
  });

  it('may say of which variables exactly one must be given, as long as it has them', () => {
    expect(check(graphqlText, `${yamlText}oneOf: [days, status]\n`).template!.oneOf).toEqual(['days', 'status']);
    expect(check().template!.oneOf).toEqual([]);
    expect(problemsOf(graphqlText, `${yamlText}oneOf: [days, nothing]\n`)).toContain('has no variable "$nothing"');
    expect(problemsOf(graphqlText, `${yamlText}oneOf: [days]\n`)).not.toBe('');
  });

  it('may name its columns', () => {
    const columns = 'columns: [{path: certificate.validTill, title: Until}, {path: userId, type: integer}]\n';
    expect(check(graphqlText, yamlText + columns).template!.columns).toEqual([
      { path: ['certificate', 'validTill'], title: 'Until', type: 'date' },
      { path: ['userId'], title: 'userId', type: 'integer' },
    ]);
  });

  it('may have its rows behind the edges of a connection or in a plain list', () => {
    const yaml = edited(edited(yamlText, /variables:[^]*rows: .*\n/, 'rows: orders.edges.node\n'), /paging.*\n/, '');
    expect(check('{ orders { edges { node { id } } } }', yaml).problems).toEqual([]);
    expect(check('{ list: order_details { id } }', edited(yaml, 'orders.edges.node', 'list')).problems).toEqual([]);
  });

  it('may be about one object, which is then its only row', () => {
    const yaml = edited(edited(yamlText, /variables:[^]*rows: .*\n/, 'rows: orders.pageInfo\n'), /paging.*\n/, '');
    expect(check('{ orders { pageInfo { hasNextPage } } }', yaml).problems).toEqual([]);
  });

  it('keeps a byte-order mark, so that its id is that of the bytes', () => {
    expect(check(`\uFEFF${graphqlText}`).template!.id).toBe(sha256(bytes(`\uFEFF${graphqlText}`)));
  });
});

describe('a problem', () => {
  it.each<[string, () => string, RegExp]>([
    ['syntax', () => problemsOf('query {'), /expiring-soon\.graphql \(line 1\): Syntax Error/],
    ['schema', () => graphqlWith('userId', 'nonsense'), /line 7.*Cannot query field "nonsense"/],
    [
      'two operations',
      () => problemsOf('query A { orders { totalCount } } query B { orders { totalCount } }'),
      /2 operations/,
    ],
    ['no operation', () => problemsOf('fragment F on Order { id }'), /0 operations/],
    ['a mutation', () => problemsOf('mutation { revoke(id: 1) }'), /is a mutation/],
    [
      'not UTF-8',
      () =>
        checkTemplate({ base: 'expiring-soon', graphql: new Uint8Array([0xff, 0x7b]), yaml: yamlText }, rules)
          .problems.map(formatTemplateProblem)
          .join(),
      /not UTF-8/,
    ],
    ['YAML', () => problemsOf(graphqlText, 'name: [\n'), /expiring-soon\.yaml \(line/],
    ['a member twice', () => problemsOf(graphqlText, `${yamlText}name: other\n`), /unique/],
    ['an unknown member', () => yamlWith('freshness', 'fresh'), /Unrecognized key: "fresh"/],
    ['a missing member', () => yamlWith(/owner: .*\n/, ''), /\(owner\)/],
    ['a version', () => yamlWith('version: 1', 'version: 0'), /\(version\)/],
    ['a state', () => yamlWith('state: approved', 'state: ready'), /\(state\)/],
    [
      'another file name',
      () => problemsOf(graphqlText, yamlText, 'expired'),
      /called "expired" and the template "expiring-soon"/,
    ],
    [
      'another version in the file name',
      () => problemsOf(graphqlText, yamlText, 'expiring-soon@2'),
      /file says version 2/,
    ],
    ['a recorded id', () => problemsOf(graphqlText, `${yamlText}id: ${'a'.repeat(64)}\n`), /not the recorded a{64}/],
    [
      'a described variable that does not exist',
      () => yamlWith('status:', 'stat:'),
      /no variable "\$stat"[^]*"\$status" of the document is not described/,
    ],
    ['a type that differs', () => yamlWith('type: Int!', 'type: Int'), /The type is "Int" here and "Int!"/],
    ['two defaults', () => yamlWith('min: 1', 'default: 5'), /document has a default too/],
    ['a default of a wrong type', () => yamlWith('[ISSUED]', '[issued]'), /default has a wrong value/],
    [
      'a default out of bounds',
      () => problemsOf(edited(graphqlText, 'Int! = 30', 'Int!'), edited(yamlText, 'min: 1', 'min: 1\n    default: 91')),
      /at most 90/,
    ],
    ['a bound for text', () => yamlWith('default: [ISSUED]', 'max: 5'), /no bound for a variable of type/],
    ['values of a wrong type', () => yamlWith('default: [ISSUED]', 'values: [nope]'), /value "nope" has a wrong value/],
    [
      'date expressions for a number',
      () => yamlWith('type: Int!', 'dateExpression: true'),
      /takes no date expressions/,
    ],
    ['rows not selected', () => yamlWith('rows: orders.nodes', 'rows: orders.rows'), /does not select "rows"/],
    ['rows that are scalars', () => yamlWith('rows: orders.nodes', 'rows: orders.nodes.id'), /leads to no objects/],
    ['a paging variable', () => yamlWith('first: size', 'first: number'), /no variable "\$number"/],
    [
      'page information not selected',
      () => graphqlWith('hasNextPage endCursor', 'hasNextPage'),
      /does not select "orders.pageInfo.endCursor"/,
    ],
    [
      'a column not selected',
      () => problemsOf(graphqlText, `${yamlText}columns: [{path: nope}, {path: certificate}]\n`),
      /"nope"[^]*"certificate"/,
    ],
    [
      'columns of one title',
      () => problemsOf(graphqlText, `${yamlText}columns: [{path: id, title: A}, {path: userId, title: A}]\n`),
      /title "A"/,
    ],
    [
      'a sensitive field, whatever its alias',
      () => graphqlWith('userId', 'x: csr y: cost'),
      /"orders.nodes.x".*"csr"[^]*"orders.nodes.y".*"cost"/,
    ],
    [
      'a retirement without being retired',
      () => problemsOf(graphqlText, `${yamlText}retiredAt: "2026-01-01"\n`),
      /not "retired"/,
    ],
  ])('with %s is told', (_what, problems, expected) => {
    expect(problems()).toMatch(expected);
  });

  it('does not hide the others', () => {
    const { problems, template } = check(
      edited(graphqlText, 'userId', 'nope csr'),
      edited(yamlText, 'orders.nodes', 'orders.rows'),
    );
    expect(problems.map(({ file }) => file)).toEqual([
      'expiring-soon.graphql',
      'expiring-soon.yaml',
      'expiring-soon.yaml',
    ]);
    expect(template).toBeNull();
  });

  it('is none when a sensitive group is reviewed', () => {
    expect(problemsOf(edited(graphqlText, 'userId', 'csr'), `${yamlText}sensitive: [csr]\n`)).toBe('');
  });

  it('never throws, whatever the files hold', () => {
    const cyclic = 'query Q { orders { nodes { ...A } } } fragment A on Order { ...B } fragment B on Order { ...A }';
    expect(problemsOf(cyclic)).toMatch(/Cannot spread fragment "A" within itself/);
    expect(problemsOf(`{${'a{'.repeat(7_000)}`)).not.toBe('');
    expect(problemsOf(graphqlText, '__proto__: {a: 1}\nconstructor: x\n')).not.toBe('');
    expect(
      problemsOf(graphqlText, 'a: &a [x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n'),
    ).not.toBe('');
    const cut = (text: string) => fc.nat(text.length).map((end) => text.slice(0, end));
    fc.assert(
      fc.property(fc.oneof(cut(graphqlText), fc.string()), fc.oneof(cut(yamlText), fc.string()), (graphql, yaml) => {
        check(graphql, yaml);
      }),
      { numRuns: 200 },
    );
  });
});

describe('a name', () => {
  it('shares its space with ids and addresses', () => {
    for (const name of ['a', 'expiring-soon', `a${'b'.repeat(30)}`, `z${'0'.repeat(63)}`])
      expect(isTemplateName(name)).toBe(true);
    const hex = (digits: number) => 'a'.repeat(digits);
    for (const name of [
      '',
      'A',
      '1a',
      '-a',
      'a_b',
      'a'.repeat(65),
      'persisted',
      'openapi',
      hex(32),
      hex(40),
      hex(64),
      'a\n',
    ]) {
      expect(isTemplateName(name)).toBe(false);
    }
  });

  it('may carry a version', () => {
    expect(parseTemplateReference('a@12')).toEqual({ name: 'a', version: 12 });
    expect(parseTemplateReference('a')).toEqual({ name: 'a', version: null });
    for (const text of ['a@', 'a@0', 'a@01', 'a@1@2', 'a@x', '@1', 'a@1 '])
      expect(parseTemplateReference(text)).toBeNull();
  });
});
