import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { commandLineBin, createStage, type ProductProcess } from '../harness/index.ts';

interface Block {
  readonly language: string;
  readonly code: string;
}

const stage = createStage();
let product: ProductProcess;
let dir: string;
const page = await readFile(join(import.meta.dirname, '../../../docs/recipes.md'), 'utf8');
const blocks: readonly Block[] = [...page.matchAll(/^```(\w+)\n([^]*?)^```$/gm)].map(([, language, code]) => ({
  language: language!,
  code: code!,
}));

beforeAll(async () => {
  product = await stage.product({ env: { CERTFOLIO_MIRROR: 'on', EMULATOR_ORDERS: '500' } });
  dir = await mkdtemp(join(tmpdir(), 'certfolio-recipes-'));
  stage.defer(() => rm(dir, { recursive: true, force: true }));
  // npx itself would ask the registry, since the recipes do not run in the checkout.
  await mkdir(join(dir, 'bin'));
  const npx = `#!/bin/sh\n[ "$1" = certfolio ] || exit 127\nshift\nexec '${process.execPath}' '${commandLineBin}' "$@"\n`;
  await writeFile(join(dir, 'bin/npx'), npx, { mode: 0o755 });
}, 300_000);

/** Runs a block as it stands on the page. */
async function run({ language, code }: Block): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const [command, args] =
    language === 'sh' ? (['bash', ['-euo', 'pipefail', '-c', code]] as const) : (['python3', ['-c', code]] as const);
  const child = spawn(command, args, {
    cwd: dir,
    env: {
      PATH: `${join(dir, 'bin')}${delimiter}${process.env.PATH}`,
      HOME: process.env.HOME,
      CERTFOLIO_URL: product.url,
      CERTFOLIO_KEY: product.adminKey,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, exitCode] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve)),
  ]);
  return { code: exitCode, stdout, stderr };
}

/** The one block that has this in it. */
function blockWith(part: string): Block {
  const found = blocks.filter(({ code }) => code.includes(part));
  expect(found).toHaveLength(1);
  return found[0]!;
}

const titles = /^order_id,common_name,dns_names,valid_till,days_left,/;

describe('the recipes, as they are written,', () => {
  it.each(blocks.filter(({ language }) => language === 'sh' || language === 'python'))(
    'run: $code',
    async (block) => {
      expect(await run(block)).toMatchObject({ code: 0, stderr: expect.not.stringContaining('Traceback') });
    },
    120_000,
  );

  it('give what they say', async () => {
    expect((await run(blockWith('expiring.csv'))).stdout).toMatch(titles);
    await run(blockWith('expiring.json'));
    const { rows } = JSON.parse(await readFile(join(dir, 'expiring.json'), 'utf8')) as { rows: unknown[] };
    expect(rows.length).toBeGreaterThan(5);
    const printed = (await run(blockWith('csv.DictReader'))).stdout.trim().split('\n');
    expect(printed).toHaveLength(rows.length);
    expect(printed[0]).toMatch(/^\d+ .+ \d{4}-\d\d-\d\d \d+$/);
    expect((await run(blockWith('Retry-After'))).stdout).toMatch(/^\d+ wildcard certificates\n$/);
    expect((await run(blockWith('totalCount'))).stdout).toMatch(/"totalCount":\d+/);
    expect((await run(blockWith('wc -l'))).stdout).toMatch(/within a week: +\d+\n$/);
  }, 120_000);

  it('are those that can be tried; each of the others says that it was not', () => {
    const untried = page
      .split(/^## /m)
      .slice(1)
      .filter((section) => /^```(powershell|powerquery)|IMPORTDATA|Infinity/m.test(section));
    expect(untried.map((section) => section.split('\n')[0])).toEqual([
      'PowerShell',
      'Google Sheets',
      'Excel and Power Query',
      'Grafana',
    ]);
    for (const section of untried) expect(section).toContain('Not tried.');
  });
});

it('names columns in Power Query and PowerShell that the report has', async () => {
  const { text: csv } = await product.admin.report('expiring-soon.csv?days=60');
  const columns = new Set(csv.split('\r\n')[0]!.split(','));
  for (const name of ['order_id', 'common_name', 'valid_till', 'days_left']) {
    expect(columns.has(name)).toBe(true);
    expect(page).toContain(name);
  }
});
