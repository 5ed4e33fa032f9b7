import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase } from '@certfolio/database/testing';
import {
  readCsv,
  readJson,
  readNdjson,
  readParquet,
  readXlsx,
  type ReadCell,
  type ReadTable,
} from '@certfolio/testing/report-readers';
import { askUpstream, createStage, runCommand, type CreatedCaller, type ProductProcess } from '../harness/index.ts';
import { startHook, startMailbox, type Hook, type Mailbox } from '../schedules/receivers.ts';

/** Many pages of CertCentral's, and of the exporters'. */
const orders = 25_000;
const ordersText = orders.toLocaleString('en-US');
const cap = 1_000;
const stage = createStage();
let dir: string;
let product: ProductProcess;
let whole: CreatedCaller;
let capped: CreatedCaller;
let hook: Hook;
let mailbox: Mailbox;
let listed: ReadonlyMap<string, string>;

/** Types of the columns of the template beside this file, as the graph has them. */
const types = new Map([
  ['date_created', 'timestamp'],
  ['valid_till', 'date'],
  ['days_left', 'integer'],
  ['dns_names', 'texts'],
  ['is_renewed', 'flag'],
  ['cost', 'decimal'],
]);

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'certfolio-formats-'));
  stage.defer(() => rm(dir, { recursive: true, force: true }));
  hook = await startHook();
  stage.defer(() => hook.stop());
  mailbox = await startMailbox();
  stage.defer(() => mailbox.stop());
  await writeFile(join(dir, 'webhook-secret'), 'a-secret-that-both-sides-know-0123456789');
  await writeFile(
    join(dir, 'certfolio.yaml'),
    `destinations:
  share: { kind: folder, path: ${join(dir, 'out')} }
  mail: { kind: email, host: 127.0.0.1, port: ${mailbox.port}, allowPlain: true, from: certfolio@example.test, to: [pki@example.test] }
  cmdb: { kind: webhook, url: '${hook.url}', secretFile: webhook-secret }
egress: { allow: [127.0.0.1] }
`,
  );
  const [emulator, database] = await Promise.all([stage.emulator({ orders, limits: 'off' }), createTestDatabase()]);
  stage.defer(() => database.drop());
  product = await stage.productOn(emulator, {
    env: {
      CERTFOLIO_DATABASE_URL: database.url,
      CERTFOLIO_CONFIG: join(dir, 'certfolio.yaml'),
      CERTFOLIO_TEMPLATES_DIR: join(import.meta.dirname, 'templates'),
      CERTFOLIO_REQUEST_TIMEOUT_MS: '120000',
    },
  });
  const scopes = ['templates:run', 'schedules:write'];
  const limits = { requestsPerMinute: 1_000, costPerMinute: 100_000_000 };
  const key = { owner: 'pki', level: 'OPEN', scopes };
  whole = await product.createKey({ ...key, name: 'whole', limits: { ...limits, rows: 100_000 } });
  capped = await product.createKey({ ...key, name: 'capped', limits: { ...limits, rows: cap } });
  listed = await namesByOrder();

  async function namesByOrder(): Promise<ReadonlyMap<string, string>> {
    const names = new Map<string, string>();
    for (let offset = 0; offset < orders; offset += 1_000) {
      const page = (await askUpstream(emulator, `/order/certificate?limit=1000&offset=${offset}`)) as {
        orders: { id: number; certificate?: { common_name?: string } }[];
      };
      for (const { id, certificate } of page.orders) names.set(String(id), certificate?.common_name ?? '');
    }
    return names;
  }
}, 180_000);

async function fileOf(caller: CreatedCaller, format: string): Promise<{ headers: Headers; body: Buffer }> {
  const response = await fetch(`${product.url}/r/every-type.${format}`, {
    headers: { authorization: `Bearer ${caller.key}` },
  });
  expect(response.status).toBe(200);
  return { headers: response.headers, body: Buffer.from(await response.arrayBuffer()) };
}

