import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { createStage, type ProductProcess } from '../harness/index.ts';
import { faultsOf, openBrowser } from './browser.ts';

const stage = createStage();
const templates = join(import.meta.dirname, '../../../templates');
let browser: Browser;
let product: ProductProcess;
/** What the page complained of, and where else it went. */
let complaints: string[] = [];

beforeAll(async () => {
  browser = await openBrowser();
  stage.defer(() => browser.close());
  const emulator = await stage.emulator({ orders: 300 });
  const files = await mkdtemp(join(tmpdir(), 'certfolio-console-'));
  stage.defer(() => rm(files, { recursive: true, force: true }));
  const config = join(files, 'certfolio.yaml');
  await writeFile(config, `destinations:\n  archive: { kind: folder, path: ${JSON.stringify(join(files, 'sent'))} }\n`);
  product = await stage.productOn(emulator, { env: { CERTFOLIO_CONFIG: config } });
}, 90_000);
afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
});

async function open(key: string | null, options: BrowserContextOptions = {}): Promise<Page> {
  // Without the policy of the page, which takes no code of others, axe could not be put into it.
  const context = await browser.newContext({ bypassCSP: true, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  complaints = [];
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== new URL(product.url).origin && !request.url().startsWith('blob:'))
      complaints.push(`It asked ${request.url()}.`);
  });
  await page.goto(`${product.url}/console`);
  if (key !== null) {
    await page.getByRole('textbox', { name: 'Key' }).fill(key);
    await page.getByRole('button', { name: 'Sign in' }).click();
  }
  return page;
}

const schedule = `- name: nightly
  template: expiring-soon
  variables: { days: 400 }
  cron: 0 6 * * *
  formats: [csv]
  to: [archive]
`;
const resultOf = (page: Page) => page.getByRole('status', { name: 'Result' });
/** Nothing is waited for any more. */
const isRead = '!/Reading [^.]*…/.test(document.body.innerText)';
const sections = ['Reports', 'Templates', 'Schedules', 'Runs', 'Migration', 'Keys', 'CertCentral', 'Audit log'];

// Colors do not depend on the width, nor the width on colors.
describe.each([
  ['light', 1_280],
  ['dark', 390],
] as const)('in %s, %i pixels wide', (colorScheme, width) => {
  it('every section can be read by everybody', async () => {
    const page = await open(null, { colorScheme, viewport: { width, height: 900 } });
    await page.getByRole('heading', { level: 1 }).waitFor();
    expect(await faultsOf(page)).toEqual([]);
    await page.getByRole('textbox', { name: 'Key' }).fill(product.adminKey);
    await page.getByRole('button', { name: 'Sign in' }).click();
    for (const section of sections) {
      if (width < 400) await page.getByRole('button', { name: 'Menu' }).click();
      await page.getByRole('link', { name: section, exact: true }).click();
      await page.getByRole('heading', { level: 1, name: section }).waitFor();
      await page.waitForFunction(isRead);
      expect([section, await faultsOf(page)]).toEqual([section, []]);
    }
    await page.goto(`${product.url}/console/#/reports/expiring-soon`);
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await resultOf(page).getByRole('table').waitFor();
    expect(await faultsOf(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });
});

it('a wrong key is told so, and is not kept', async () => {
  const page = await open('cfk_wrong');
  await page.getByRole('alert').waitFor();
  expect(await page.getByRole('alert').textContent()).toContain('UNAUTHENTICATED');
  expect(await page.evaluate<string>('JSON.stringify({ ...sessionStorage })')).not.toContain('cfk_wrong');
  expect(await faultsOf(page)).toEqual([]);
});

describe('a report', () => {
  it('shows the rows of its address, says how old they are, and is the same file as by URL', async () => {
    const page = await open(product.adminKey);
    await page.getByRole('link', { name: 'Expiring in the next days' }).click();
    await page.getByRole('textbox', { name: 'days' }).fill('400');
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    const answer = await product.admin.report('expiring-soon.json?days=400');
    const { rows } = JSON.parse(answer.text) as { readonly rows: readonly { readonly common_name: string }[] };
    expect(rows.length).toBeGreaterThan(5);
    await page.getByRole('heading', { name: `${rows.length} rows` }).waitFor();
    expect(await resultOf(page).getByRole('row').count()).toBe(rows.length + 1);
    const shown = await resultOf(page).getByRole('row').nth(1).textContent();
    expect(shown).toContain(rows[0]!.common_name);
    expect(await page.getByText('Data as of').count()).toBe(1);
    expect(page.url()).toContain('days=');
    expect(await page.getByText('npx certfolio run').textContent()).toContain('--var days=400');

    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download all rows' }).click(),
    ]);
    expect(file.suggestedFilename()).toBe('expiring-soon.csv');
    const { text } = await product.admin.report('expiring-soon.csv?days=400');
    expect(await readFile(await file.path(), 'utf8')).toBe(text);

    await page.reload();
    expect(await page.getByRole('textbox', { name: 'days' }).inputValue()).toBe('400');
    expect(complaints).toEqual([]);
  });

  it('tells the ids that its template runs by, which are hashes of its text', async () => {
    const page = await open(product.adminKey);
    await page.goto(`${product.url}/console/#/reports/expiring-soon`);
    await page.getByRole('heading', { name: 'The template' }).waitFor();
    const file = await readFile(join(templates, 'expiring-soon.graphql'));
    await page.getByText(createHash('sha256').update(file).digest('hex')).waitFor();
    await page.getByText('the text as Apollo Client prints it').waitFor();
    expect(await faultsOf(page)).toEqual([]);
  });

  it('is not asked for with what it would refuse', async () => {
    const page = await open(product.adminKey);
    await page.goto(`${product.url}/console/#/reports/expiring-soon?days=many`);
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByText('A whole number.').waitFor();
    expect(await resultOf(page).count()).toBe(0);
  });
});

