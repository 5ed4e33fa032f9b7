import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { strFromU8, unzipSync } from 'fflate';
import { parquetReadObjects } from 'hyparquet';
import { codesOf, startRunningGateway, templateFile, type RunningGateway } from './running-gateway.ts';

let gateway: RunningGateway;
let key: string;
const orders = 2_500;
/** A report of every order, of whatever status. */
let all: string;

beforeAll(async () => {
  gateway = await startRunningGateway({ EMULATOR_ORDERS: String(orders) });
  key = (await gateway.makeKey({ level: 'ID_ONLY' })).secret;
  const { json } = await gateway.post({ query: '{ __type(name: "OrderStatus") { enumValues { name } } }' });
  const statuses: { name: string }[] = json!['data'].__type.enumValues;
  all = `inventory-full.json?${statuses.map(({ name }) => `statuses=${name}`).join('&')}`;
});
afterAll(() => gateway.close());

interface Operation {
  readonly parameters: readonly { readonly name: string }[];
  readonly 'x-certfolio-one-of'?: readonly string[];
}

const report = (path: string, headers: Record<string, string> = {}, as = key) =>
  gateway.ask(`/r/${path}`, { key: as, headers });

describe('formats', () => {
  it.each([
    ['expiring-soon.json', undefined, 'application/json; charset=utf-8'],
    ['expiring-soon', undefined, 'application/json; charset=utf-8'],
    ['expiring-soon', '*/*', 'application/json; charset=utf-8'],
    ['expiring-soon', 'text/html, */*;q=0.1', 'text/html; charset=utf-8'],
    ['expiring-soon.csv', undefined, 'text/csv; charset=utf-8; header=present'],
    ['expiring-soon', 'text/csv', 'text/csv; charset=utf-8; header=present'],
    ['expiring-soon.csv', 'application/json', 'text/csv; charset=utf-8; header=present'],
    ['expiring-soon.ndjson', undefined, 'application/x-ndjson; charset=utf-8'],
    ['expiring-soon', 'application/x-ndjson', 'application/x-ndjson; charset=utf-8'],
    ['expiring-soon', 'text/csv;q=0.5, application/x-ndjson', 'application/x-ndjson; charset=utf-8'],
    ['expiring-soon@1.csv', undefined, 'text/csv; charset=utf-8; header=present'],
  ])('%s with Accept %s is %s', async (path, accept, type) => {
    const answer = await report(path, accept === undefined ? {} : { accept });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, type]);
  });

  it('the same rows in each, by name and by every id', async () => {
    const { id } = await templateFile('expiring-soon');
    const json = (await report('expiring-soon.json?days=365')).json!['rows'];
    const ndjson = (await report('expiring-soon.ndjson?days=365')).text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const csv: string[][] = parse((await report('expiring-soon.csv?days=365')).text, { bom: true });
    expect(json.length).toBeGreaterThan(20);
    expect(ndjson).toEqual(json);
    expect(csv).toHaveLength(json.length + 1);
    expect(csv[0]).toEqual(Object.keys(json[0]));
    expect((await report(`${id}.json?days=365`)).json!['rows']).toEqual(json);
    expect((await report(`sha256:${id.toUpperCase()}.json?days=365`)).json!['rows']).toEqual(json);
  });

  it('one that cannot be given is a 406, by extension and by Accept', async () => {
    const answer = await report('expiring-soon', { accept: 'image/png' });
    expect([answer.status, codesOf(answer)]).toEqual([406, ['NOT_ACCEPTABLE']]);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    const noDays = await report('inventory-full.ics');
    expect([noDays.status, codesOf(noDays)]).toEqual([406, ['NOT_ACCEPTABLE']]);
    expect(noDays.json!['errors']![0]!.message).toMatch(/"inventory-full" has no days that could be events/);
  });

  it('each has the same cells, and tells that there are more rows when it is cut off', async () => {
    const rows = (await report('expiring-soon.json?days=365')).json!['rows'];
    const bytes = async (extension: string, as = key) => {
      const url = `${gateway.url}/r/expiring-soon.${extension}?days=365`;
      return new Uint8Array(await (await fetch(url, { headers: { authorization: `Bearer ${as}` } })).arrayBuffer());
    };
    const sheet = strFromU8(unzipSync(await bytes('xlsx'))['xl/worksheets/sheet1.xml']!);
    expect(sheet.match(/<row /g)).toHaveLength(rows.length + 1);
    const parquet = await parquetReadObjects({ file: (await bytes('parquet')).buffer as ArrayBuffer });
    expect(parquet.map(({ order_id }) => order_id)).toEqual(rows.map(({ order_id }: { order_id: string }) => order_id));
    expect(strFromU8(await bytes('ics')).match(/BEGIN:VEVENT/g)).toHaveLength(rows.length);
    expect(strFromU8(await bytes('html')).match(/<tr><td/g)).toHaveLength(rows.length);

    const { secret } = await gateway.makeKey({ level: 'OPEN', limits: { rows: 3 } });
    // The mirror counts the rest; a live read of so many rows, before it is filled, does not.
    const statement = new RegExp(`3 of ${rows.length.toLocaleString('en-US')} rows|the first 3 rows; there are more`);
    for (const extension of ['html', 'ics']) {
      const text = strFromU8(await bytes(extension, secret));
      expect(text.replaceAll('\\', '')).toMatch(statement);
    }
    const sheets = Object.entries(unzipSync(await bytes('xlsx', secret))).filter(([name]) =>
      /worksheets\/sheet/.test(name),
    );
    expect(sheets.map(([, xml]) => strFromU8(xml)).join('\n')).toMatch(statement);
    const cut = await report('expiring-soon.json?days=365', {}, secret);
    expect(cut.json!['extensions'].certfolio).toMatchObject({ truncated: true, rows: 3 });
    expect([rows.length, null]).toContain(cut.json!['extensions'].certfolio.totalRows);
  });

  it('a file has an entity tag that its rows decide, not its age', async () => {
    for (const extension of ['xlsx', 'html', 'ics', 'parquet']) {
      const etag = (await report(`expiring-soon.${extension}`)).headers.get('etag')!;
      expect((await report(`expiring-soon.${extension}`, { 'if-none-match': etag })).status).toBe(304);
      expect((await report(`expiring-soon.${extension}?days=365`, { 'if-none-match': etag })).status).toBe(200);
    }
    const page = await report('expiring-soon.html');
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'/);
  });

  it('unknown templates, versions and hostile names are a 404', async () => {
    for (const path of [
      'nothing',
      'nothing.csv',
      'expiring-soon@99',
      '__proto__',
      'constructor.csv',
      'expiring-soon.exe',
      '.csv',
      'a'.repeat(64),
      '%2e%2e%2fetc%2fpasswd',
    ]) {
      const answer = await report(path);
      expect([path, answer.status]).toEqual([path, 404]);
      expect(answer.json?.errors?.[0]?.extensions?.['code']).toMatch(/NOT_(IN_LIST|FOUND)/);
    }
  });
});