describe(`${ordersText} rows`, () => {
  /** As JSON has them; it is held against CertCentral, and the other formats against it. */
  let json: ReadTable;

  it('come as JSON, every order that CertCentral lists, once and in the order of the ids', async () => {
    const read = readJson((await fileOf(whole, 'json')).body);
    json = read;
    expect(read.extensions.certfolio).toMatchObject({ rows: orders, totalRows: orders, truncated: false });
    const idAt = read.columns.indexOf('order_id');
    const nameAt = read.columns.indexOf('common_name');
    const found = new Map(read.rows.map((row) => [String(row[idAt]), String(row[nameAt] ?? '')]));
    expect(read.rows).toHaveLength(orders);
    expect(differences([...found].toSorted(), [...listed].toSorted())).toEqual([]);
  });

  it('have something of every type, and text that would be a formula', () => {
    for (const title of json.columns) expect(columnOf(json, title).some((cell) => cell !== null)).toBe(true);
    expect(columnOf(json, 'common_name').concat(columnOf(json, 'organization_name')).some(isFormula)).toBe(true);
  });

  it('are the same as NDJSON', async () => {
    const read = readNdjson((await fileOf(whole, 'ndjson')).body);
    expect(read.columns).toEqual(json.columns);
    expect(differences(read.rows, json.rows)).toEqual([]);
  }, 120_000);

  it('are the same as CSV, formulas disarmed', async () => {
    const { body, headers } = await fileOf(whole, 'csv');
    const read = readCsv(body);
    expect(headers.get('certfolio-truncated')).toBe('false');
    expect(read.columns).toEqual(json.columns);
    expect(differences(read.rows, rowsAs(json, csvCell))).toEqual([]);
  }, 120_000);

  it('are the same as a workbook', async () => {
    const read = readXlsx((await fileOf(whole, 'xlsx')).body);
    expect(read.columns).toEqual(json.columns);
    expect(differences(read.rows, rowsAs(json, workbookCell))).toEqual([]);
    expect(read.about.get('Rows')).toBe(`${ordersText} of ${ordersText} rows`);
    expect(read.about.get('Complete')).toBe('yes');
  }, 120_000);

  it('are the same as Parquet', async () => {
    const read = await readParquet((await fileOf(whole, 'parquet')).body);
    expect(read.columns).toEqual(json.columns);
    expect(differences(read.rows, rowsAs(json, parquetCell))).toEqual([]);
    expect(read.metadata.get('certfolio.rows')).toBe(`${ordersText} of ${ordersText} rows`);
  }, 120_000);
});

describe('a key that gets 1,000 rows', () => {
  it('is told so by every format, in its own way', async () => {
    const json = readJson((await fileOf(capped, 'json')).body);
    expect(json.rows).toHaveLength(cap);
    expect(json.extensions.certfolio).toMatchObject({ rows: cap, totalRows: orders, truncated: true });

    const workbook = readXlsx((await fileOf(capped, 'xlsx')).body);
    expect(workbook.rows).toHaveLength(cap);
    expect(workbook.about.get('Rows')).toBe(`1,000 of ${ordersText} rows`);
    expect(workbook.about.get('Complete')).toBe('no, cut off at the row limit');

    const parquet = await readParquet((await fileOf(capped, 'parquet')).body);
    expect(parquet.rows).toHaveLength(cap);
    expect(parquet.metadata.get('certfolio.rows')).toBe(`1,000 of ${ordersText} rows`);

    const page = (await fileOf(capped, 'html')).body.toString();
    expect(page).toContain('<dl class="warning">');
    expect(page).toContain(`<dd>1,000 of ${ordersText} rows</dd>`);

    expect((await fileOf(capped, 'ics')).body.toString().replaceAll('\r\n ', '')).toContain(
      `Cut off: 1\\,000 of ${ordersText.replace(',', '\\,')} rows.`,
    );

    // What has no place of its own for it says so in its answer.
    for (const format of ['csv', 'ndjson', 'json', 'xlsx', 'parquet', 'html', 'ics']) {
      const { headers } = await fileOf(capped, format);
      expect([format, headers.get('certfolio-truncated'), headers.get('certfolio-total-rows')]).toEqual([
        format,
        'true',
        String(orders),
      ]);
    }
  }, 120_000);

  it('is told so by a schedule: in the folder, the mail, the webhook, the run and its files', async () => {
    const certfolio = (...args: string[]) => runCommand({ url: product.url, key: capped.key }, args, dir);
    await writeFile(
      join(dir, 'schedules.yaml'),
      '- name: cut\n  template: every-type\n  cron: 30 2 * * *\n  formats: [csv, ndjson, xlsx, parquet, json, html]\n  to: [share, mail, cmdb]\n',
    );
    expect(await certfolio('schedules', 'apply', '-f', 'schedules.yaml')).toMatchObject({ code: 0 });
    const ran = await certfolio('schedules', 'run', 'cut', '--json');
    expect([ran.code, ran.stderr]).toEqual([0, expect.any(String)]);
    const { id } = JSON.parse(ran.stdout) as { id: string };
    const shown = await certfolio('runs', 'show', id, '--json');
    expect(JSON.parse(shown.stdout)).toMatchObject({
      state: 'DELIVERED',
      rows: cap,
      totalRows: orders,
      truncated: true,
    });
    expect((await certfolio('runs', 'show', id)).stdout).toContain(`1,000 of ${ordersText}`);

    const names = await readdir(join(dir, 'out'), { recursive: true });
    const read = (end: string) =>
      readFile(
        join(
          dir,
          'out',
          names.find((name) => name.endsWith(end))!,
        ),
      );
    const manifest = JSON.parse((await read('manifest.json')).toString()) as { files: { name: string }[] };
    expect(manifest).toMatchObject({
      headline: `1,000 of ${ordersText} rows`,
      rows: cap,
      totalRows: orders,
      truncated: true,
    });
    expect(manifest.files.map(({ name }) => name.split('.').at(-1)).toSorted()).toEqual([
      'csv',
      'html',
      'json',
      'ndjson',
      'parquet',
      'xlsx',
    ]);
    const folder = names.find((name) => name.endsWith('manifest.json'))!;
    expect(await certfolio('runs', 'verify', join('out', folder))).toMatchObject({ code: 0 });
    expect(readCsv(await read('.csv')).rows).toHaveLength(cap);
    expect(readNdjson(await read('.ndjson')).rows).toHaveLength(cap);
    expect(readXlsx(await read('.xlsx')).about.get('Rows')).toBe(`1,000 of ${ordersText} rows`);
    expect((await readParquet(await read('.parquet'))).metadata.get('certfolio.rows')).toBe(
      `1,000 of ${ordersText} rows`,
    );
    expect((await read('.html')).toString()).toContain(`<dd>1,000 of ${ordersText} rows</dd>`);
    const answer = JSON.parse((await read(`Z.json`)).toString()) as { extensions: unknown };
    expect(answer.extensions).toMatchObject({ certfolio: { rows: cap, totalRows: orders, truncated: true } });

    const mail = mailText(mailbox.mails[0]!.raw);
    expect(mail).toMatch(new RegExp(`^Subject: .*1,000 of ${ordersText} rows`, 'm'));
    expect(mail).toContain(`\n1,000 of ${ordersText} rows\n`);
    expect(mail).toContain('Complete: no, cut off at the row limit');
    expect(JSON.parse(hook.calls[0]!.body.toString())).toMatchObject({
      headline: `1,000 of ${ordersText} rows`,
      rows: cap,
      totalRows: orders,
      truncated: true,
    });
  }, 120_000);
});

