import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { rightsOf, type SensitiveGroup } from '@certfolio/core';
import { sensitiveFields } from '../src/sensitive-fields.ts';
import { graphqlType, startRunningGateway, type Got, type RunningGateway } from './running-gateway.ts';

/** A document that selects, or asks by, one sensitive thing. */
interface Case {
  /** As the refusal names it. */
  readonly name: string;
  readonly group: SensitiveGroup;
  /** All that it needs, where that is more. */
  readonly groups?: readonly SensitiveGroup[];
  readonly query: string;
}

/** Where each type stands in the graph: a document with `FIELD` in place of the field. */
const placeOf = new Map([
  ['Order', '{ orders(first: 1) { nodes { id FIELD } } }'],
  ['OrderUser', '{ orders(first: 1) { nodes { user { FIELD } } } }'],
  ['Contact', '{ orders(first: 1) { nodes { technicalContact { FIELD } } } }'],
  [
    'VerifiedContact',
    '{ orders(first: 1) { nodes { validation { organizationValidations { verifiedContacts { FIELD } } } } } }',
  ],
  ['Certificate', '{ orders(first: 1) { nodes { certificate { FIELD } } } }'],
  ['CertificateCopy', '{ orders(first: 1) { nodes { duplicates { FIELD } } } }'],
  ['OrderBucket', '{ orderBuckets(groupBy: [status]) { count FIELD } }'],
  ['OrderDetails', '{ order_details(limit: 1) { id FIELD } }'],
  ['OrganizationContact', '{ organizations { organizationContact { FIELD } } }'],
  ['Person', '{ requests { requester { FIELD } } }'],
  ['User', '{ users { FIELD } }'],
  ['Balance', '{ balance { FIELD } }'],
  ['BalanceEntry', '{ balanceHistory { FIELD } }'],
  ['BalanceMonth', '{ balanceMonths { FIELD } }'],
  ['UnitOrder', '{ unitOrders { FIELD } }'],
  ['UnitBundle', '{ unitOrders { bundles { FIELD } } }'],
]);
const valueOf = new Map([
  ['OrderFilter.customField', '{ label: "Cost center" }'],
  ['OrderFilter.cost', '{ gte: "1.00" }'],
  ['OrderFilter.search', '"a"'],
]);
const selectionOf = new Map([
  ['Order.customFields', 'customFields { label value }'],
  ['Order.ownershipGaps', 'ownershipGaps(ownerField: "Owner")'],
]);

function documentOf(coordinate: string): string {
  const [type = '', field = ''] = coordinate.split('.');
  const argument = /^(\w+)\((\w+):\)$/.exec(field);
  if (argument !== null) return `{ ${argument[1]}(${argument[2]}: "a", limit: 1) { id } }`;
  // CertCentral's own lists are shown whole, so that the field itself needs the rights.
  if (type === 'Query') return `{ ${field} { total } }`;
  if (type === 'OrderFilter')
    return `{ orders(first: 1, filter: { ${field}: ${valueOf.get(coordinate) ?? '{ like: "a%" }'} }) { nodes { id } } }`;
  if (type === 'OrderSortField') return `{ orders(first: 1, orderBy: [{ field: ${field} }]) { nodes { id } } }`;
  if (type === 'OrderBucketDimension') return `{ orderBuckets(groupBy: [${field}]) { count } }`;
  const place = placeOf.get(type);
  if (place === undefined) throw new Error(`Nothing says where ${coordinate} stands.`);
  return place.replace('FIELD', selectionOf.get(coordinate) ?? field);
}

const cases: readonly Case[] = [
  // A document needs several rights: leaving out any of them is enough.
  ...[...sensitiveFields].flatMap(([name, rights]) =>
    rightsOf(rights).map((group) => ({ name, group, groups: rightsOf(rights), query: documentOf(name) })),
  ),
  // What a text argument sorts by is found out while the query runs, and so is what it names.
  { name: 'cost', group: 'cost', query: '{ order_details(sort: ["cost"], limit: 1) { id } }' },
  { name: 'email', group: 'email', query: '{ order_details(sort: ["email", "DESC"], limit: 1) { id } }' },
  {
    name: 'OrderUser.email',
    group: 'email',
    query: '{ orders(first: 1) { nodes { user { x: email @include(if: true) } } } }',
  },
  {
    name: 'Person.email',
    group: 'email',
    query: '{ organizations { verifiedContacts { ...P } } } fragment P on Person { email }',
  },
];
const nameOf = (index: number) => `sensitive-${index}`;

