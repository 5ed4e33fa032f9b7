import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startEmulator, type Client } from './client.ts';

type Row = Record<string, string | null>;

let client: Client;
let all: Row[];
beforeAll(async () => {
  client = await startEmulator();
  const fields =
    'id status valid_from valid_till container_id organization_id product_name_id serial_number signature_hash user_id date_created ca_cert_id common_name dns_names locale email cost';
  all = (await client.query(`{ order_details { ${fields} } }`)).body.data.order_details;
});
afterAll(() => client.emulator.close());

async function ids(args: string): Promise<(string | null)[]> {
  const { body } = await client.query(`{ order_details(${args}) { id } }`);
  return body.data.order_details.map(({ id }: Row) => id);
}
const wanted = (passes: (row: Row) => boolean) => all.filter(passes).map(({ id }) => id);

describe('arguments of order_details', () => {
  const sample = (column: string) => all.find((row) => row[column] !== null)?.[column] ?? '';

  it.each([
    'status',
    'container_id',
    'organization_id',
    'product_name_id',
    'serial_number',
    'signature_hash',
    'user_id',
    'ca_cert_id',
    'locale',
    'email',
    'common_name',
  ])('%s compares for equality', async (column) => {
    const value = sample(column);
    expect(await ids(`${column}: ${JSON.stringify(value)}`)).toEqual(wanted((row) => row[column] === value));
  });

  it('takes lower bounds for valid_from and date_created, an upper one for valid_till', async () => {
    expect(await ids('valid_from: "2026-05-01"')).toEqual(
      wanted(({ valid_from: from }) => from != null && from >= '2026-05-01'),
    );
    expect(await ids('valid_till: "2026-12-15"')).toEqual(
      wanted(({ valid_till: till }) => till != null && till <= '2026-12-15'),
    );
    expect(await ids('date_created: "2026-05-01 10:00:00"')).toEqual(
      wanted(({ date_created: at }) => (at ?? '') >= '2026-05-01 10:00:00'),
    );
  });

  it('understands % in common_name, names in dns_names, parts in search, and combines with and', async () => {
    expect(await ids('common_name: "%bank.test"')).toEqual(
      wanted((row) => row.common_name?.endsWith('bank.test') ?? false),
    );
    expect(await ids('common_name: "shop%"')).toEqual(wanted((row) => row.common_name?.startsWith('shop') ?? false));
    const name = all.find((row) => row.dns_names?.includes(','))?.dns_names?.split(',')[1];
    expect(await ids(`dns_names: "${name}"`)).toEqual(
      wanted((row) => row.dns_names?.split(',').includes(name ?? '') ?? false),
    );
    const found = await ids('search: "shop", status: "issued"');
    expect(found).toEqual(
      wanted((row) => row.status === 'issued' && `${row.common_name} ${row.email}`.includes('shop')),
    );
  });

  it('finds by id and thumbprint', async () => {
    const { body } = await client.query('{ order_details(status: "issued", limit: 1) { id thumbprint } }');
    const [{ id, thumbprint }] = body.data.order_details;
    expect(await ids(`id: ${id}`)).toEqual([id]);
    expect(await ids(`thumbprint: "${thumbprint}"`)).toEqual([id]);
    expect(await ids('thumbprint: "AA"')).toEqual([]);
  });

  it('sorts by a field and a direction, money as numbers, missing values first when ascending', async () => {
    const { body } = await client.query('{ order_details(sort: ["cost", "ASC"]) { cost } }');
    const costs = body.data.order_details.map(({ cost }: Row) => (cost === null ? -1 : Number(cost)));
    expect(costs).toEqual([...costs].sort((one, other) => one - other));
    expect(await ids('sort: ["id", "DESC"], limit: 2, offset: 1')).toEqual(
      wanted(() => true)
        .reverse()
        .slice(1, 3),
    );
  });
});

describe('transport', () => {
  it('answers aliases and several queries in one, fields in the order asked', async () => {
    const id = all[0]?.id;
    const { text } = await client.query(
      `{ one: order_details_by_id(id: ${id}) { status id } none: order_details_by_id(id: 1) { id } }`,
    );
    expect(text).toBe(`{"data":{"one":{"status":"${all[0]?.status}","id":"${id}"},"none":null}}`);
  });

  it('takes JSON with variables and an operation name', async () => {
    const query =
      'query A($id: Int!) { order_details_by_id(id: $id) { id } } query B { order_details(limit: 1) { id } }';
    const post = (body: object) => client.send('POST', '/reports/query', body, { 'content-type': 'application/json' });
    const id = Number(all[5]?.id);
    expect((await post({ query, variables: { id }, operationName: 'A' })).body).toEqual({
      data: { order_details_by_id: { id: String(id) } },
    });
    expect((await post({ query, variables: {}, operationName: 'A' })).status).toBe(400);
    expect((await post({ query })).status).toBe(400);
    expect((await post({})).body.errors[0].code).toBe('bad_request_format');
  });

  it.each(['{ order_details_by_id(id: 1) }', '{ order_details_by_id(id: 1) {} }', '{ order_details'])(
    'answers %s with a syntax error',
    async (text) => {
      const { status, body } = await client.query(text);
      expect(status).toBe(400);
      expect(body.errors[0].message).toMatch(/^Syntax Error/);
      expect(body.data).toBeUndefined();
    },
  );

  it.each([
    '{ order_details { colour } }',
    '{ __schema { types { name } } }',
    'mutation { x }',
    '{ order_details_by_id { id } }',
  ])('refuses %s', async (text) => {
    expect((await client.query(text)).status).toBe(400);
  });

  it('has no other methods', async () => {
    expect((await client.get('/reports/query')).status).toBe(405);
  });
});