/** The head of a mail with its words joined, and its first part as plain text. */
function mailText(raw: string): string {
  return raw
    .replace(/=\r\n/g, '')
    .replace(/\r\n[ \t]/g, ' ')
    .replaceAll('\r\n', '\n')
    .replace(/=\?UTF-8\?Q\?(.*?)\?=/gi, (_, words: string) => words.replaceAll('_', ' '))
    .replace(/=([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
}

const columnOf = ({ columns, rows }: ReadTable, title: string): readonly ReadCell[] =>
  rows.map((row) => row[columns.indexOf(title)] ?? null);
const isFormula = (cell: ReadCell) => /^[=+\-@\t\r＝＋－＠]/.test(String(cell));

function rowsAs({ columns, rows }: ReadTable, as: (cell: ReadCell, type: string) => ReadCell): ReadCell[][] {
  const typeOf = columns.map((title) => types.get(title) ?? 'text');
  return rows.map((row) => row.map((cell, at) => as(cell, typeOf[at]!)));
}

function csvCell(cell: ReadCell, type: string): ReadCell {
  if (cell === null) return '';
  const text = Array.isArray(cell) ? cell.join(',') : String(cell);
  return /^text/.test(type) && isFormula(text) ? `'${text}` : text;
}

function workbookCell(cell: ReadCell, type: string): ReadCell {
  if (cell === null) return null;
  if (Array.isArray(cell)) return cell.join(',');
  if (type === 'decimal') return Number(cell);
  return type === 'timestamp' ? String(cell).slice(0, 19).replace('T', ' ') : cell;
}

function parquetCell(cell: ReadCell, type: string): ReadCell {
  if (cell === null) return null;
  if (type === 'integer') return BigInt(cell as number);
  if (type === 'decimal') return Number(cell).toFixed(6);
  return type === 'timestamp' ? new Date(String(cell)).toISOString() : cell;
}

/** The first differences of two tables, row by row and cell by cell; a comparison by the test runner takes minutes. */
function differences(found: readonly (readonly ReadCell[])[], wanted: readonly (readonly ReadCell[])[]): string[] {
  const told: string[] = found.length === wanted.length ? [] : [`${found.length} rows, not ${wanted.length}`];
  const isSame = (a: ReadCell | undefined, b: ReadCell | undefined) =>
    a === b || (Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((each, at) => each === b[at]));
  for (const [y, row] of wanted.entries())
    for (const [x, cell] of row.entries()) {
      if (isSame(found[y]?.[x], cell)) continue;
      told.push(`row ${y + 1}, column ${x + 1}: ${shown(found[y]?.[x])}, not ${shown(cell)}`);
      if (told.length > 10) return told;
    }
  return told;
}

const shown = (cell: ReadCell | undefined) =>
  typeof cell === 'bigint' ? `${cell}n` : (JSON.stringify(cell)?.slice(0, 80) ?? 'nothing');
