import { beforeAll, describe, expect, it } from '@jest/globals';
import type { EmulatorProcess } from '@certfolio/testing';
import { askUpstream, createStage, dataOf, type Caller, type ProductProcess } from '../harness/index.ts';

interface ListedOrder {
  readonly id: number;
  readonly status: string;
  readonly certificate: { readonly serial_number?: string; readonly valid_till?: string };
  readonly container: { readonly id: number; readonly name: string };
  readonly organization?: { readonly id: number };
}

const stage = createStage();
let emulator: EmulatorProcess;
let product: ProductProcess;
let all: readonly ListedOrder[];
let ofA: readonly ListedOrder[];
let ofB: readonly ListedOrder[];
let a: number;
let b: number;
let inA: Caller;
let inB: Caller;
let nowhere: Caller;

beforeAll(async () => {
  emulator = await stage.emulator({ orders: 400 });
  product = await stage.productOn(emulator);
  all = ((await askUpstream(emulator, '/order/certificate')) as { orders: ListedOrder[] }).orders;
  const sizes = new Map<number, number>();
  for (const { container } of all) sizes.set(container.id, (sizes.get(container.id) ?? 0) + 1);
  [b, a] = [...sizes].sort(([, x], [, y]) => y - x).map(([id]) => id) as [number, number];
  ofA = all.filter(({ container }) => container.id === a);
  ofB = all.filter(({ container }) => container.id === b);
  const key = (name: string, containers: readonly number[]) => product.createKey({ name, level: 'OPEN', containers });
  [inA, inB, nowhere] = await Promise.all([key('in-a', [a]), key('in-b', [b]), key('nowhere', [])]);
  expect(Math.min(ofA.length, ofB.length)).toBeGreaterThan(30);
});

const idsOf = (orders: readonly ListedOrder[]) => orders.map(({ id }) => String(id)).sort();
const issuedOf = (orders: readonly ListedOrder[]) => orders.filter(({ status }) => status === 'issued');
const serialsOf = (orders: readonly ListedOrder[]) =>
  orders.flatMap(({ certificate }) => certificate.serial_number ?? []).slice(0, 8);

/** Every id of an order in an answer, whatever the names it stands under. */
function shownIds(text: string): readonly string[] {
  const known = new Set(idsOf(all));
  return [...new Set(text.match(/\b7\d{5}\b/g) ?? [])].filter((id) => known.has(id)).sort();
}

