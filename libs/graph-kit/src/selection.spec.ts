import { describe, expect, it } from '@jest/globals';
import { buildSchema, execute, parse, type GraphQLResolveInfo } from 'graphql';
import { rememberSelection, walkSelection } from './selection.ts';

const schema = buildSchema(`
  type Query { orders(first: Int): Connection }
  type Connection { nodes: [Order] totalCount: Int }
  type Order { id: ID name: String certificate: Certificate }
  type Certificate { csr: String validTill: String }
`);

/** What a resolver of `orders` is told of its selection, once per field of that name. */
function infosOf(text: string, variables: Record<string, unknown> = {}): GraphQLResolveInfo[] {
  const infos: GraphQLResolveInfo[] = [];
  const orders = (_args: unknown, _context: unknown, info: GraphQLResolveInfo) => void infos.push(info);
  const result = execute({ schema, document: parse(text), rootValue: { orders }, variableValues: variables });
  expect(result).not.toHaveProperty('errors');
  return infos;
}

function pathsOf(text: string, variables: Record<string, unknown> = {}): string[] {
  const paths: string[] = [];
  walkSelection(infosOf(text, variables)[0]!, (path) => paths.push(path.join('.')));
  return paths;
}

describe('what is selected', () => {
  it('is told by names, aliases left out', () => {
    expect(pathsOf('{ all: orders { rows: nodes { key: id certificate { till: validTill } } } }')).toEqual([
      'nodes',
      'nodes.id',
      'nodes.certificate',
      'nodes.certificate.validTill',
    ]);
  });

  it('is found in fragments, named and inline, and in fragments of fragments', () => {
    const text = `
      query { orders { ...page ... { totalCount } ... on Connection { nodes { id } } } }
      fragment page on Connection { nodes { ...row } }
      fragment row on Order { certificate { ...certificate } }
      fragment certificate on Certificate { csr }
    `;
    expect(pathsOf(text)).toEqual([
      'nodes',
      'nodes.certificate',
      'nodes.certificate.csr',
      'totalCount',
      'nodes',
      'nodes.id',
    ]);
  });

  it('is gathered from a field that stands twice', () => {
    expect(pathsOf('{ orders { totalCount } orders { nodes { id } } }')).toEqual(['totalCount', 'nodes', 'nodes.id']);
  });

  it.each([
    ['@skip(if: true)', {}, false],
    ['@skip(if: false)', {}, true],
    ['@include(if: false)', {}, false],
    ['@include(if: $yes)', { yes: true }, true],
    ['@include(if: $yes)', { yes: false }, false],
    ['@skip(if: $yes)', { yes: true }, false],
    ['@include(if: $yes) @skip(if: $yes)', { yes: true }, false],
    ['@include(if: $yes)', {}, true],
  ])('leaves out what %s with %j leaves out', (directive, variables, isIn) => {
    const declared = directive.includes('$') ? 'query ($yes: Boolean! = true)' : 'query';
    for (const selection of [`totalCount ${directive}`, `... ${directive} { totalCount }`, `...total ${directive}`]) {
      const text = `${declared} { orders { nodes { id } ${selection} } } fragment total on Connection { totalCount }`;
      // The fragment is used at least once, so that the document is valid.
      const used = selection.startsWith('...total') ? text : text.replace(/ fragment.*/, '');
      expect(pathsOf(used, variables).includes('totalCount')).toBe(isIn);
    }
  });
});

describe('a remembered selection', () => {
  const counted = () => {
    let walks = 0;
    const remembered = rememberSelection((info) => {
      walks += 1;
      const paths: string[] = [];
      walkSelection(info, (path) => paths.push(path.join('.')));
      return paths.join(' ');
    });
    return { remembered, walks: () => walks };
  };

  it('is walked once per field of a document, however often it runs', () => {
    const { remembered, walks } = counted();
    const [info] = infosOf('{ orders { nodes { id ...row } } } fragment row on Order { name }');
    for (let run = 0; run < 5; run += 1) expect(remembered(info!)).toBe('nodes nodes.id nodes.name');
    expect(walks()).toBe(1);
  });

  it('is kept apart for two fields of one document', () => {
    const { remembered } = counted();
    const [first, second] = infosOf('{ a: orders { nodes { id } } b: orders { totalCount } }');
    expect([remembered(first!), remembered(second!), remembered(first!)]).toEqual([
      'nodes nodes.id',
      'totalCount',
      'nodes nodes.id',
    ]);
  });

  it('is walked anew where variables decide, in fragments too', () => {
    const { remembered } = counted();
    const document = parse(
      'query ($all: Boolean!) { orders { ...page } } fragment page on Connection { nodes { id } totalCount @include(if: $all) }',
    );
    const run = (all: boolean) => {
      let seen = '';
      const orders = (_args: unknown, _context: unknown, info: GraphQLResolveInfo) => void (seen = remembered(info));
      execute({ schema, document, rootValue: { orders }, variableValues: { all } });
      return seen;
    };
    expect([run(true), run(false), run(true)]).toEqual([
      'nodes nodes.id totalCount',
      'nodes nodes.id',
      'nodes nodes.id totalCount',
    ]);
  });

  it('is walked anew for a field that stands twice', () => {
    const { remembered } = counted();
    const [info] = infosOf('{ orders { totalCount } orders { nodes { id } } }');
    expect(remembered(info!)).toBe('totalCount nodes nodes.id');
  });
});
