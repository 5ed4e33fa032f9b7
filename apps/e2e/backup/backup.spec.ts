import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { createTestDatabase } from '@certfolio/database/testing';
import { createStage, dataOf, runCommand, type ProductProcess } from '../harness/index.ts';

const stage = createStage();

interface MirrorFacts {
  readonly isFilled: boolean;
  readonly dataAsOf: string | null;
}

async function mirrorOf({ url }: ProductProcess): Promise<MirrorFacts> {
  const { mirrors } = (await (await fetch(`${url}/readyz`)).json()) as {
    mirrors: Readonly<Record<string, MirrorFacts>>;
  };
  return mirrors['default'] ?? { isFilled: false, dataAsOf: null };
}

async function filled(
  product: ProductProcess,
  isMeant: (facts: MirrorFacts) => boolean = () => true,
): Promise<MirrorFacts> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    const facts = await mirrorOf(product);
    if (facts.isFilled && isMeant(facts)) return facts;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`The mirror was not filled: ${product.output()}`);
}

const command = ({ url, adminKey }: ProductProcess, ...args: string[]) => runCommand({ url, key: adminKey }, args);
const headOf = async (product: ProductProcess) =>
  (JSON.parse((await command(product, 'audit', 'verify', '--json')).stdout) as { head: { hash: string } }).head.hash;

it('takes everything from the embedded database to a PostgreSQL of your own', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'certfolio-backup-'));
  stage.defer(() => rm(folder, { recursive: true, force: true }));
  const config = join(folder, 'certfolio.yaml');
  await writeFile(config, 'mirror:\n  roundSeconds: 86400\n  backfill: false\n');
  const emulator = await stage.emulator({ orders: 300 });
  const env = { CERTFOLIO_MIRROR: 'on', CERTFOLIO_CONFIG: config };

  // The product on its embedded database: a key, a run, a mirror.
  const before = await stage.productOn(emulator, { isEmbedded: true, env });
  const team = await before.createKey({ name: 'reports', level: 'ID_ONLY', scopes: ['templates:run'] });
  const csv = (await team.report('inventory-full.csv')).text;
  const { dataAsOf } = await filled(before);
  const file = join(folder, 'certfolio.backup');
  const kept = await headOf(before);
  const made = await command(before, 'backup', file);
  expect([made.code, made.stdout]).toEqual([0, expect.stringMatching(/^[\d,]+ bytes written to /)]);
  await before.stop();

  // Another one, on a PostgreSQL of its own.
  const database = await createTestDatabase();
  stage.defer(() => database.drop());
  const ownEnv = { ...env, CERTFOLIO_DATABASE_URL: database.url };
  const after = await stage.productOn(emulator, {
    env: { ...ownEnv, CERTFOLIO_ADMIN_KEY: 'the-admin-key-of-the-new-gateway-0123' },
  });
  expect((await after.as(team.key).report('inventory-full.csv')).status).toBe(401);

  // What is not the file changes nothing.
  const bytes = await readFile(file);
  const broken = join(folder, 'broken.backup');
  await writeFile(broken, bytes.subarray(0, bytes.length - 100));
  const refused = await command(after, 'restore', broken);
  expect([refused.code, refused.stderr]).toEqual([
    1,
    expect.stringMatching(/ends early; it is not whole. Nothing was changed/),
  ]);

  const restored = await command(after, 'restore', file);
  expect([restored.stderr, restored.code, restored.stdout]).toEqual([
    expect.stringMatching(/open the mirror of the backup within seconds/),
    0,
    expect.stringMatching(/rows of \d+ tables restored/),
  ]);
  // At once: the same keys, and the admin key of the environment.
  expect((await after.as(team.key).report('inventory-full.csv')).text).toBe(csv);
  const { keys } = dataOf<{ keys: { name: string }[] }>(await after.admin.graphql('{ keys { name } }'));
  expect(keys.map(({ name }) => name)).toEqual(['CERTFOLIO_ADMIN_KEY', 'reports']);
  // The log goes on where that of the backup ended, and tells where it came from.
  const verified = await command(after, 'audit', 'verify', '--expect', kept);
  expect([verified.code, verified.stdout]).toEqual([0, expect.stringMatching(/entries hold/)]);
  expect((await command(after, 'audit', 'list')).stdout).toMatch(/replaced by the log of a backup/);
  // The mirror is that of the backup, without a restart and without a call for it.
  await emulator.control('stats', { method: 'DELETE' });
  expect(await filled(after, ({ dataAsOf: asOf }) => asOf === dataAsOf)).toMatchObject({ isFilled: true, dataAsOf });
  const mirrored = await after
    .as(team.key)
    .fetch('/r/inventory-full.csv', { headers: { 'Certfolio-Fresh': 'mirror' } });
  expect([mirrored.headers.get('certfolio-source'), mirrored.text]).toEqual(['mirror', csv]);

  // A second time there is content in the way.
  expect(await command(after, 'restore', file)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/content of its own \(api_keys\)/),
  });
  expect((await command(after, 'restore', file, '--replace')).code).toBe(0);
  await after.stop();

  // After a restart the mirror is there without a single call for it.
  await emulator.control('stats', { method: 'DELETE' });
  const again = await stage.productOn(emulator, { env: ownEnv });
  expect(await filled(again)).toMatchObject({ isFilled: true, dataAsOf });
  const answer = await again.as(team.key).fetch('/r/inventory-full.csv', { headers: { 'Certfolio-Fresh': 'mirror' } });
  expect([answer.headers.get('certfolio-source'), answer.text]).toEqual(['mirror', csv]);
}, 240_000);