describe('variables', () => {
  it('unknown, repeated and wrong ones are refused by name', async () => {
    for (const [query, name] of [
      ['dayz=3', 'dayz'],
      ['days=soon', 'days'],
      ['days=99999', 'days'],
      ['days=3&days=4', 'days'],
      ['excludeRenewed=maybe', 'excludeRenewed'],
      ['__proto__=1', '__proto__'],
      ['days=', 'days'],
    ] as const) {
      const answer = await report(`expiring-soon?${query}`);
      expect([query, answer.status, codesOf(answer)]).toEqual([query, 400, ['BAD_USER_INPUT']]);
      expect(answer.json!.errors![0]!.message).toContain(name);
    }
  });

  it('broken percent-encoding is no crash', async () => {
    for (const path of ['expiring-soon?days=%', 'expiring-soon?%zz=1', '%zz']) {
      expect((await report(path)).status).toBeGreaterThanOrEqual(400);
      expect((await report(path)).status).toBeLessThan(500);
    }
  });
});

describe('caching', () => {
  it.each(['json', 'csv', 'ndjson'])('%s has an entity tag and answers 304 to it', async (extension) => {
    const path = `expiring-soon.${extension}?days=30`;
    const first = await report(path);
    const etag = first.headers.get('etag')!;
    expect(etag).toMatch(/^"[\w-]+"$/);
    expect(first.headers.get('cache-control')).toMatch(/^private/);
    for (const name of ['accept', 'authorization', 'x-dc-devkey'])
      expect(first.headers.get('vary')!.toLowerCase()).toContain(name);
    const again = await report(path, { 'if-none-match': etag });
    expect([again.status, again.text]).toEqual([304, '']);
    expect((await report(`expiring-soon.${extension}?days=400`, { 'if-none-match': etag })).status).toBe(200);
  });
});

