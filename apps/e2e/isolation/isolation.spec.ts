import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { buildClientSchema, getIntrospectionQuery, type GraphQLSchema, type IntrospectionQuery } from 'graphql';
import { createStage, dataOf, type Caller, type HttpAnswer } from '../harness/index.ts';
import { mirroredProduct, untilMirror, type Mirrored } from '../mirror/mirrored.ts';
import { drawFrom, pickFrom, randomQuery, type Draw, type Given, type RootArguments } from './random-query.ts';
import { accountRows, strangersIn, type AccountRows } from './scope-facts.ts';

/** Queries; each is a case for every key. The short run takes the same ones every time. */
const isLong = Boolean(process.env['CERTFOLIO_TEST_LONG']);
const queries = isLong ? 2_000 : 60;
const seed = Number(process.env['CERTFOLIO_TEST_SEED'] ?? (isLong ? Date.now() % 2 ** 31 : 20_261_127));
/** Under way at the same time, for every key; what is asked is asked of some keys twice. */
const atOnce = 8;

/** Divisions of the emulator with rows of every kind. */
const [first, second, third] = [14, 10, 15];

interface Key {
  readonly name: string;
  readonly caller: Caller;
  /** Null sees all. */
  readonly divisions: ReadonlySet<number> | null;
  readonly fields: readonly string[] | null;
  readonly rows: number;
}

const stage = createStage();
let mirrored: Mirrored;
let schema: GraphQLSchema;
let rows: AccountRows;
let keys: readonly Key[];
/** Of people; none of them is the name of a certificate. */
let addresses: ReadonlySet<string>;
/** Of pages that keys of other scopes have read: a cursor is not a right. */
const cursors: string[] = [];

const rowsOfCap = 100_000;

beforeAll(async () => {
  const templates = await mkdtemp(join(tmpdir(), 'certfolio-isolation-'));
  stage.defer(() => rm(templates, { recursive: true, force: true }));
  for (const [name, { text, more }] of reports) {
    await writeFile(join(templates, `${name}.graphql`), text);
    await writeFile(
      join(templates, `${name}.yaml`),
      `name: ${name}\nversion: 1\nstate: approved\ntitle: ${name}\nquestion: Which?\nowner: tests\n${more}\n`,
    );
  }
  mirrored = await mirroredProduct(
    stage,
    { orders: 220, seed: 5, limits: 'off' },
    // However long it takes, no answer is too old to come from the mirror.
    { env: { CERTFOLIO_TEMPLATES_DIR: templates }, mirror: { maxAgeSeconds: 86_400 } },
  );
  const { product, emulator } = mirrored;
  await untilMirror(product, ({ isFilled }) => isFilled);
  rows = await accountRows(emulator);
  const introspection = await product.admin.graphql(getIntrospectionQuery());
  schema = buildClientSchema(dataOf(introspection) as unknown as IntrospectionQuery);
  addresses = await addressesOfPeople(product.admin);

  const key = async (
    name: string,
    containers: readonly number[] | null,
    fields: readonly string[] | null,
    rowCap = rowsOfCap,
  ): Promise<Key> => ({
    name,
    divisions: containers === null ? null : new Set(containers),
    fields,
    rows: rowCap,
    caller: await product.createKey({
      name,
      level: 'OPEN',
      ...(containers === null ? {} : { containers }),
      ...(fields === null ? {} : { fields }),
      limits: { requestsPerMinute: 1_000_000, burst: 1_000_000, rows: rowCap, concurrent: 1_000 },
    }),
  });
  keys = await Promise.all([
    key('first', [first], null),
    key('first-few-rows', [first], null, 7),
    key('first-without-fields', [first], []),
    key('second-cost-only', [second], ['cost']),
    key('first-and-third-without-fields', [first, third], []),
    key('everything', null, null),
  ]);
}, 120_000);

