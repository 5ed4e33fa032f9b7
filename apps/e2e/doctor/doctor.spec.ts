import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { EmulatorProcess } from '@certfolio/testing';
import {
  askUpstream,
  callsOf,
  createFreshProducts,
  createStage,
  runCommand,
  type ProductProcess,
} from '../harness/index.ts';

const stage = createStage();
const freshProductOn = createFreshProducts(stage);
const upstreamKey = 'the-upstream-key-of-this-test';

let emulator: EmulatorProcess;
let product: ProductProcess;
let folder: string;

beforeAll(async () => {
  emulator = await stage.emulator({ orders: 120, keys: `${upstreamKey}:full,looks:view-only` });
  product = await freshProductOn(emulator, upstreamKey);
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certfolio-doctor-'));
});
afterEach(async () => {
  await emulator.control('faults', { method: 'DELETE' });
  await rm(folder, { recursive: true, force: true });
});

async function doctor(of: ProductProcess, ...args: string[]) {
  const { code, stdout } = await runCommand({ url: of.url, key: of.adminKey }, ['doctor', '--json', ...args], folder);
  return { code, ...(JSON.parse(stdout) as DoctorReport) };
}
interface DoctorReport {
  readonly ok: boolean;
  readonly checks: readonly { readonly name: string; readonly state: string; readonly found: string }[];
  readonly upstream: Record<string, unknown>;
  readonly mirror: unknown;
  readonly probe: { calls: number; file: string; findings: { read: string; state: string; found: string }[] } | null;
}
const stateOf = ({ checks }: DoctorReport, wanted: string) => checks.find(({ name }) => name === wanted)?.state;

it('tells the state of the account by two calls, and warns of a key that may do more than read', async () => {
  const { result, stats } = await callsOf(emulator, () => doctor(product));
  expect(result).toMatchObject({ code: 0, ok: true, probe: null });
  expect(result.upstream).toMatchObject({
    account: 'default',
    host: new URL(emulator.baseUrl).host,
    keyKind: 'more-than-view-only',
    proxy: null,
    privateCa: false,
    reachable: true,
    budget: { windows: [{ calls: 95 }, { calls: 980 }] },
  });
  expect(stateOf(result, 'upstream key')).toBe('warn');
  expect(stateOf(result, 'clock of CertCentral')).toBe('ok');
  expect(stateOf(result, 'database')).toBe('ok');
  expect(stateOf(result, 'schema')).toBe('ok');
  expect(stats.total).toBe(2);
});

it('is content with a key that may only read', async () => {
  const result = await doctor(await freshProductOn(emulator, 'looks'));
  expect(result.upstream['keyKind']).toBe('view-only');
  expect(stateOf(result, 'upstream key')).toBe('ok');
});

it('ends with 5 when CertCentral refuses the key', async () => {
  const result = await doctor(await freshProductOn(emulator, 'nobody-knows-it'));
  expect(result).toMatchObject({ code: 5, ok: false, upstream: { reachable: false, keyKind: null } });
});

describe('--probe', () => {
  it('makes at most ten reads and writes a bundle without anything of the account', async () => {
    const { result, stats } = await callsOf(emulator, () => doctor(product, '--probe'));
    expect(result.code).toBe(0);
    expect(result.probe!.calls).toBe(10);
    expect(stats.total).toBe(12); // two are the doctor's own
    expect(result.probe!.findings.filter(({ state }) => state !== 'ok')).toEqual([]);
    expect(await readdir(folder)).toEqual([result.probe!.file]);

    const bundle = await readFile(join(folder, result.probe!.file), 'utf8');
    const { orders } = (await askUpstream(emulator, '/order/certificate', upstreamKey)) as {
      orders: {
        id: number;
        certificate: { common_name: string; serial_number?: string };
        container: { name: string };
      }[];
    };
    const { organizations } = (await askUpstream(emulator, '/organization', upstreamKey)) as {
      organizations: { name: string }[];
    };
    const values = [
      upstreamKey,
      product.adminKey,
      ...organizations.map(({ name }) => name),
      ...orders.flatMap(({ id, certificate }) => [String(id), certificate.common_name, certificate.serial_number]),
    ].filter((value) => value !== undefined);
    expect(values.length).toBeGreaterThan(300);
    expect(values.filter((value) => bundle.includes(value))).toEqual([]);
    expect(bundle).not.toContain('BEGIN CERTIFICATE');
    expect(bundle).toContain('orders[].certificate.serial_number');
    expect(bundle).toContain('custom_renewal_message');
  });

  it.each([
    [{ route: 'GET /report/order', kind: 'rename-column' }, 'GET /report/order: lacks the columns customer_order_id'],
    [
      { route: 'GET /order/certificate', kind: 'wrong-shape' },
      'GET /order/certificate: cannot be read: unexpected shape: orders is an object, not a list',
    ],
  ])('names what has changed: %j', async (fault, found) => {
    await emulator.control('faults', { method: 'POST', body: fault });
    const { code, probe } = await doctor(product, '--probe');
    expect(code).toBe(1);
    expect(
      probe!.findings.filter(({ state }) => state === 'broken').map(({ read, found: what }) => `${read}: ${what}`),
    ).toEqual([found]);
  });
});
