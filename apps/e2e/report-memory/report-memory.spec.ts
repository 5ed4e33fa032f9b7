import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startCertfolio, startEmulator, type CertfolioProcess, type EmulatorProcess } from '@certfolio/testing';
import { createCaller, dataOf } from '../harness/index.ts';

const orders = 5_000;
/**
 * 300 is what 100,000 rows are to stay below, measured by `tools/check/large-files.ts`. What Node's allocator holds after a start differs by
 * 30 MB from one to the next; with a young generation twice as large and all of Apollo loaded it was 356 here.
 */
const maxMegabytes = 330;
const adminKey = 'report-memory-admin-key-0123456789abcdef';

/** Linux only: the peak is read from /proc. */
(process.platform === 'linux' ? describe : describe.skip)('the process that `npm start` runs', () => {
  let emulator: EmulatorProcess;
  let folder = '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'certfolio-memory-'));
    // What other certificates orders have is one call an order.
    await writeFile(join(folder, 'certfolio.yaml'), 'mirror:\n  backfill: false\n  roundSeconds: 3600\n');
    emulator = await startEmulator({ orders, limits: 'off' });
  }, 300_000);
  afterAll(async () => {
    await emulator.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  });

  it(`writes ${orders} rows of a filled mirror as XLSX below ${maxMegabytes} MB`, async () => {
    await (await startFilled()).stop();
    const product = await startFilled();
    try {
      const admin = createCaller(product.url, adminKey);
      const { createKey } = dataOf<{ createKey: { secret: string } }>(
        await admin.graphql(
          'mutation { createKey(input: {name: "files", owner: "e2e", level: OPEN, limits: {rows: 100000}}) { secret } }',
        ),
      );
      // See clear_refs in proc(5): the peak begins anew.
      await writeFile(`/proc/${product.pid}/clear_refs`, '5');
      const response = await fetch(`${product.url}/r/inventory-full.xlsx?${await everyStatus(product)}`, {
        headers: { authorization: `Bearer ${createKey.secret}` },
      });
      expect([response.status, response.headers.get('certfolio-source')]).toEqual([200, 'mirror']);
      expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(500_000);
      const status = await readFile(`/proc/${product.pid}/status`, 'utf8');
      expect(Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)![1]) / 1_024).toBeLessThan(maxMegabytes);
    } finally {
      await product.stop();
    }
  }, 300_000);

  async function startFilled(): Promise<CertfolioProcess> {
    const { scripts } = JSON.parse(await readFile(join(import.meta.dirname, '../../../package.json'), 'utf8')) as {
      readonly scripts: { readonly start: string };
    };
    const product = await startCertfolio({
      startWithinMs: 120_000,
      nodeFlags: scripts.start.split(' ').filter((word) => word.startsWith('--')),
      env: {
        NODE_ENV: 'production',
        CERTCENTRAL_BASE_URL: emulator.baseUrl,
        CERTCENTRAL_API_KEY: 'any-key',
        CERTFOLIO_ADMIN_KEY: adminKey,
        CERTFOLIO_CONFIG: join(folder, 'certfolio.yaml'),
        CERTFOLIO_DATA_DIR: join(folder, 'data'),
      },
    });
    const isFilled = async () => {
      const { mirrors } = (await (await fetch(`${product.url}/readyz`)).json()) as {
        readonly mirrors: { readonly default?: { readonly isFilled: boolean } };
      };
      return mirrors.default?.isFilled === true;
    };
    while (!(await isFilled())) await sleep(100);
    return product;
  }

  async function everyStatus({ url }: CertfolioProcess): Promise<string> {
    const { __type } = dataOf<{ __type: { enumValues: readonly { readonly name: string }[] } }>(
      await createCaller(url, adminKey).graphql('{ __type(name: "OrderStatus") { enumValues { name } } }'),
    );
    return __type.enumValues.map(({ name }) => `statuses=${name}`).join('&');
  }
});