/** Reports that say how old their data may be, so that whole answers are kept for the runs that follow. */
const reports = new Map([
  [
    'kept-orders',
    {
      text: 'query KeptOrders($ids: [ID!], $first: Int = 50, $after: String) {\n  orders(filter: { containerId: { in: $ids } }, first: $first, after: $after) {\n    totalCount\n    nodes {\n      Order_: id\n      status\n      container {\n        Container_: id\n        name\n      }\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n  }\n}\n',
      more: 'variables:\n  ids: { description: Divisions }\n  first: { description: Rows, min: 1, max: 1000 }\n  after: { description: Cursor }\nrows: orders.nodes\npaging: { first: first, after: after, pageInfo: orders.pageInfo, pageSize: 40 }\nfreshness: { maxAge: 86400 }',
    },
  ],
  [
    'kept-details',
    {
      text: 'query KeptDetails($limit: Int) {\n  order_details(limit: $limit) {\n    OrderDetails_: id\n    container_id\n    status\n  }\n}\n',
      more: 'variables:\n  limit: { description: Rows }\nrows: order_details\nfreshness: { maxAge: 86400 }',
    },
  ],
  [
    'kept-buckets',
    {
      text: 'query KeptBuckets {\n  orderBuckets(groupBy: [containerId, status]) {\n    Container_: value(dimension: containerId)\n    status: value(dimension: status)\n    count\n  }\n}\n',
      more: 'rows: orderBuckets\nfreshness: { maxAge: 86400 }',
    },
  ],
  [
    'kept-order',
    {
      text: 'query KeptOrder($id: ID!) {\n  orders(filter: { id: { in: [$id] } }) {\n    nodes {\n      Order_: id\n      status\n    }\n  }\n  order(id: $id) {\n    Order_: id\n  }\n}\n',
      more: 'variables:\n  id: { description: Order }\nrows: orders.nodes\nfreshness: { maxAge: 86400 }',
    },
  ],
  [
    'kept-users',
    {
      text: 'query KeptUsers {\n  users {\n    User_: id\n    lastName\n    email\n  }\n}\n',
      more: 'rows: users\nsensitive: [email]\nfreshness: { maxAge: 86400 }',
    },
  ],
  [
    'kept-organizations',
    {
      text: 'query KeptOrganizations {\n  organizations {\n    Organization_: id\n    name\n    domains {\n      Domain_: id\n      name\n    }\n  }\n  requests {\n    ApprovalRequest_: id\n  }\n}\n',
      more: 'rows: organizations\nfreshness: { maxAge: 86400 }',
    },
  ],
]);

/** A question that every key asks, and how it is put; `fresh` has nothing kept and nothing shared. */
interface Asked {
  readonly what: string;
  send(caller: Caller, fresh: boolean): Promise<HttpAnswer>;
}

function askedBy(draw: Draw): Asked {
  const pick = pickFrom(draw);
  const kind = draw(100);
  const headers = (fresh: boolean) => ({
    Accept: 'application/graphql-response+json',
    'Content-Type': 'application/json',
    ...(fresh ? { 'Certfolio-Fresh': 'mirror' } : {}),
  });
  if (kind < 30) {
    const name = pick([...reports.keys()]);
    const variables = reportVariables(name, draw);
    if (kind < 15) {
      const body = JSON.stringify({ documentId: name, variables });
      return {
        what: `template ${body}`,
        send: (caller, fresh) => caller.fetch('/graphql', { method: 'POST', headers: headers(fresh), body }),
      };
    }
    const search = new URLSearchParams(
      Object.entries(variables).map(([member, value]): [string, string] => [
        member,
        typeof value === 'object' ? value.join(',') : String(value),
      ]),
    );
    const path = `/r/${name}.${pick(['json', 'csv', 'ndjson'])}?${search}`;
    return {
      what: path,
      send: (caller, fresh) => caller.fetch(path, { headers: fresh ? { 'Certfolio-Fresh': 'mirror' } : {} }),
    };
  }
  const roots = rootArguments(draw);
  if (kind < 40) {
    const compatible = new Map([...roots].filter(([name]) => name.startsWith('order_details')));
    const body = JSON.stringify(randomQuery(schema, compatible, draw)).replace('"text":', '"query":');
    return {
      what: `custom reports ${body}`,
      send: (caller, fresh) =>
        caller.fetch('/services/v2/reports/query', { method: 'POST', headers: headers(fresh), body }),
    };
  }
  const { text, variables } = randomQuery(schema, roots, draw);
  if (kind < 50) {
    const search = new URLSearchParams({ query: text, variables: JSON.stringify(variables) });
    return {
      what: `GET ${text}`,
      send: (caller, fresh) => caller.fetch(`/graphql?${search}`, { headers: headers(fresh) }),
    };
  }
  const body = JSON.stringify({ query: text, variables });
  return {
    what: body,
    send: (caller, fresh) => caller.fetch('/graphql', { method: 'POST', headers: headers(fresh), body }),
  };
}