describe('a key limited to one division sees its rows and no other', () => {
  it('in lists, counts and pages', async () => {
    const { orders } = dataOf<{ orders: { totalCount: number; nodes: { id: string; container: { id: string } }[] } }>(
      await inA.graphql('{ orders(first: 1000) { totalCount nodes { id container { id } } } }'),
    );
    expect(orders.totalCount).toBe(ofA.length);
    expect(orders.nodes.map(({ id }) => id).sort()).toEqual(idsOf(ofA));
    expect(new Set(orders.nodes.map(({ container }) => container.id))).toEqual(new Set([String(a)]));

    const seen: string[] = [];
    for (let after: string | null = null; ;) {
      const page: Page = dataOf<{ orders: Page }>(
        await inA.graphql(
          'query ($after: String) { orders(first: 25, after: $after, orderBy: [{ field: validTill, direction: DESC }]) { totalCount nodes { id } pageInfo { hasNextPage endCursor } } }',
          { after },
        ),
      ).orders;
      expect(page.totalCount).toBe(ofA.length);
      seen.push(...page.nodes.map(({ id }) => id));
      if (!page.pageInfo.hasNextPage) break;
      after = page.pageInfo.endCursor;
    }
    expect(seen).toHaveLength(ofA.length);
    expect([...seen].sort()).toEqual(idsOf(ofA));
  });

  it('through aliases, whatever the filter asks for', async () => {
    const answer = await inA.graphql(`{
      own: orders(first: 1000) { totalCount nodes { id } }
      named: orders(filter: { containerId: { in: [${b}] } }) { totalCount nodes { id } }
      both: orders(first: 1000, filter: { containerId: { in: [${a}, ${b}] } }) { totalCount nodes { id } }
      other: orders(filter: { containerId: { not: [${a}] } }) { totalCount nodes { id } }
      any: orders(first: 1000, filter: { anyOf: [{ containerId: { in: [${b}] } }, { status: { in: [issued] } }] }) { totalCount nodes { id } }
      not: orders(filter: { not: { containerId: { in: [${a}] } } }) { totalCount nodes { id } }
      ids: orders(filter: { id: { in: [${ofB
        .slice(0, 5)
        .map(({ id }) => id)
        .join(', ')}] } }) { totalCount nodes { id } }
      details: order_details { id }
      detailsOfB: order_details(container_id: "${b}") { id }
    }`);
    const data = dataOf<Record<string, { totalCount: number; nodes: { id: string }[] }>>(answer);
    const counts = Object.fromEntries(
      ['own', 'named', 'both', 'other', 'any', 'not', 'ids'].map((name) => [
        name,
        [data[name]!.totalCount, data[name]!.nodes.length],
      ]),
    );
    const every = [ofA.length, ofA.length];
    const issued = issuedOf(ofA).length;
    expect(counts).toEqual({
      own: every,
      named: [0, 0],
      both: every,
      other: [0, 0],
      any: [issued, issued],
      not: [0, 0],
      ids: [0, 0],
    });
    expect(data['details']).toHaveLength(ofA.length);
    expect(data['detailsOfB']).toEqual([]);
    expect(shownIds(answer.text)).toEqual(idsOf(ofA));
  });

  it('by id, alone and among its own', async () => {
    const asked = [...ofB.slice(0, 5), ...ofA.slice(0, 5)];
    const query = (fields: string) =>
      `{ ${asked.map(({ id }) => `o${id}: order(id: ${id}) { ${fields} }`).join(' ')} }`;
    for (const fields of [
      'id',
      'id certificate { keySize csr }',
      'id agreementId plusFeature',
      'id container { name }',
    ]) {
      const answer = await inA.graphql(query(fields));
      const data = dataOf<Record<string, { id: string } | null>>(answer);
      expect(Object.values(data).map((order) => order?.id ?? null)).toEqual([
        ...Array<null>(5).fill(null),
        ...ofA.slice(0, 5).map(({ id }) => String(id)),
      ]);
    }
    const byId = await inA.graphql(`{ order_details_by_id(id: ${ofB[0]!.id}) { id status } }`);
    expect(dataOf(byId)).toEqual({ order_details_by_id: null });
  });

  it('by serial number and thumbprint', async () => {
    for (const serial of serialsOf(issuedOf(ofB))) {
      const { certificate } = dataOf(
        await inA.graphql(`{ certificate(serialNumber: "${serial}") { serialNumber order { id } } }`),
      );
      expect([serial, certificate]).toEqual([serial, null]);
    }
    for (const serial of serialsOf(issuedOf(ofA)).slice(0, 2)) {
      const { certificate } = dataOf(await inA.graphql(`{ certificate(serialNumber: "${serial}") { serialNumber } }`));
      expect(certificate).toEqual({ serialNumber: serial });
    }
    const { thumbprint } = (
      (await askUpstream(emulator, `/order/certificate/${issuedOf(ofB)[0]!.id}`)) as {
        certificate: { thumbprint: string };
      }
    ).certificate;
    const query = `{ certificate(thumbprint: "${thumbprint}") { order { id } } }`;
    expect(dataOf(await inA.graphql(query))).toEqual({ certificate: null });
    expect(dataOf(await inB.graphql(query))).toEqual({ certificate: { order: { id: String(issuedOf(ofB)[0]!.id) } } });
  });

  it('with a limit that the other division would fill', async () => {
    const latest = (orders: readonly ListedOrder[]) =>
      orders
        .flatMap(({ certificate }) => certificate.valid_till ?? [])
        .sort()
        .reverse();
    expect(latest(all)[0]! >= latest(ofA)[0]!).toBe(true);
    const sorted = '(limit: 5, sort: ["valid_till", "DESC"]) { id valid_till }';
    const { order_details: rows } = dataOf<{ order_details: { id: string; valid_till: string }[] }>(
      await inA.graphql(`{ order_details${sorted} }`),
    );
    expect(rows.map(({ valid_till }) => valid_till)).toEqual(latest(ofA).slice(0, 5));
    expect(rows.filter(({ id }) => !idsOf(ofA).includes(id))).toEqual([]);
    const first = dataOf<{ order_details: unknown[] }>(await inA.graphql('{ order_details(limit: 5) { id csr } }'));
    expect(first.order_details).toHaveLength(5);
    expect(dataOf(await inA.graphql(`{ order_details(limit: 5, container_id: "${b}") { id } }`))).toEqual({
      order_details: [],
    });
  });

  it('in organizations and domains', async () => {
    const query =
      '{ organizations { id container { id } assignedContainers { id } domains { id container { id } } } domains { id container { id } } }';
    const { organizations, domains } = dataOf<{ organizations: Owned[]; domains: Owned[] }>(await inA.graphql(query));
    const own = new Set(
      ofA.flatMap(({ organization }) => (organization === undefined ? [] : [String(organization.id)])),
    );
    expect(organizations.length).toBeGreaterThan(0);
    const reachable = (each: Owned) =>
      [each.container, ...(each.assignedContainers ?? [])].some((container) => container?.id === String(a));
    expect(organizations.filter((each) => !reachable(each) && !own.has(each.id))).toEqual([]);
    expect(
      [...domains, ...organizations.flatMap((each) => each.domains ?? [])].filter(
        ({ container }) => container?.id === String(b),
      ),
    ).toEqual([]);
  });

  it('at the report address, as JSON and CSV', async () => {
    const own = idsOf(issuedOf(ofA));
    const json = await inA.report('inventory-full.json');
    expect(json.json.rows!.map((row) => row['order_id']).sort()).toEqual(own);
    expect(shownIds((await inA.report('inventory-full.csv')).text)).toEqual(own);
    expect((await inA.report(`inventory-full.json?containerIds=${b}`)).json.rows).toEqual([]);
    expect(
      (await inA.report(`inventory-full.json?first=5`)).json.rows!.filter(
        (row) => !own.includes(String(row['order_id'])),
      ),
    ).toEqual([]);
    expect(shownIds((await inA.report('orders-by-organization.csv')).text)).toEqual(own);
  });

  it('at the Custom Reports address', async () => {
    const list = await inA.customReports('{order_details{id container_id container_name}}');
    expect(list.status).toBe(200);
    expect(shownIds(list.text)).toEqual(idsOf(ofA));
    for (const { id } of ofB.slice(0, 3))
      expect((await inA.customReports(`{order_details_by_id(id:${id}){id}}`)).text).toBe(
        '{"data":{"order_details_by_id":null}}',
      );
    const mixed = await inA.customReports(
      `{b:order_details(container_id:"${b}",limit:3){id} one:order_details_by_id(id:${ofB[0]!.id}){id} own:order_details_by_id(id:${ofA[0]!.id}){id}}`,
    );
    expect(mixed.text).toBe(`{"data":{"b":[],"one":null,"own":{"id":"${ofA[0]!.id}"}}}`);
  });
});

