import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startEmulator, type Client } from './client.ts';

let nowMs = 0;
let client: Client;
beforeEach(async () => {
  nowMs = 0;
  client = await startEmulator({ orders: 0, hasLimits: true, sendsRetryAfter: true, monotonicMs: () => nowMs });
});
afterEach(() => client.emulator.close());

async function callAt(atMs: number, times: number, key = 'k'): Promise<number[]> {
  nowMs = atMs;
  const statuses: number[] = [];
  for (let call = 0; call < times; call += 1)
    statuses.push((await client.get('/product', { 'X-DC-DEVKEY': key })).status);
  return statuses;
}
const accepted = (statuses: number[]) => statuses.filter((status) => status === 200).length;

describe('limits over HTTP', () => {
  it('lets 100 calls through in any 5 s, each key on its own, and refused calls do not count', async () => {
    expect(accepted(await callAt(0, 60))).toBe(60);
    expect(accepted(await callAt(2_000, 60))).toBe(40);
    expect(accepted(await callAt(4_999, 30))).toBe(0);
    expect(accepted(await callAt(4_999, 5, 'other'))).toBe(5);
    expect(accepted(await callAt(5_000, 80))).toBe(60);
    expect(accepted(await callAt(6_999, 1))).toBe(0);
    expect(accepted(await callAt(7_000, 50))).toBe(40);
    const { body } = await client.control('GET', '/stats');
    expect(body).toMatchObject({ peak5s: 100, peak180s: 200, limited: 20 + 30 + 20 + 1 + 10 });
  });

  it('answers 429 as the service does, with Retry-After only by option', async () => {
    await callAt(0, 100);
    nowMs = 1_500;
    const { status, body, headers } = await client.get('/product', { 'X-DC-DEVKEY': 'k' });
    expect(status).toBe(429);
    expect(body).toEqual({
      errors: [{ code: 'request_limit_exceeded', message: 'Service unavailable, please limit request volume' }],
    });
    expect(headers.get('retry-after')).toBe('4');
  });

  it('neither limits nor counts control routes', async () => {
    await callAt(0, 100);
    expect((await client.control('GET', '/clock')).status).toBe(200);
    expect((await client.control('GET', '/stats')).body.total).toBe(100);
  });
});