function reportVariables(name: string, draw: Draw): Readonly<Record<string, string | number | readonly string[]>> {
  const pick = pickFrom(draw);
  if (name === 'kept-order') return { id: pick(orderIds()) };
  if (name === 'kept-details') return pick([{}, { limit: 5 }]);
  if (name !== 'kept-orders') return {};
  return {
    ...pick([{}, { ids: [String(second)] }, { ids: [String(first), String(third)] }]),
    ...pick([{}, { first: 9 }]),
    ...(draw(4) === 0 && cursors.length > 0 ? { after: pick(cursors) } : {}),
  };
}

const idsOf = (type: string) => [...rows.owners.get(type)!.keys()];
const orderIds = () => idsOf('Order');

function rootArguments(draw: Draw): RootArguments {
  const pick = pickFrom(draw);
  const some = <T>(values: readonly T[]): T[] => Array.from({ length: 1 + draw(3) }, () => pick(values));
  const containers = () => some([first, second, third, 13, 18].map(String));
  const text = (value: string): Given => ['String', value];
  const status = () => some(['issued', 'expired', 'pending', 'revoked']);
  const condition = (): Record<string, unknown> =>
    pick<() => Record<string, unknown>>([
      () => ({ status: { in: status() } }),
      () => ({ containerId: { in: containers() } }),
      () => ({ containerId: { not: containers() } }),
      () => ({ id: { in: some(orderIds()) } }),
      () => ({ organizationId: { in: some(['5001', '5002', '5003', '5004']) } }),
      () => ({ validTill: { gte: pick(['2026-01-01', 'today', 'today-90d']) } }),
      () => ({ commonName: { like: pick(['%a%', 'w%', '%.test']) } }),
      () => ({ serialNumber: { in: some(idsOf('Certificate')) } }),
      () => ({ isRenewed: draw(2) === 0 }),
      () => ({ cost: { gte: '100.00' } }),
      () => ({ userEmail: { like: '%a%' } }),
      () => ({ anyOf: [condition(), condition()] }),
      () => ({ not: condition() }),
    ])();
  const filter = (): Record<string, Given> =>
    draw(3) === 0 ? {} : { filter: ['OrderFilter', { ...condition(), ...condition() }] };
  const maybe = (percent: number, given: () => Record<string, Given>) => (draw(100) < percent ? given() : {});
  return new Map<string, () => Record<string, Given>>([
    [
      'orders',
      () => ({
        first: ['Int', 1 + draw(30)],
        ...filter(),
        ...maybe(40, () => ({
          orderBy: [
            '[OrderBy!]',
            [{ field: pick(['validTill', 'commonName', 'containerName', 'id']), direction: pick(['ASC', 'DESC']) }],
          ],
        })),
        ...maybe(15, () => (cursors.length === 0 ? {} : { after: text(pick(cursors)) })),
      }),
    ],
    ['order', () => ({ id: ['ID!', pick(orderIds())] })],
    ['certificate', () => ({ serialNumber: text(pick(idsOf('Certificate'))) })],
    [
      'orderBuckets',
      () => ({
        groupBy: [
          '[OrderBucketDimension!]!',
          some(['status', 'containerId', 'productNameId', 'organizationName', 'validTillMonth', 'userId']),
        ],
        ...filter(),
      }),
    ],
    [
      'order_details',
      () => ({
        ...maybe(40, () => ({ container_id: text(pick(containers())) })),
        ...maybe(30, () => ({ status: text(pick(status())) })),
        ...maybe(10, () => ({ serial_number: text(pick(idsOf('Certificate'))) })),
        // Which of these a key may sort by is found out while the query runs.
        ...maybe(40, () => ({ sort: ['[String]', [pick(['email', 'cost', 'valid_till', 'common_name'])]] })),
        ...maybe(50, () => ({ limit: ['Int', 1 + draw(20)] })),
        ...maybe(20, () => ({ offset: ['Int', draw(20)] })),
      }),
    ],
    ['order_details_by_id', () => ({ id: ['Int!', Number(pick(orderIds()))] })],
    [
      'organizations',
      () => maybe(50, () => ({ filter: ['OrganizationFilter', { ids: some(idsOf('Organization')) }] })),
    ],
    ['organization', () => ({ id: ['ID!', pick(idsOf('Organization'))] })],
    [
      'domains',
      () => maybe(50, () => ({ filter: ['DomainFilter', { organizationIds: some(idsOf('Organization')) }] })),
    ],
    ['domain', () => ({ id: ['ID!', pick(idsOf('Domain'))] })],
    ['containers', () => maybe(30, () => ({ filter: ['ContainerFilter', { isActive: true }] }))],
    ['container', () => ({ id: ['ID!', pick(idsOf('Container'))] })],
    ['users', () => maybe(60, () => ({ filter: ['UserFilter', { containerId: pick(containers()) }] }))],
    ['user', () => ({ id: ['ID!', pick(idsOf('User'))] })],
    ['products', () => maybe(50, () => ({ filter: ['ProductFilter', { containerId: pick(containers()) }] }))],
    ['requests', () => ({ filter: ['RequestFilter', pick([{ isOpen: true }, { containerId: pick(containers()) }])] })],
    ['balanceHistory', () => ({ filter: ['BalanceHistoryFilter', { containerId: pick(containers()) }] })],
    ['unitOrders', () => ({})],
    ['customFieldDefinitions', () => ({})],
    ['me', () => ({})],
  ]);
}