it('a key without any division sees nothing, and asks for nothing', async () => {
  await emulator.control('stats', { method: 'DELETE' });
  const answer = await nowhere.graphql(`{
    orders { totalCount nodes { id } } order(id: ${ofA[0]!.id}) { id } order_details { id }
    order_details_by_id(id: ${ofB[0]!.id}) { id } certificate(serialNumber: "${serialsOf(issuedOf(ofA))[0]}") { id }
  }`);
  expect(dataOf(answer)).toEqual({
    orders: { totalCount: 0, nodes: [] },
    order: null,
    order_details: [],
    order_details_by_id: null,
    certificate: null,
  });
  expect((await nowhere.report('inventory-full.json')).json.rows).toEqual([]);
  expect(shownIds((await nowhere.report('inventory-full.csv')).text)).toEqual([]);
  expect((await nowhere.customReports('{order_details{id}}')).text).toBe('{"data":{"order_details":[]}}');
  expect(await emulator.control('stats')).toMatchObject({ total: 0 });
});

it('two keys that run the same template at the same moment get their own rows, twenty times', async () => {
  for (let round = 1; round <= 20; round += 1) {
    const [fromA, fromB, again] = await Promise.all([
      inA.report('inventory-full.json'),
      inB.report('inventory-full.json'),
      inA.report('inventory-full.json'),
    ]);
    const rowsOf = ({ json }: typeof fromA) => json.rows!.map((row) => row['order_id']).sort();
    expect(rowsOf(fromA)).toEqual(idsOf(issuedOf(ofA)));
    expect(rowsOf(fromB)).toEqual(idsOf(issuedOf(ofB)));
    expect(rowsOf(again)).toEqual(idsOf(issuedOf(ofA)));
  }
});

interface Page {
  readonly totalCount: number;
  readonly nodes: readonly { readonly id: string }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
}

interface Owned {
  readonly id: string;
  readonly container: { readonly id: string } | null;
  readonly assignedContainers?: readonly { readonly id: string }[];
  readonly domains?: readonly Owned[];
}
