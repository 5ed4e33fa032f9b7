import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { certfolio } from './stand-in.ts';

const root = join(import.meta.dirname, '../../..');
const call = 'curl -s https://www.digicert.com/services/v2/container\n';
let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'certfolio-scan-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

interface Answer {
  readonly files: number;
  readonly calls: number;
  readonly routes: readonly {
    readonly route: string;
    readonly calls: readonly { readonly file: string; readonly replacement: { readonly curl: string | null } | null }[];
  }[];
  readonly leftOut: {
    readonly tooLarge: string[];
    readonly binary: string[];
    readonly links: string[];
    readonly excluded: number;
    readonly unreadable: { readonly file: string }[];
  };
}
async function scan(...args: readonly string[]): Promise<Answer> {
  const { code, stdout } = await certfolio(['migrate', 'scan', ...args, '--json'], {});
  expect(code).toBe(0);
  return JSON.parse(stdout) as Answer;
}
const filesOf = ({ routes }: Answer) =>
  [...new Set(routes.flatMap(({ calls }) => calls.map(({ file }) => file)))].sort();

async function write(name: string, text: string | Buffer): Promise<void> {
  await mkdir(join(dir, name, '..'), { recursive: true });
  await writeFile(join(dir, name), text);
}

it('finds nothing in the product itself but its example scripts', async () => {
  const answer = await scan(root);
  expect(answer.calls).toBe(37);
  expect(filesOf(answer).filter((file) => !file.startsWith('examples/scripts/'))).toEqual([]);
  // What .certfolioignore leaves out: tests and tools that call the emulator on purpose.
  expect(answer.leftOut.excluded).toBeGreaterThan(100);
});

it('prints each call with the one that replaces it, without a server', async () => {
  await write(
    'nightly.sh',
    'curl -s "https://www.digicert.com/services/v2/order/certificate?filters[status]=revoked"\n',
  );
  const { code, stdout } = await certfolio(['migrate', 'scan', dir], {});
  expect(code).toBe(0);
  expect(stdout).toContain('nightly.sh:1  GET /order/certificate?filters[status]=revoked');
  expect(stdout).toContain('"$CERTFOLIO_URL/r/revoked.json?since=2000-01-01"');
  expect(stdout).toContain('certfolio run revoked --var since=2000-01-01');
  expect(stdout).toContain(
    '1 call of 1 route in 1 file: 1 the graph can answer, 0 unchanged, 0 with CertCentral alone;',
  );
});

describe('files', () => {
  it('of tools, binary and large ones are left out, and the last two named', async () => {
    await write('a.sh', call);
    await write('node_modules/b.sh', call);
    await write('.git/c.sh', call);
    await write('d.sh', Buffer.concat([Buffer.from(call), Buffer.from([0])]));
    await write('e.sh', call + '#'.repeat(1024 * 1024));
    await write('notes.md', call);
    await write('tool', `#!/bin/sh\n${call}`);
    const answer = await scan(dir);
    expect(filesOf(answer)).toEqual(['a.sh', 'tool']);
    expect(answer.leftOut).toMatchObject({ tooLarge: ['e.sh'], binary: ['d.sh'], unreadable: [] });
  });

  it('are chosen by patterns and by .certfolioignore, and counted', async () => {
    for (const name of ['a.sh', 'old/b.sh', 'lib/c.sh', 'lib/d.sh', 'vendor/e.sh']) await write(name, call);
    await write('.certfolioignore', '# not ours\nvendor/\n');
    expect(filesOf(await scan(dir))).toEqual(['a.sh', 'lib/c.sh', 'lib/d.sh', 'old/b.sh']);
    const answer = await scan(dir, '--include', '*.sh', '--exclude', 'old/**', '--exclude', 'lib/c.sh');
    expect(filesOf(answer)).toEqual(['a.sh', 'lib/d.sh']);
    expect(answer.leftOut.excluded).toBe(3);
  });

  it('behind a link are not followed, and the link is named', async () => {
    await write('in/a.sh', call);
    await write('outside.sh', call);
    await symlink(join(dir, 'outside.sh'), join(dir, 'in/b.sh'));
    await symlink(dir, join(dir, 'in/up'));
    const answer = await scan(join(dir, 'in'));
    expect(filesOf(answer)).toEqual(['a.sh']);
    expect(answer.leftOut.links).toEqual(['b.sh', 'up']);
  });

  it('in UTF-16, as editors of PowerShell write them, are read', async () => {
    const text = "\uFEFFInvoke-RestMethod 'https://www.digicert.com/services/v2/container'\r\n";
    await write('a.ps1', Buffer.from(text, 'utf16le'));
    expect(filesOf(await scan(dir))).toEqual(['a.ps1']);
  });

  (process.getuid?.() === 0 ? it.skip : it)('that cannot be read are named', async () => {
    await write('a.sh', call);
    await chmod(join(dir, 'a.sh'), 0);
    expect((await scan(dir)).leftOut.unreadable.map(({ file }) => file)).toEqual(['a.sh']);
  });
});

it('says so when there is no such folder', async () => {
  const { code, stderr } = await certfolio(['migrate', 'scan', join(dir, 'none')], {});
  expect(code).toBe(1);
  expect(stderr).toContain('cannot be read');
});