describe('the whole of a report', () => {
  it('2,500 orders come over several pages, each row once', async () => {
    const { status, json } = await report(all);
    expect([status, json!.errors]).toEqual([200, undefined]);
    const ids: string[] = json!['rows'].map((row: { order_id: string }) => row.order_id);
    const { totalCount } = (await gateway.post({ query: '{ orders(first: 1) { totalCount } }' })).json!['data'].orders;
    expect(totalCount).toBe(orders);
    expect(ids.length).toBe(orders);
    expect(new Set(ids).size).toBe(orders);
    expect(json!['extensions'].certfolio).toMatchObject({
      rows: orders,
      truncated: false,
      template: { name: 'inventory-full', version: 1 },
    });
  }, 30_000);

  it('page by page with a size of 700 it is the same', async () => {
    const { json } = await report(all);
    const wanted = json!['rows'].map((row: { order_id: string }) => row.order_id);
    const { text } = await templateFile('inventory-full');
    const statuses = new URL(`http://a/${all}`).searchParams.getAll('statuses');
    const ids: string[] = [];
    let after: string | null = null;
    for (let page = 0; page < 10; page += 1) {
      const answer = await gateway.post({ query: text, variables: { statuses, first: 700, after } });
      const { nodes, pageInfo } = answer.json!['data'].orders;
      ids.push(...nodes.map(({ id }: { id: string }) => id));
      after = pageInfo.endCursor;
      if (!pageInfo.hasNextPage) break;
    }
    expect(ids).toEqual(wanted);
  }, 30_000);

  it('over the rows of the key it is cut, and says so in the body and the header', async () => {
    const { secret } = await gateway.makeKey({ level: 'ID_ONLY', limits: { rows: 1_234 } });
    const json = await report(all, {}, secret);
    expect(json.json!['rows']).toHaveLength(1_234);
    expect(json.json!['extensions'].certfolio).toMatchObject({ truncated: true, rows: 1_234 });
    expect(json.headers.get('certfolio-truncated')).toBe('true');
    const csv = await report(all.replace('.json', '.csv'), {}, secret);
    expect(parse(csv.text, { bom: true })).toHaveLength(1_235);
    expect([csv.headers.get('certfolio-truncated'), csv.headers.get('certfolio-rows')]).toEqual(['true', '1234']);
  }, 30_000);

  it('not cut it says so as well', async () => {
    const answer = await report('expiring-soon.csv');
    expect(answer.headers.get('certfolio-truncated')).toBe('false');
    expect(answer.headers.get('certfolio-rows')).toMatch(/^\d+$/);
  });

  it('divisions that the key may not see are in no row and no count', async () => {
    const { json: seen } = await report(all);
    const names = new Set(seen!['rows'].map((row: { container_name: string }) => row.container_name));
    expect(names.size).toBeGreaterThan(1);
    const { secret } = await gateway.makeKey({ level: 'ID_ONLY', containers: [] });
    expect((await report(all, {}, secret)).json!['rows']).toEqual([]);
  }, 30_000);
});

describe('/r/openapi.json', () => {
  it('describes every report of the key with its variables', async () => {
    const { status, json } = await report('openapi.json');
    expect(status).toBe(200);
    const document = json!;
    expect(document['openapi']).toMatch(/^3\.1\.\d$/);
    expect(document['info']).toMatchObject({ title: expect.any(String), version: expect.any(String) });
    const operationIds: string[] = [];
    for (const [path, item] of Object.entries<Record<string, Record<string, unknown>>>(document['paths'])) {
      expect(path).toMatch(/^\/r\/[a-z0-9-]+\.(json|csv|ndjson|xlsx|parquet|ics|html)$/);
      const get = item['get']! as {
        operationId: string;
        parameters: { name: string; in: string; schema: object }[];
        responses: Record<string, unknown>;
      };
      operationIds.push(get.operationId);
      const names = get.parameters.map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      for (const parameter of get.parameters)
        expect(parameter).toMatchObject({ in: 'query', schema: { type: expect.any(String) } });
      expect(Object.keys(get.responses)).toEqual(expect.arrayContaining(['200', '304', '401', '404', '429']));
    }
    expect(new Set(operationIds).size).toBe(operationIds.length);
    const { text } = await report('openapi.json');
    const schemes = Object.keys(document['components'].securitySchemes);
    expect(document['security'].flatMap(Object.keys).sort()).toEqual(schemes.sort());
    for (const [, ref] of text.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      const target = ref!
        .split('/')
        .reduce<Record<string, unknown> | undefined>((at, name) => at?.[name] as never, document);
      expect([ref, typeof target]).toEqual([ref, 'object']);
    }
    for (const name of [
      'expiring-soon',
      'inventory-full',
      'revoked',
      'stuck-orders',
      'wildcards',
      'orders-by-organization',
    ])
      expect(document['paths'][`/r/${name}.json`]).toBeDefined();
  });

  it('its addresses answer', async () => {
    const { json } = await report('openapi.json');
    for (const [path, { get }] of Object.entries<{ get: Operation }>(json!['paths'])) {
      // One row is enough, and costs no call for each order of an account.
      const search = new URLSearchParams(get.parameters.some(({ name }) => name === 'first') ? 'first=1' : '');
      const [wanted] = get['x-certfolio-one-of'] ?? [];
      if (wanted !== undefined) search.set(wanted, 'nobody.example');
      const answer = await gateway.ask(`${path}?${search}`, { key });
      expect([path, answer.status]).toEqual([path, 200]);
    }
  }, 60_000);
});
