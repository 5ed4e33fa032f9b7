import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRouteStateStore } from '@certfolio/migration/postgres';
import { systemClock } from '@certfolio/runtime';
import { createStage } from '../harness/index.ts';
import { servedProduct, servedRouteKeys, type ServedProduct } from '../rest-served/served-product.ts';

const stage = createStage();
const orders = 1_203;
/** The key that the scripts have sent to CertCentral all along. */
const scriptKey = 'certcentral-key-of-the-scripts-0123456789';
const scripts = join(import.meta.dirname, '../../../examples/scripts');
const hasJq = spawnSync('jq', ['--version']).status === 0;
const hasPython = spawnSync('python3', ['--version']).status === 0;

let served: ServedProduct;
/** What each script printed against CertCentral itself. */
const printed = new Map<string, string>();

beforeAll(async () => {
  served = await servedProduct(
    stage,
    { orders, keys: `rest-served-upstream-key,${scriptKey}` },
    { mirror: { backfill: false }, isFilled: ({ isFilled }) => isFilled },
  );
  const adoptSha256 = createHash('sha256').update(scriptKey).digest('hex');
  await served.product.createKey({ name: 'nightly-scripts', owner: 'web-team', level: 'OPEN', adoptSha256 });
}, 300_000);
afterAll(() => printed.clear());

const direct = () => served.emulator.baseUrl;
const throughUs = () => `${served.product.url}/services/v2`;

/** Nothing about a script differs but the address that it is given. */
async function run(base: string, command: string, script: string, pageSize: number): Promise<string> {
  const child = spawn(command, [join(scripts, script)], {
    env: {
      PATH: process.env.PATH,
      CERTCENTRAL_BASE_URL: base,
      CERTCENTRAL_API_KEY: scriptKey,
      PAGE_SIZE: String(pageSize),
      WITHIN_DAYS: '30',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.once('close', resolve)),
  ]);
  if (code !== 0) throw new Error(`${script} ended with ${code}: ${stderr.slice(-1_000)}`);
  return stdout;
}

/** Body and header fields as curl gets them. */
async function curl(base: string, path: string) {
  const child = spawn('curl', ['-sS', '-i', '-g', '-H', `X-DC-DEVKEY: ${scriptKey}`, `${base}${path}`]);
  const answer = await text(child.stdout);
  const end = answer.indexOf('\r\n\r\n');
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'im').exec(answer.slice(0, end))?.[1]?.trim() ?? null;
  return { body: answer.slice(end + 4), status: answer.slice(9, 12), field };
}

type Run = readonly [command: string, script: string, pageSize: number, isHere: boolean];
const runs: readonly Run[] = [
  [process.execPath, 'list-orders.mjs', 40, true],
  [process.execPath, 'list-orders.mjs', 500, true],
  [process.execPath, 'list-orders.mjs', 1_000, true],
  ['bash', 'check-expiry.sh', 500, hasJq],
  ['python3', 'exporter.py', 500, hasPython],
];

describe.each([
  ['proxied', 'certcentral'],
  ['shadowed', 'certcentral'],
  ['ramping', 'graph'],
  ['served', 'graph'],
  ['sunset', 'graph'],
] as const)('while routes are %s', (state, by) => {
  beforeAll(async () => {
    const states = createRouteStateStore(served.pool, { clock: systemClock });
    const percent = state === 'ramping' ? 100 : undefined;
    for (const route of servedRouteKeys)
      await states.change({
        ...{ route, keyId: null, state, changedBy: 'tests', reason: 'scripts are run' },
        ...(percent === undefined ? {} : { percent }),
        ...(state === 'sunset' ? { deadline: new Date('2027-06-30T00:00:00Z') } : {}),
      });
  });

  for (const [command, script, pageSize, isHere] of runs)
    (isHere ? it : it.skip)(
      `${script} prints the same with pages of ${pageSize}`,
      async () => {
        const name = `${script} ${pageSize}`;
        if (!printed.has(name)) printed.set(name, await run(direct(), command, script, pageSize));
        const theirs = printed.get(name)!;
        expect(theirs.split('\n').length).toBeGreaterThan(10);
        expect((await run(throughUs(), command, script, pageSize)) === theirs).toBe(true);
      },
      60_000,
    );

  it('curl gets the same bytes, as JSON and as CSV', async () => {
    for (const path of ['/order/certificate?filters[status]=issued&limit=40&offset=80', '/report/order?limit=100000']) {
      const [theirs, ours] = await Promise.all([curl(direct(), path), curl(throughUs(), path)]);
      expect([ours.status, ours.field('content-type')]).toEqual([theirs.status, theirs.field('content-type')]);
      expect(ours.body.length).toBeGreaterThan(10_000);
      expect(ours.body === theirs.body).toBe(true);
      expect(ours.field('certfolio-answered-by')).toBe(by);
      expect(ours.field('sunset')).toBe(state === 'sunset' ? 'Wed, 30 Jun 2027 00:00:00 GMT' : null);
    }
  }, 60_000);
});
