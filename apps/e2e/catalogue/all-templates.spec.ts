import { beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase } from '@certfolio/database/testing';
import { parse } from 'yaml';
import { mirroredProduct, untilMirror, type Mirrored } from '../mirror/mirrored.ts';
import { callsOf, createStage, runCommand } from '../harness/index.ts';
import { factsOf } from './known-orders.ts';

const stage = createStage();
const orders = 600;
const folder = new URL('../../../templates/', import.meta.url);
let mirrored: Mirrored;
let names: readonly string[];

interface Told {
  readonly rows: number;
  readonly upstreamCalls: number;
  readonly truncated: boolean;
  readonly unavailableFields: readonly string[];
}

beforeAll(async () => {
  names = (await readdir(folder)).flatMap((file) => /^(.+)\.graphql$/.exec(file)?.[1] ?? []).sort();
  const database = await createTestDatabase();
  stage.defer(() => database.drop());
  mirrored = await mirroredProduct(stage, { orders }, { env: { CERTFOLIO_DATABASE_URL: database.url } });
  await untilMirror(mirrored.product, ({ isFilled }) => isFilled);
}, 120_000);

/** Rows that an account of 600 orders can have; nothing was placed or changed since the emulator began. */
const plausible: ReadonlyMap<string, readonly [number, number]> = new Map([
  ['balance-and-burn', [6, 6]],
  ['by-issuing-ca', [150, orders]],
  ['cost-by-division-product', [1, 120]],
  ['dcv-expiry', [5, 58]],
  ['duplicates-and-reissues', [10, 200]],
  ['expirations-by-week', [26, 600]],
  ['expiring-soon', [3, 100]],
  ['inventory-full', [150, orders]],
  ['issuance-activity', [0, 60]],
  ['keys-and-signatures', [1, 100]],
  ['lapsed-not-renewed', [0, 60]],
  ['orders-by-organization', [150, orders]],
  ['org-validation-expiry', [1, 60]],
  ['ownership-gaps', [50, orders]],
  ['pqc-readiness', [150, orders]],
  ['renewal-hygiene', [50, orders]],
  ['requests-awaiting-approval', [1, 60]],
  ['revoked', [1, 60]],
  ['short-life-readiness', [100, orders]],
  ['stuck-orders', [1, 60]],
  ['unused-units', [8, 8]],
  ['users-and-keys-audit', [1, 40]],
  ['what-changed', [0, 0]],
  ['where-is-name', [0, 0]],
  ['wildcards', [5, 100]],
]);

/** Calls that a filled mirror does not spare: the balance of today, units, and what is read order by order. */
const calls = new Map([
  ['balance-and-burn', 1],
  ['unused-units', 7],
  // The size of a key without a certificate request, for each row; copies for each row. Each is read once and kept.
  ['keys-and-signatures', 100],
  ['duplicates-and-reissues', 400],
]);
/** Those of them that are asked of CertCentral each time. */
const callsAgain = new Map([
  ['balance-and-burn', 1],
  ['unused-units', 7],
]);

const told = async (name: string) =>
  (await factsOf(
    mirrored.product.admin,
    name === 'where-is-name' ? `${name}.json?name=nobody.example` : `${name}.json`,
  )) as unknown as Told;

describe('each template of the folder', () => {
  it('is one of the catalogue', () => {
    expect(names).toEqual([...plausible.keys()]);
  });

  it('answers from a filled mirror, with plausible rows and for the calls that are stated', async () => {
    for (const name of names) {
      const { rows, upstreamCalls, unavailableFields } = await told(name);
      const [least, most] = plausible.get(name)!;
      const found = { name, rows, upstreamCalls, unavailableFields };
      expect({
        ...found,
        isPlausible: rows >= least && rows <= most,
        isCheap: upstreamCalls <= (calls.get(name) ?? 0),
      }).toEqual({
        ...found,
        isPlausible: true,
        isCheap: true,
        unavailableFields: [],
      });
    }
  }, 60_000);

  it('costs a second time only what is never kept', async () => {
    const spent = await Promise.all(names.map(async (name) => [name, (await told(name)).upstreamCalls] as const));
    expect(spent.filter(([name, count]) => count > (callsAgain.get(name) ?? 0))).toEqual([]);
  }, 60_000);

  it('is explained, from the mirror and live, without a call', async () => {
    const { emulator, product } = mirrored;
    const { result, stats } = await callsOf(emulator, async () => {
      const statuses: unknown[] = [];
      for (const name of names) {
        const search = name === 'where-is-name' ? '?name=nobody.example' : '';
        for (const fresh of ['mirror', 'live']) {
          const headers = { 'Certfolio-Fresh': fresh };
          const { status } = await product.admin.fetch(`/r/${name}/explain${search}`, { headers });
          if (status !== 200) statuses.push([name, fresh, status]);
        }
      }
      return statuses;
    });
    expect([result, stats.total]).toEqual([[], 0]);
  }, 60_000);

  it('says what it answers, when it runs and how it looks, and describes every variable', async () => {
    for (const name of names) {
      const metadata = parse(await readFile(new URL(`${name}.yaml`, folder), 'utf8')) as Record<string, unknown>;
      const said = ['title', 'question', 'description', 'owner', 'tags', 'schedule', 'picture'];
      expect([name, said.filter((member) => metadata[member] === undefined)]).toEqual([name, []]);
      const variables = Object.entries((metadata['variables'] ?? {}) as Record<string, { description?: string }>);
      expect([name, variables.filter(([, { description }]) => description === undefined)]).toEqual([name, []]);
    }
  });
});

describe('certfolio run --all', () => {
  const run = (...args: string[]) => {
    const { url, adminKey: key } = mirrored.product;
    return runCommand({ url, key }, ['run', '--all', ...args]);
  };

  it('runs every template, tells of each, and skips the one that needs to be told what to find', async () => {
    const { code, stdout } = await run();
    const lines = stdout.trim().split('\n');
    expect(lines.at(-1)).toBe(`${names.length} templates: ${names.length - 1} done, 1 skipped, 0 failed`);
    expect(lines.slice(0, names.length).map((line) => line.split(' ', 1)[0])).toEqual(names);
    expect(lines.find((line) => line.startsWith('where-is-name'))).toContain(
      'skipped: needs one of name, serial, thumbprint',
    );
    expect(lines.find((line) => line.startsWith('inventory-full'))).toMatch(
      / \d+ rows +\d+\.\d s +mirror +as of 20\d\d-/,
    );
    expect(code).toBe(0);
  }, 60_000);

  it('writes a file for each, in the format asked for, and tells the same as JSON', async () => {
    const out = await mkdtemp(join(tmpdir(), 'certfolio-all-'));
    stage.defer(() => rm(out, { recursive: true, force: true }));
    const { code, stdout } = await run('--json', '--out', join(out, 'reports'), '-o', 'csv');
    const outcomes = JSON.parse(stdout) as {
      template: string;
      state: string;
      rows: number | null;
      file: string | null;
    }[];
    const done = outcomes.filter(({ state }) => state === 'done');
    expect((await readdir(join(out, 'reports'))).sort()).toEqual(done.map(({ template }) => `${template}.csv`).sort());
    const wildcards = done.find(({ template }) => template === 'wildcards')!;
    const text = await readFile(wildcards.file!, 'utf8');
    expect(text).toContain('base_domain,order_id,status,common_name');
    expect([code, done.length, wildcards.rows]).toEqual([0, names.length - 1, text.trimEnd().split('\r\n').length - 1]);
  }, 60_000);
});
