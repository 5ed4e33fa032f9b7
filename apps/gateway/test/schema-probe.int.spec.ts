import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Kind, parse, visit } from 'graphql';
import { graphqlType, startRunningGateway, templateFile, type Got, type RunningGateway } from './running-gateway.ts';

/** Keys that may not ask for the schema. */
const levels = ['ID_ONLY', 'LISTED'] as const;
type Level = (typeof levels)[number];

/** Words that are so short or so common that a sentence, or a host in the rows, holds them by chance. */
const chance = new Set(
  'id name order orders text key keys query template templates value values count email status type list run read first after state title question owner certificate user product page node field error data version other none url limit scope admin source schema date day days variable variables approved path cursor document operation message runs code problems whole deliveries legacy'.split(
    ' ',
  ),
);

let gateway: RunningGateway;
let template: { readonly text: string; readonly id: string };
/** Every name that the schema has and the template that is probed with does not. */
let secrets: readonly string[];
const keys = new Map<Level, string>();

beforeAll(async () => {
  gateway = await startRunningGateway();
  template = await templateFile('expiring-soon');
  for (const level of levels)
    keys.set(
      level,
      (
        await gateway.makeKey({
          level,
          templates: { names: ['expiring-soon'] },
          limits: { requestsPerMinute: 100_000, burst: 100_000 },
        })
      ).secret,
    );
  const own = new Set(namesIn(template.text));
  secrets = namesIn(readFileSync(join(import.meta.dirname, '../api-schema.graphql'), 'utf8')).filter(
    (name) => name.length > 3 && !own.has(name) && !chance.has(name),
  );
  expect(secrets.length).toBeGreaterThan(400);
});
afterAll(() => gateway.close());

function namesIn(text: string): readonly string[] {
  const names = new Set<string>();
  visit(parse(text), { enter: (node) => void (node.kind === Kind.NAME && names.add(node.value)) });
  return [...names];
}

/** Names of the schema that an answer tells and the request did not say. */
function told({ text }: Got, asked: string): readonly string[] {
  const words = new Set(text.match(/[A-Za-z_]\w*/g));
  const said = new Set(asked.match(/[A-Za-z_]\w*/g));
  return secrets.filter((name) => words.has(name) && !said.has(name));
}

/** Documents that make graphql-js say most about a schema. */
const documents: readonly string[] = [
  '{ __schema { types { name fields { name } } } }',
  '{ __type(name: "Query") { fields { name } } }',
  '{ __schema { directive } }',
  '{ ordrs { totalCount } }',
  '{ orders }',
  '{ orders { nods { id } } }',
  '{ orders(fist: 1) { totalCount } }',
  '{ orders(first: "x") { totalCount } }',
  '{ orders(filter: { statu: 1 }) { totalCount } }',
  '{ orders(filter: { status: { in: [issud] } }) { totalCount } }',
  '{ order { id } }',
  '{ me { nam } }',
  '{ order(id: 1) { ... on Ordr { id } } }',
  'query ($x: OrderFiltr) { orders(filter: $x) { totalCount } }',
  'query ($x: OrderFilter = { statu: 1 }) { orders(filter: $x) { totalCount } }',
  'mutation { createKy { id } }',
  'mutation { createKey(input: {}) { secret } }',
  'subscription { a }',
  '{ me { name @skp(if: true) } }',
  '{ me',
  'query A { me { name } } query B { me { name } }',
  'fragment F on Qury { a }',
  '{ order_details(statuss: "x") { idd } }',
  '{ _entities(representations: []) { __typename } }',
  '{ _service { sdl } }',
];

