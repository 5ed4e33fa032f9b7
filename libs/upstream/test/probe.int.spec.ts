import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { derivedFrom, fieldsFrom, silentLogger } from '@certfolio/core';
import { startEmulator, type EmulatorProcess } from '@certfolio/testing';
import { createCertCentral, type CertCentralClient, type ServiceProbe } from '../src/index.ts';
import { reportColumns } from '../src/probe/report-header.ts';
import { columnName } from '../src/wire/order-row.ts';
import { anyCall, sendJson, startService } from './service.ts';
import { systemClock } from './system-clock.ts';

let emulator: EmulatorProcess;
const clients: CertCentralClient[] = [];

beforeAll(async () => {
  emulator = await startEmulator({
    orders: 1_203,
    limits: 'off',
    keys: 'all:full,looks:view-only,robots:user-management',
  });
});
afterEach(() => emulator.control('faults', { method: 'DELETE' }));
afterAll(async () => {
  await Promise.all(clients.map((client) => client.stop()));
  await emulator?.stop();
});

function clientWith(key: string): CertCentralClient {
  const client = createCertCentral({
    baseUrl: emulator.baseUrl,
    apiKey: () => key,
    version: '0',
    logger: silentLogger,
    clock: systemClock,
    random: () => 0,
  });
  clients.push(client);
  return client;
}

const stats = async () => (await emulator.control('stats')) as { total: number; calls: Record<string, number> };

async function probe(key = 'all', ...faults: object[]): Promise<ServiceProbe> {
  for (const body of faults) await emulator.control('faults', { method: 'POST', body });
  return clientWith(key).probe(anyCall({ inMs: 30_000 }));
}

/** `GET /account ok as assumed`, without the reads that are as assumed. */
const surprises = ({ findings }: ServiceProbe) =>
  findings.filter(({ state }) => state !== 'ok').map(({ read, state, found }) => `${read} ${state}: ${found}`);

describe('a service that is as assumed', () => {
  it('is told so, by ten calls', async () => {
    await emulator.control('stats', { method: 'DELETE' });
    const result = await probe();
    expect(surprises(result)).toEqual([]);
    expect(result.calls).toBe(10);
    expect((await stats()).total).toBe(10);
    expect(new Set(result.findings.map(({ read }) => read)).size).toBe(10);
    expect(result.findings).toContainEqual({
      read: 'GET /order/certificate',
      state: 'ok',
      found: 'as assumed, 1000 rows',
    });
    expect(result.findings).toContainEqual({ read: 'GET /report/order', state: 'ok', found: 'as assumed, 2 rows' });
  });

  it('no value of an answer is in what is told', async () => {
    const told = JSON.stringify(await probe());
    const { orders } = (await (
      await fetch(`${emulator.baseUrl}/order/certificate?limit=50`, { headers: { 'X-DC-DEVKEY': 'all' } })
    ).json()) as { orders: { certificate: { common_name: string; serial_number?: string }; id: number }[] };
    const values = orders.flatMap(({ id, certificate }) => [
      String(id),
      certificate.common_name,
      certificate.serial_number ?? certificate.common_name,
    ]);
    expect(values.length).toBe(150);
    expect(values.filter((value) => told.includes(value))).toEqual([]);
    expect(told).not.toMatch(/BEGIN CERTIFICATE|@meridian|"all"/);
  });

  it('an empty account costs fewer calls', async () => {
    const empty = await startEmulator({ orders: 0 });
    const client = createCertCentral({
      baseUrl: empty.baseUrl,
      apiKey: () => 'all',
      version: '0',
      logger: silentLogger,
      clock: systemClock,
      random: () => 0,
    });
    clients.push(client);
    const result = await client.probe(anyCall());
    await empty.stop();
    expect(result.calls).toBe(9);
    expect(surprises(result)).toEqual([]);
  });
});

it('the columns it looks for are those that fields are read from', () => {
  expect(reportColumns).toHaveLength(58);
  expect(new Set(reportColumns)).toEqual(
    new Set([...fieldsFrom('report')].filter((field) => !derivedFrom.has(field)).map(columnName)),
  );
});

