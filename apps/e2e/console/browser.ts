import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { HtmlValidate, StaticConfigLoader } from 'html-validate';
import { chromium, type Browser, type Page } from 'playwright-core';

const places = [
  process.env['CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** A real browser, of the machine. */
export function openBrowser(): Promise<Browser> {
  const executablePath = places.find((place) => place !== undefined && existsSync(place));
  if (executablePath === undefined)
    throw new Error('There is no Chromium; install it (Debian: chromium), or name it by CHROMIUM_PATH.');
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const html = new HtmlValidate(
  new StaticConfigLoader({
    extends: ['html-validate:standard', 'html-validate:a11y'],
    // Advice; a select that can be searched and a bar with a caption have no element of their own.
    rules: { 'prefer-native-element': 'off', 'no-redundant-for': 'off' },
  }),
);

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

// Run in the page; Mantine writes its colors where it stands, and browsers take a style element anywhere.
const violationsScript = 'axe.run().then(({ violations }) => violations)';
const overflowScript = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
const sourceScript = `(() => {
  const copy = document.documentElement.cloneNode(true);
  for (const style of copy.querySelectorAll('body style')) style.remove();
  return '<!DOCTYPE html>\\n' + copy.outerHTML;
})()`;

/** What axe-core and html-validate find, and whether the page is wider than its window; empty when all is well. */
export async function faultsOf(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe);
  const violations = await page.evaluate<readonly Violation[]>(violationsScript);
  const overflow = await page.evaluate<number>(overflowScript);
  const source = await page.evaluate<string>(sourceScript);
  const { results } = await html.validateString(source);
  return [
    ...violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 200)).join(' ')}`),
    ...results.flatMap(({ messages }) =>
      messages.map(({ ruleId, message, selector }) => `${ruleId}: ${message} at ${selector}`),
    ),
    ...(overflow > 0 ? [`The page is ${overflow} pixels wider than its window.`] : []),
  ];
}