/** What an answer says, without what is another in every answer: its request id and where the data came from. */
function said(answer: HttpAnswer): unknown {
  if (!isJson(answer)) return { status: answer.status, text: answer.text };
  const { extensions: _told, errors, ...body } = answer.json;
  // Fields fail in the order in which they are read.
  // Copies are read meanwhile, so what is not known in one answer may be known to be nowhere in the next.
  const others = (errors ?? []).filter(({ extensions }) => extensions?.['code'] !== 'INCOMPLETE');
  const sorted = others.map((error) => JSON.stringify(error)).sort();
  return { status: answer.status, ...body, errors: sorted };
}

/** On a machine that is busy with something else, a key cannot always be verified at once; that is said, and meant for a while. */
async function patiently(send: () => Promise<HttpAnswer>): Promise<HttpAnswer> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await send();
    if (answer.json.errors?.[0]?.extensions?.['code'] !== 'SERVICE_UNAVAILABLE' || attempt === 20) return answer;
    await sleep(1_000);
  }
}

/** A text from shortly before where it parts from another. */
function differing(text: string, other: string): string {
  let at = 0;
  while (at < text.length && text[at] === other[at]) at += 1;
  return `at ${at}: ${text.slice(Math.max(0, at - 200), at + 400)} … ${text.slice(-400)}`;
}

function shuffled<T>(values: readonly T[], draw: Draw): T[] {
  const left = [...values];
  return values.map(() => left.splice(draw(left.length), 1)[0]!);
}

/** The rows of an answer in any format. */
function shown(answer: HttpAnswer): unknown {
  if (isJson(answer)) return answer.json;
  const lines = answer.text.split(/\r?\n/).filter((line) => line !== '');
  if (!typeOf(answer).startsWith('text/csv')) return lines.map((line) => JSON.parse(line) as unknown);
  // The first column is a marker; ids need no quotes.
  const [header = '', ...records] = lines;
  const firstOf = (line: string) => line.replace('\uFEFF', '').split(',', 1)[0]!;
  return records.map((line) => ({ [firstOf(header)]: firstOf(line) }));
}

const typeOf = ({ headers }: HttpAnswer) => headers.get('content-type') ?? '';
const isJson = (answer: HttpAnswer) => /^application\/(graphql-response\+)?json/.test(typeOf(answer));

