import { describe, expect, it } from '@jest/globals';
import { bytes, rules } from '../test/orders-schema.ts';
import { checkTemplate } from './check-template.ts';
import { templateFilesOf } from './template-files.ts';

const described = { name: 'seen-one', title: 'Seen: one', question: 'What "is" it?', owner: 'web', tags: ['seen'] };
const filesOf = (text: string) => templateFilesOf(text, described, rules);

/** What the product makes of the files. */
function templateOf(text: string) {
  const [graphql, yaml] = filesOf(text);
  expect([graphql.name, yaml.name]).toEqual(['seen-one.graphql', 'seen-one.yaml']);
  const { template, problems } = checkTemplate(
    { base: 'seen-one', graphql: bytes(graphql.content), yaml: yaml.content },
    rules,
  );
  expect(problems).toEqual([]);
  return template!;
}

describe('files made of a text', () => {
  it('are a draft that passes every check, with rows, paging, columns, variables and sensitive fields', () => {
    const text = `query Q($n: Int, $c: String, $status: [OrderStatus!]) {
      orders(first: $n, after: $c, filter: { status: $status }) {
        nodes { __typename id userEmail certificate { commonName order { cost } } duplicates { serialNumber } }
        pageInfo { hasNextPage endCursor }
      }
    }`;
    expect(templateOf(text)).toMatchObject({
      name: 'seen-one',
      version: 1,
      state: 'draft',
      title: 'Seen: one',
      question: 'What "is" it?',
      owner: 'web',
      tags: ['seen'],
      text,
      rows: ['orders', 'nodes'],
      paging: { first: 'n', after: 'c', pageInfo: ['orders', 'pageInfo'], pageSize: 1_000 },
      columns: [
        { title: 'id', type: 'text' },
        { title: 'user_email' },
        { title: 'certificate_common_name', path: ['certificate', 'commonName'] },
        { title: 'certificate_order_cost', type: 'decimal' },
        { title: 'duplicates_serial_number', type: 'texts' },
      ],
      sensitive: ['cost', 'email'],
    });
  });

  it('page only where both arguments are variables and the end is told', () => {
    expect(
      templateOf(
        'query ($c: String) { orders(first: 5, after: $c) { nodes { id } pageInfo { hasNextPage endCursor } } }',
      ).paging,
    ).toBeNull();
    expect(
      templateOf('query ($n: Int, $c: String) { orders(first: $n, after: $c) { nodes { id } } }').paging,
    ).toBeNull();
  });

  it.each([
    ['a list', '{ found: order_details(limit: 3) { id common_name } }', ['found']],
    ['edges', '{ orders { edges { cursor node { id } } } }', ['orders', 'edges']],
    ['nodes rather than a list in a row', '{ orders { nodes { duplicates { serialNumber } } } }', ['orders', 'nodes']],
    ['one object', '{ order(id: 1) { id } }', ['order']],
  ])('find the rows in %s', (_what, text, rows) => expect(templateOf(text).rows).toEqual(rows));

  it('have titles of their own for paths that would share one', () => {
    const { columns } = templateOf('{ order(id: 1) { user_id: id userId } }');
    expect(columns.map(({ title }) => title)).toEqual(['user_id', 'userId']);
  });

  it.each([
    ['mutation { revoke(id: 1) }', /mutation; templates are queries/],
    ['{ __typename }', /selects no object/],
  ])('cannot be made of %s', (text, message) => expect(() => filesOf(text)).toThrow(message));
});
