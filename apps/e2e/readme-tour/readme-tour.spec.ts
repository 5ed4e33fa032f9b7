import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { commandLineBin, createStage, type ProductProcess } from '../harness/index.ts';

const root = join(import.meta.dirname, '../../..');

/** One command of the tour and what a person sees after it, both outputs together. */
interface Step {
  readonly command: string;
  readonly seen: string;
}

const stage = createStage();
let product: ProductProcess;
let tour: string;
let steps: readonly Step[];
let code: number | null;

beforeAll(async () => {
  product = await stage.product({ isEmbedded: true, env: { CERTFOLIO_MIRROR: 'on' } });
  const dir = await mkdtemp(join(tmpdir(), 'certfolio-tour-'));
  stage.defer(() => rm(dir, { recursive: true, force: true }));
  await symlink(join(root, 'templates'), join(dir, 'templates'));
  // npx itself would ask the registry, since the tour does not run in the checkout.
  await mkdir(join(dir, 'bin'));
  const npx = `#!/bin/sh\n[ "$1" = certfolio ] || exit 127\nshift\nexec '${process.execPath}' '${commandLineBin}' "$@"\n`;
  await writeFile(join(dir, 'bin/npx'), npx, { mode: 0o755 });

  tour = readTour(await readFile(join(root, 'README.md'), 'utf8'));
  ({ code, steps } = await runTour(at(tour, product), dir));
}, 240_000);

/** The first shell block below "Sixty seconds". */
function readTour(readme: string): string {
  const [, block] = /^## Sixty seconds\n[^]*?^```sh\n([^]*?)^```$/m.exec(readme)!;
  return block!;
}

/** The two lines that everybody has to adapt; nothing else of the tour is changed. */
function at(block: string, { url, adminKey }: ProductProcess): string {
  const adapted = block
    .replace('\nexport CERTFOLIO_KEY=cfk_…', () => `\nexport CERTFOLIO_KEY='${adminKey}'`)
    .replace('export CERTFOLIO_URL=http://127.0.0.1:4000\n', () => `export CERTFOLIO_URL='${url}'\n`);
  expect(adapted).toContain(adminKey);
  expect(adapted).toContain(url);
  return adapted;
}