async function addressesOfPeople(admin: Caller): Promise<ReadonlySet<string>> {
  const everyone = dataOf(
    await admin.graphql(
      '{ orders(first: 1000) { nodes { email contactsEmail additionalEmails user { email } technicalContact { email } } } users { email username } }',
    ),
  );
  const names = dataOf(await admin.graphql('{ orders(first: 1000) { nodes { certificate { names } } } }'));
  const certified = new Set(textsIn(names));
  return new Set(textsIn(everyone).filter((value) => value.includes('@') && !certified.has(value)));
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** Why an answer must not have been given to this key; empty when it may. */
function wrongsOf({ divisions, fields, rows: rowCap }: Key, answer: HttpAnswer): readonly string[] {
  const { status, text, json } = answer;
  // A certificate that nobody has is looked for among copies that are not read yet, and that is said.
  const isIncomplete = json.errors?.every(({ extensions }) => extensions?.['code'] === 'INCOMPLETE') === true;
  if (status >= 500 && !isIncomplete) return [`status ${status}: ${text.slice(0, 300)}`];
  const wrongs = divisions === null ? [] : [...strangersIn(shown(answer), rows, divisions)];
  if (fields !== null && !fields.includes('email'))
    wrongs.push(
      ...textsIn(json)
        .filter((value) => addresses.has(value))
        .map((value) => `address ${value}`),
    );
  if (fields !== null && !fields.includes('csr') && text.includes('BEGIN CERTIFICATE REQUEST'))
    wrongs.push('a request');
  const longest = Math.max(
    0,
    ...Object.values(json.data ?? {}).map((value) => (Array.isArray(value) && isDetails(value) ? value.length : 0)),
  );
  if (longest > rowCap) wrongs.push(`${longest} rows where ${rowCap} are allowed`);
  return wrongs;
}

const isDetails = ([row]: readonly unknown[]) => typeof row === 'object' && row !== null && 'OrderDetails_' in row;

describe('keys of different divisions, fields and row caps', () => {
  it('see rows of their own', () => {
    for (const type of ['Order', 'Organization', 'Domain', 'User', 'ApprovalRequest', 'BalanceEntry'])
      for (const division of [first, second])
        expect([
          type,
          division,
          [...rows.owners.get(type)!.values()].filter((owners) => owners.has(division)).length,
        ]).not.toEqual([type, division, 0]);
    expect(addresses.size).toBeGreaterThan(20);
  });

  it(
    `never get an answer of another, and each the one that it gets alone (seed ${seed})`,
    async () => {
      const draw = drawFrom(seed);
      const pick = pickFrom(draw);
      let withData = 0;
      for (let done = 0; done < queries; done += atOnce) {
        const asked = Array.from({ length: atOnce }, () => askedBy(draw));
        // All who ask the same do so one after the other, so that their runs overlap.
        const turns = asked.flatMap((one) =>
          shuffled([...keys, pick(keys), pick(keys)], draw).map((key) => ({ one, key })),
        );
        const together = await Promise.all(
          turns.map(async ({ one, key }) => ({ one, key, answer: await patiently(() => one.send(key.caller, false)) })),
        );
        const alone = new Map<Asked, Map<Key, HttpAnswer>>(asked.map((one) => [one, new Map()]));
        for (const one of asked)
          for (const key of keys) alone.get(one)!.set(key, await patiently(() => one.send(key.caller, true)));
        for (const { one, key, answer } of together) {
          const about = { key: key.name, asked: one.what };
          expect({ ...about, wrongs: wrongsOf(key, answer) }).toEqual({ ...about, wrongs: [] });
          const own = alone.get(one)!.get(key)!;
          // A long answer's difference would hide what was asked.
          if (!isDeepStrictEqual(said(answer), said(own)))
            throw new Error(
              `${JSON.stringify(about)}\ntogether ${differing(answer.text, own.text)}\nalone    ${differing(own.text, answer.text)}`,
            );
          if (answer.json.data != null || answer.json.rows !== undefined) withData += 1;
          const cursor = /"endCursor":"([^"]+)"/.exec(answer.text)?.[1];
          if (cursor !== undefined && cursors.length < 200) cursors.push(cursor);
        }
      }
      // Most questions are answered; a generator of refusals would prove nothing.
      expect(withData).toBeGreaterThan(queries * keys.length * 0.5);
    },
    60_000 + queries * 1_000,
  );

  it('share no run that one of them may not have: what a text sorts by is found out as it runs', async () => {
    const [may, mayNot] = ['first', 'first-without-fields'].map((name) => keys.find((key) => key.name === name)!);
    for (let round = 1; round <= 20; round += 1) {
      const query = `{ order_details(sort: ["cost"], limit: ${round}) { id } }`;
      const [shown, refused] = await Promise.all([may!.caller.graphql(query), mayNot!.caller.graphql(query)]);
      expect([shown.status, refused.status]).toEqual([200, 403]);
    }
  });

  it('are given whole answers that were kept, each its own', async () => {
    for (const { name, caller } of keys.filter(({ fields }) => fields === null)) {
      const told = async () =>
        (
          await caller.fetch('/graphql', {
            method: 'POST',
            headers: { 'Content-Type': 'application/json', 'Certfolio-Extensions': '1' },
            body: JSON.stringify({ documentId: 'kept-buckets' }),
          })
        ).json.extensions!['certfolio'];
      await told();
      expect([name, await told()]).toEqual([name, expect.objectContaining({ source: 'cache' })]);
    }
  });
});