let gateway: RunningGateway;
let folder: string;
/** Without any right to fields, and with all but one, by the group that is left out. */
const keys = new Map<SensitiveGroup | 'none', string>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certfolio-sensitive-'));
  for (const [index, { query, group, groups = [group] }] of cases.entries()) {
    const rows = /^\{ (orders|\w+)/.exec(query)![1]!;
    const name = nameOf(index);
    await writeFile(join(folder, `${name}.graphql`), `${query.replace('{', 'query Q {')}\n`);
    await writeFile(
      join(folder, `${name}.yaml`),
      `name: ${name}\nversion: 1\nstate: approved\ntitle: ${name}\nquestion: Which?\nowner: tests\nrows: ${rows === 'orders' ? 'orders.nodes' : rows}\nsensitive: [${groups.join(', ')}]\n`,
    );
  }
  gateway = await startRunningGateway({ CERTFOLIO_TEMPLATES_DIR: folder });
  const groups = [...new Set(cases.map(({ group }) => group))];
  const limits = { requestsPerMinute: 100_000, burst: 100_000 };
  keys.set('none', (await gateway.makeKey({ level: 'OPEN', fields: [], limits })).secret);
  for (const group of groups) {
    const fields = groups.filter((other) => other !== group);
    keys.set(group, (await gateway.makeKey({ level: 'OPEN', fields, limits })).secret);
  }
});
afterAll(async () => {
  await gateway.close();
  await rm(folder, { recursive: true, force: true });
});

const json = { accept: graphqlType };
const doors: readonly [door: string, ask: (query: string, template: string, key: string) => Promise<Got>][] = [
  ['a text by POST', (query, _template, key) => gateway.post({ query }, { key, headers: json })],
  [
    'a text by GET',
    (query, _template, key) => gateway.ask(`/graphql?query=${encodeURIComponent(query)}`, { key, headers: json }),
  ],
  ['an id by POST', (_query, documentId, key) => gateway.post({ documentId }, { key, headers: json })],
  ['an id by GET', (_query, id, key) => gateway.ask(`/graphql?documentId=${id}`, { key, headers: json })],
  ['an id in the path', (_query, id, key) => gateway.ask(`/graphql/${id}`, { key, headers: json })],
  ['a report as JSON', (_query, name, key) => gateway.ask(`/r/${name}.json`, { key })],
  ['a report as CSV', (_query, name, key) => gateway.ask(`/r/${name}.csv`, { key })],
  ['a report as NDJSON', (_query, name, key) => gateway.ask(`/r/${name}.ndjson`, { key })],
  ['explain', (_query, name, key) => gateway.ask(`/r/${name}/explain`, { key })],
];

describe.each(doors)('through the door of %s', (_door, ask) => {
  it('every sensitive field, filter, sort and bucket is refused by name to a key without the right', async () => {
    for (const [index, { name, group, query }] of cases.entries()) {
      for (const key of [keys.get('none')!, keys.get(group)!]) {
        const { status, json: body } = await ask(query, nameOf(index), key);
        expect({
          query,
          status,
          code: body?.errors?.[0]?.extensions?.['code'],
          message: body?.errors?.[0]?.message,
        }).toEqual({
          query,
          status: 403,
          code: 'FORBIDDEN',
          message: expect.stringContaining(name),
        });
      }
    }
  });
});

describe('through the door of Custom Reports', () => {
  const compatible = cases.filter(({ query }) => query.startsWith('{ order_details'));
  it.each([
    ['application/json', (query: string) => JSON.stringify({ query })],
    ['application/graphql', (query: string) => query],
  ])("every sensitive field and argument is refused by name in CertCentral's form, as %s", async (type, bodyOf) => {
    expect(compatible.length).toBeGreaterThan(10);
    for (const { name, group, query } of compatible) {
      for (const key of [keys.get('none')!, keys.get(group)!]) {
        const { status, text } = await gateway.ask('/services/v2/reports/query', {
          key,
          method: 'POST',
          headers: { 'content-type': type },
          body: bodyOf(query),
        });
        const body = JSON.parse(text) as { errors: { code?: string; message: string }[] };
        expect({ query, status, errors: body.errors }).toEqual({
          query,
          status: 403,
          errors: [
            {
              code: 'access_denied|missing_permission',
              message: expect.stringContaining(name),
            },
          ],
        });
      }
    }
  });
});

it('a key with the right is refused none of them', async () => {
  for (const { query } of cases) {
    const { status, text } = await gateway.post({ query }, { headers: json });
    expect({ query, status, text: status === 200 ? '' : text }).toEqual({ query, status: 200, text: '' });
  }
}, 120_000);

it('Custom Reports refuses alike however often it ran, also beside a field that its condition leaves out', async () => {
  const { secret: key } = await gateway.makeKey({ level: 'OPEN', fields: [] });
  const query =
    'query Q($no: Boolean!) { a: order_details(sort: ["email"]) { id } b: order_details(limit: 1) @include(if: $no) { id } }';
  const body = { query, variables: { no: false } };
  const statuses: number[] = [];
  for (let turn = 0; turn < 5; turn += 1)
    statuses.push((await gateway.ask('/services/v2/reports/query', { key, method: 'POST', body })).status);
  expect(statuses).toEqual([403, 403, 403, 403, 403]);
});