it('a key that is made here opens what it was made for, is shown once, and is refused when it is revoked', async () => {
  const page = await open(product.adminKey);
  await page.getByRole('link', { name: 'Keys' }).click();
  await page.getByRole('button', { name: 'New key' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Name' }).fill('on-call');
  await dialog
    .getByRole('textbox', { name: 'Templates' })
    .or(dialog.getByRole('combobox', { name: 'Templates' }))
    .first()
    .click();
  await page.getByRole('option', { name: 'expiring-soon' }).click();
  expect(await faultsOf(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Create key' }).click();
  await page.getByText('Copy the secret of on-call now').waitFor();
  expect(await faultsOf(page)).toEqual([]);
  const secret = (await dialog.locator('pre').first().textContent())!;
  expect(secret).toMatch(/^cfk_\w+$/);
  expect(await dialog.textContent()).toContain(`${product.url}/r/expiring-soon.csv`);
  const caller = product.as(secret);
  expect((await caller.report('expiring-soon.csv')).status).toBe(200);
  expect((await caller.report('revoked.csv')).status).toBe(404);
  await dialog.getByRole('button', { name: 'I have kept the secret' }).click();
  expect(await page.content()).not.toContain(secret);
  expect(page.url()).not.toContain('cfk_');

  await page.getByRole('button', { name: 'Revoke on-call' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke', exact: true }).click();
  await page.getByRole('button', { name: 'Revoke on-call' }).waitFor({ state: 'detached' });
  expect((await caller.report('expiring-soon.csv')).status).toBe(401);
  expect(complaints).toEqual([]);
});

it('a template that is published and approved here runs, and is refused once it is retired', async () => {
  const page = await open(product.adminKey);
  await page.getByRole('link', { name: 'Templates' }).click();
  await page.getByRole('button', { name: 'Publish', exact: true }).click();
  const dialog = page.getByRole('dialog');
  const [graphql, yaml] = ['expiring-soon.graphql', 'expiring-soon.yaml'].map((name) => join(templates, name));
  const second = { name: 'expiring-soon.yaml', mimeType: 'text/yaml' };
  const metadata = await readFile(yaml!, 'utf8');
  const choose = async (version: string) =>
    page.locator('input[type=file]').setInputFiles([
      { name: 'expiring-soon.graphql', mimeType: 'text/plain', buffer: await readFile(graphql!) },
      { ...second, buffer: Buffer.from(metadata.replace('version: 1', `version: ${version}`)) },
    ]);
  await choose('none');
  await dialog.getByRole('button', { name: 'Check' }).click();
  await dialog.getByText('Nothing was published').waitFor();
  expect(await faultsOf(page)).toEqual([]);
  await choose('2');
  await dialog.getByRole('button', { name: 'Publish as drafts' }).click();
  await dialog.getByText('Drafts run once they are approved').waitFor();
  expect(await faultsOf(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Close' }).last().click();

  await page.getByRole('button', { name: 'Approve expiring-soon@2' }).click();
  expect(await dialog.getByRole('button', { name: 'Approve' }).isDisabled()).toBe(true);
  await dialog.getByRole('checkbox', { name: 'I have looked at email' }).check();
  await dialog.getByRole('button', { name: 'Approve' }).click();
  await page.getByRole('button', { name: 'Deprecate expiring-soon@2' }).waitFor();
  expect((await product.admin.report('expiring-soon@2.csv')).status).toBe(200);
  await page.getByRole('button', { name: 'Retire expiring-soon@2' }).click();
  await dialog.getByRole('button', { name: 'Retire for good' }).click();
  await page.getByRole('button', { name: 'Retire expiring-soon@2' }).waitFor({ state: 'detached' });
  expect((await product.admin.report('expiring-soon@2.csv')).status).toBe(404);
  // The refusal of the check is what the browser tells by itself.
  expect(complaints.filter((complaint) => !complaint.includes('400'))).toEqual([]);
});

it('a schedule that is applied and run here delivers its file', async () => {
  const page = await open(product.adminKey);
  await page.getByRole('link', { name: 'Schedules' }).click();
  await page.getByRole('button', { name: 'Apply YAML' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox').fill(schedule);
  await dialog.getByRole('button', { name: 'Apply', exact: true }).click();
  await dialog.getByText('created').first().waitFor();
  expect(await faultsOf(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Run now nightly' }).click();
  await dialog.getByRole('button', { name: 'Run now' }).click();
  await dialog.getByRole('link', { name: 'Runs' }).click();
  await page.getByText('delivered').first().waitFor();
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: /csv.*download/ }).click(),
  ]);
  expect(await readFile(await file.path(), 'utf8')).toMatch(/^order_id,/);
  expect(complaints).toEqual([]);
});

it('a key that sends ids alone sees its reports and nothing else', async () => {
  const { key } = await product.createKey({ name: 'one-report', level: 'ID_ONLY', templates: { names: ['revoked'] } });
  const page = await open(key);
  await page.getByRole('link', { name: 'Revocations in a period' }).waitFor();
  expect(await page.getByRole('navigation').getByRole('link').allTextContents()).toEqual(['Reports']);
  await page.getByText('1 of 1 reports').waitFor();
  await page.goto(`${product.url}/console/#/reports/expiring-soon`);
  await page.getByText('may run no report of that name').waitFor();
  await page.goto(`${product.url}/console/#/keys`);
  expect(await page.getByRole('button', { name: 'New key' }).count()).toBe(0);
});

it('signing out leaves no key behind', async () => {
  const page = await open(product.adminKey);
  await page.getByRole('table').waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('textbox', { name: 'Key' }).waitFor();
  const kept = await page.evaluate<string>(
    'JSON.stringify([{ ...sessionStorage }, { ...localStorage }, document.cookie])',
  );
  expect(kept).not.toContain(product.adminKey);
});

it('a gateway that is gone is told of, and what was shown stays', async () => {
  const other = await stage.product();
  const page = await (await browser.newContext()).newPage();
  await page.goto(`${other.url}/console/`);
  await page.getByRole('textbox', { name: 'Key' }).fill(other.adminKey);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('link', { name: 'Revocations in a period' }).click();
  await page.getByRole('button', { name: 'Run', exact: true }).waitFor();
  await other.stop();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.getByText('GATEWAY_UNREACHABLE').waitFor();
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Revocations in a period');
});