describe('what has changed is named', () => {
  it.each([
    [
      { route: 'GET /report/order', kind: 'rename-column' },
      [
        'GET /report/order broken: lacks the columns customer_order_id',
        'GET /report/order differs: has columns that are not documented: customer_order_id_new',
      ],
    ],
    [{ route: 'GET /report/order', kind: 'wrong-shape' }, ['GET /report/order broken: lacks the columns order_id']],
    [
      { route: 'GET /order/certificate', kind: 'wrong-shape' },
      [
        'GET /order/certificate broken: cannot be read: unexpected shape: orders is an object, not a list',
        'GET /order/certificate differs: has other types: orders is object in 1 of 1, not list',
      ],
    ],
    [
      { route: 'GET /account', kind: 'wrong-shape' },
      ['GET /account broken: cannot be read: unexpected shape: the body is of the wrong type'],
    ],
    [
      { route: 'GET /order/certificate', kind: 'drop-row', count: 1 },
      ['GET /order/certificate broken: gives 999 rows for limit=1000 where it counts 1203'],
    ],
    [
      { route: 'GET /container', kind: 'html' },
      ['GET /container broken: is of type text/html, not application/json', 'GET /container broken: is no JSON'],
    ],
    [
      { route: 'GET /container', kind: 'status', status: 503 },
      ['GET /container failed: answered 503 (service_unavailable)'],
    ],
    [{ route: 'GET /user/me', kind: 'status', status: 404 }, ['GET /user/me differs: answered 404 (not_found)']],
    [
      { route: 'GET /organization', kind: 'reset-before' },
      [
        expect.stringMatching(
          /^GET \/organization failed: CertCentral did not answer GET \/organization: the connection /,
        ),
      ],
    ],
    [{ route: 'POST /reports/query', kind: 'empty' }, ['POST /reports/query broken: has an empty body']],
  ])('%j', async (fault, found) => {
    await emulator.control('stats', { method: 'DELETE' });
    expect(surprises(await probe('all', fault))).toEqual(found);
    expect((await stats()).total).toBeLessThanOrEqual(10);
  });

  it('when the service is gone, by every read', async () => {
    const result = await probe('all', { route: '*', kind: 'reset-before' });
    expect(result.findings.every(({ state }) => state === 'failed')).toBe(true);
    expect(result.findings).toHaveLength(8);
  });

  it('a refused key is a refusal of every read', async () => {
    const result = await probe('nobody');
    expect(new Set(result.findings.map(({ state, found }) => `${state} ${found}`))).toEqual(
      new Set(['failed answered 403 (access_denied|access_denied_invalid_key)']),
    );
  });

  it('a field that Custom Reports does not know, and a report without a header', async () => {
    const service = await startService((request, response) => {
      if (request.url!.endsWith('/reports/query'))
        return sendJson(
          response,
          { errors: [{ message: 'Cannot query field "thumbprint" on type "OrderDetails".' }] },
          400,
        );
      if (request.url!.includes('/report/order'))
        return void response.writeHead(200, { 'content-type': 'text/csv' }).end('"730011","secret name"\n');
      return sendJson(response, {});
    });
    const result = await service.client.probe(anyCall());
    await service.close();
    expect(surprises(result)).toContain('POST /reports/query differs: does not know the fields thumbprint');
    expect(surprises(result)).toContain(
      'GET /report/order broken: has no header: of 2 values in its first row 0 are columns',
    );
    expect(JSON.stringify(result)).not.toContain('secret name');
  });
});

describe('what the key may do', () => {
  it.each([
    ['all', 'more-than-view-only'],
    ['looks', 'view-only'],
    ['nobody', null],
  ])('%s: %s', async (key, keyKind) => {
    await emulator.control('stats', { method: 'DELETE' });
    const state = await clientWith(key).keyState(anyCall());
    expect(state.keyKind).toBe(keyKind);
    expect(Math.abs(state.clockAheadMs!)).toBeLessThan(2_000);
    expect((await stats()).total).toBe(1);
  });

  it('a key that may only read is no surprise to the probe', async () => {
    const result = await probe('looks');
    expect(surprises(result)).toEqual([]);
    expect(result.findings).toContainEqual({
      read: 'POST /reports/query',
      state: 'ok',
      found: 'answered 403 (access_denied|missing_permission): this key may only read, so Custom Reports are not used',
    });
  });

  it('is not known when nothing answers', async () => {
    await emulator.control('faults', { method: 'POST', body: { route: '*', kind: 'reset-before' } });
    expect(await clientWith('all').keyState(anyCall())).toEqual({ keyKind: null, clockAheadMs: null });
  });

  it('the clock of the service is told, and that it tells none', async () => {
    const ahead = await startService((_request, response) => {
      response.setHeader('date', new Date(Date.now() + 60_000).toUTCString());
      sendJson(response, {});
    });
    const { clockAheadMs } = await ahead.client.keyState(anyCall());
    await ahead.close();
    expect(Math.abs(clockAheadMs! - 60_000)).toBeLessThan(1_500);
    const silent = await startService((_request, response) => {
      response.sendDate = false;
      sendJson(response, {});
    });
    expect((await silent.client.keyState(anyCall())).clockAheadMs).toBeNull();
    await silent.close();
  });
});