describe.each(levels)('a key of level %s', (level) => {
  const ask = (body: object, path = '/graphql') =>
    gateway.ask(path, { method: 'POST', body, key: keys.get(level)!, headers: { accept: graphqlType } });

  it('learns no name of the schema from the refusal of a text, and every text is refused alike', async () => {
    const refusals = new Set<string>();
    for (const query of documents) {
      for (const answer of [
        await ask({ query }),
        await ask({ query, operationName: 'Other', variables: { nope: 1 } }),
        await gateway.ask(`/graphql?query=${encodeURIComponent(query)}`, {
          key: keys.get(level)!,
          headers: { accept: graphqlType },
        }),
      ]) {
        expect([query, told(answer, query)]).toEqual([query, []]);
        expect(answer.json?.['data']).toBeUndefined();
        expect(answer.text).not.toMatch(/did you mean/i);
        refusals.add(answer.text);
      }
    }
    expect([...refusals]).toHaveLength(1);
  });

  it('cannot tell a word of the schema from any other', async () => {
    const refusals = new Set<string>();
    const words = [...secrets.filter((_name, index) => index % 7 === 0), 'nonsense', 'qwerty'];
    for (const word of words)
      for (const query of [`{ ${word} }`, `{ ${word} { id } }`, `{ orders { nodes { ${word} } } }`])
        refusals.add((await ask({ query })).text);
    expect([...refusals]).toHaveLength(1);
  });

  it('learns none from the variables, the operation name and the id of a template either', async () => {
    const values: readonly unknown[] = ['x', 1e9, null, true, [], {}, { in: ['x'] }, [{ a: 1 }], '\u0000'];
    const variables = [
      'days',
      'excludeRenewed',
      'containerIds',
      'first',
      'after',
      'day',
      'filter',
      'orderBy',
      '__proto__',
    ];
    for (const name of variables)
      for (const value of values) {
        const body = { documentId: template.id, variables: JSON.parse(JSON.stringify({ [name]: value })) as object };
        const answer = await ask(body);
        expect([body, told(answer, JSON.stringify(body))]).toEqual([body, []]);
        expect(answer.text).not.toMatch(/did you mean/i);
      }
    for (const body of [
      { documentId: template.id, operationName: 'Other' },
      { documentId: 'expiring' },
      { documentId: 'inventory-full' },
      { documentId: 'a'.repeat(64) },
      { documentId: '__proto__' },
      { documentId: template.id, query: '{ me { name } }' },
      { extensions: { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } } },
    ]) {
      const answer = await ask(body);
      expect([body, told(answer, JSON.stringify(body))]).toEqual([body, []]);
    }
  });

  it('learns none at the report addresses', async () => {
    for (const path of [
      '/r/expiring-soon.json?dayz=1',
      '/r/expiring-soon.json?days=x',
      '/r/expiring-soon.json?containerIds={}',
      '/r/expiring-soon.json?excludeRenewed=perhaps',
      '/r/expiring-soon.json?after=x',
      '/r/expiring-soon/explain?days=x',
      '/r/inventory-full.json',
      '/r/orders',
      '/r/expiring-soon.docx',
    ]) {
      const answer = await gateway.ask(path, { key: keys.get(level)! });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect([path, told(answer, path)]).toEqual([path, []]);
    }
    const { text } = await gateway.ask('/r/openapi.json', { key: keys.get(level)! });
    const asked = template.text;
    for (const name of [
      'order_details',
      'orderBuckets',
      'createKey',
      'OrderFilter',
      'ApprovalRequest',
      'balanceHistory',
    ])
      expect([name, text.includes(name)]).toEqual([name, asked.includes(name)]);
  });

  it('learns none at the Custom Reports address', async () => {
    const refusals = new Set<string>();
    for (const query of documents) {
      const answer = await ask({ query }, '/services/v2/reports/query');
      expect(answer.status).toBe(403);
      expect([query, told(answer, query)]).toEqual([query, []]);
      refusals.add(answer.text);
    }
    expect([...refusals]).toHaveLength(1);
  });
});

it('a key that may ask for the schema is suggested nothing either', async () => {
  for (const query of documents) {
    const answer = await gateway.post({ query }, { headers: { accept: graphqlType } });
    // That a field needs a selection is said in these words too; they hold nothing but the field that was sent.
    const suggested = answer.text.replaceAll(/Did you mean \\"(\w+) \{ \.\.\. \}\\"/g, '');
    expect([query, /did you mean/i.test(suggested)]).toEqual([query, false]);
  }
});