async function runTour(block: string, dir: string): Promise<{ code: number | null; steps: readonly Step[] }> {
  const announce = `exec 2>&1; trap 'printf "\\n@@%s@@\\n" "$BASH_COMMAND"' DEBUG\n`;
  const child = spawn('bash', ['-c', `set -euo pipefail\n${announce}${block}`], {
    cwd: dir,
    env: { PATH: `${join(dir, 'bin')}${delimiter}${process.env.PATH}`, HOME: dir },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [printed, exitCode] = await Promise.all([
    text(child.stdout),
    new Promise<number | null>((resolve) => child.once('close', resolve)),
  ]);
  const found = [...printed.matchAll(/^@@(.+)@@\n([^]*?)(?=\n@@|$(?![^]))/gm)];
  return { code: exitCode, steps: found.map(([, command, seen]) => ({ command: command!, seen: seen! })) };
}

/** What was seen after the commands that begin like this, in their order. */
function seenAfter(start: string): string[] {
  const seen = steps.filter(({ command }) => command.startsWith(start)).map((step) => step.seen);
  if (seen.length === 0) throw new Error(`The tour did not come to "${start}".`);
  return seen;
}

const idsOf = (rows: string) => rows.split('\n').flatMap((line) => /^\d{6,}(?=\s|,)/.exec(line) ?? []);
const tableHead = /^order_id +common_name +dns_names +valid_till +days_left +/;
const csvHead = /^order_id,common_name,dns_names,valid_till,days_left,/;
const refused = /^Unknown, expired or revoked key\./;

describe('the tour of the README', () => {
  it('runs from top to bottom', () => {
    expect({ code, last: steps.at(-1) }).toMatchObject({ code: 0, last: { command: 'npx certfolio audit list' } });
  });

  it('lists the templates, first unused, at the end with their last use', () => {
    const [first, last] = seenAfter('npx certfolio templates list');
    expect(first).toMatch(/^TEMPLATE +STATE +TITLE +OWNER +.*LAST USED +ID\n/);
    expect(first).toMatch(/^expiring-soon@1 +approved .* pki .* never +[0-9a-f]{64}$/m);
    expect(last).toMatch(/^expiring-soon@1 +retired .* pki /m);
    expect(last).toMatch(/^expiring-soon@2 +approved .* pki .* by (finance|CERTFOLIO_ADMIN_KEY).* [0-9a-f]{64}$/m);
  });

  it('runs a template as a table and has the same rows as CSV by URL', () => {
    const [table] = seenAfter('npx certfolio run expiring-soon --var days=30');
    expect(table).toMatch(tableHead);
    expect(table).toMatch(/^\d+ rows, data as of .* UTC/m);
    const [csv] = seenAfter('curl -sS -H "Authorization: Bearer $CERTFOLIO_KEY"');
    expect(csv).toMatch(csvHead);
    expect(idsOf(csv!).length).toBeGreaterThan(10);
    expect(idsOf(csv!)).toEqual(idsOf(table!));
  });

  it('tells what a run would cost', () => {
    expect(seenAfter('npx certfolio explain')).toEqual([
      expect.stringMatching(
        /^inventory-full@1, estimated cost \d+( \(a guess until it has run\))?\n[^]*\d+ of \d+ calls left in \d/,
      ),
      expect.stringMatching(
        /^expiring-soon@2, estimated cost \d+( \(a guess until it has run\))?\n[^]*\d+ of \d+ calls left in \d/,
      ),
    ]);
  });

  it('makes a key whose secret is read into a variable, and which runs its report', () => {
    const [note] = seenAfter('FINANCE=$(npx certfolio keys create');
    expect(note).toMatch(/^Key \w+ for finance, upstream account default\. Keep it now: it is not shown again\.$/m);
    expect(note).not.toContain('cfk_');
    const [table] = seenAfter('CERTFOLIO_KEY=$FINANCE npx certfolio run expiring-soon');
    expect(idsOf(table!)).toEqual(idsOf(seenAfter('npx certfolio run expiring-soon --var days=30')[0]!));
  });

  it('publishes a folder as drafts and approves with the command that it prints', () => {
    const [published] = seenAfter('npx certfolio templates publish');
    expect(published).toMatch(/^expiring-soon@2 +new +draft +pki +\d+ +\d+ +[0-9a-f]{64}$/m);
    expect(published).toContain('1 version, 1 changed');
    expect(published).toContain('\n  certfolio templates approve expiring-soon@2 --sensitive email');
    const [approved] = seenAfter('npx certfolio templates approve expiring-soon@2 --sensitive email');
    expect(approved).toContain('expiring-soon@2 (approved) runs from now on');
  });

  it('runs the second version by name, by hash and as CSV, with the same rows and more than the first', () => {
    const byName = steps.find(({ command }) => command === 'npx certfolio run expiring-soon')!.seen;
    const [byHash] = seenAfter('npx certfolio run "$ID"');
    const [csv] = seenAfter('npx certfolio run "$ID" -o csv');
    expect([byName, byHash, csv]).toEqual([
      expect.stringMatching(tableHead),
      expect.stringMatching(tableHead),
      expect.stringMatching(csvHead),
    ]);
    const ids = idsOf(byName);
    expect(ids.length).toBeGreaterThan(idsOf(seenAfter('npx certfolio run expiring-soon --var days=30')[0]!).length);
    expect(idsOf(byHash!)).toEqual(ids);
    expect(idsOf(csv!)).toEqual(ids);
  });

  it('prints the ids of the file, the first of them its SHA-256', () => {
    const [published] = seenAfter('npx certfolio templates publish');
    const [id] = /[0-9a-f]{64}$/m.exec(published!)!;
    expect(seenAfter('npx certfolio hash')[0]).toMatch(new RegExp(`^${id} +`));
    expect(seenAfter('npx certfolio hash')[0]).toMatch(/^[0-9a-f]{64} .*urql/m);
  });

  it('tells the callers of a deprecated version and refuses a retired one', () => {
    const [deprecated] = seenAfter('npx certfolio templates deprecate');
    expect(deprecated).toMatch(/^expiring-soon@1 \(deprecated\) still runs; its callers are told\./);
    const [told, refusal] = seenAfter('npx certfolio run expiring-soon@1');
    expect(told).toMatch(tableHead);
    expect(told).toMatch(/^Template expiring-soon@1 is deprecated and will be retired on .*Use expiring-soon@2\./m);
    expect(seenAfter('npx certfolio templates retire')[0]).toContain(
      'expiring-soon@1 (retired) is refused from now on',
    );
    expect(refusal).toMatch(/^This template was retired on .* its owner is pki\. Use "expiring-soon"\./);
    expect(refusal).toContain('Code PERSISTED_QUERY_NOT_IN_LIST');
  });

  it('shows who approved a version, who retired it and which keys used it', () => {
    const [shown] = seenAfter('npx certfolio templates show expiring-soon@1');
    expect(shown).toMatch(/^Owner pki, /m);
    expect(shown).toMatch(/^Approved .* by folder$/m);
    expect(shown).toMatch(/^Retired .* by CERTFOLIO_ADMIN_KEY \(operator\)$/m);
    expect(shown).toMatch(/^finance +finance +\w+ +1 +\d{4}-/m);
  });

  it('rotates a key: the former secret ends, the new one runs', () => {
    expect(seenAfter('NEXT=$(npx certfolio keys rotate finance')[0]).toContain('The former ends now.');
    const [before, after] = seenAfter('CERTFOLIO_KEY=$FINANCE npx certfolio run expiring-soon');
    expect(before).toMatch(tableHead);
    expect(after).toMatch(refused);
    expect(seenAfter('CERTFOLIO_KEY=$NEXT npx certfolio run expiring-soon')[0]).toMatch(tableHead);
  });

  it('revokes a key, which gets a 401', () => {
    expect(seenAfter('npx certfolio keys revoke finance')[0]).toMatch(/^Key \w+ \(finance\) is revoked;/);
    const [answer] = seenAfter('curl -sS -H "Authorization: Bearer $NEXT"');
    expect(answer).toContain('"UNAUTHENTICATED"');
    expect(answer).toMatch(/^401$/m);
  });

  it('ends with a log of what was done', () => {
    const [log] = seenAfter('npx certfolio audit list');
    expect(log).toMatch(/^NO +TIME +KEY +FROM +WHAT +OUTCOME +ROWS\n/);
    for (const act of ['retireTemplate', 'rotateKey', 'revokeKey'])
      expect(log).toMatch(new RegExp(` ${act} ended +ok$`, 'm'));
    expect(log).toMatch(/ finance .*expiring-soon@2 +ok +\d+$/m);
  });
});
