import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

export interface CommandEnd {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What `npx certfolio` starts. */
export const commandLineBin = join(import.meta.dirname, '../../cli/bin/certfolio.mjs');

/** Runs `npx certfolio` with these arguments against a product, with nothing else in its environment. */
export async function runCommand(
  { url, key }: { readonly url: string; readonly key: string },
  args: readonly string[],
  cwd?: string,
): Promise<CommandEnd> {
  const child = spawn(process.execPath, [commandLineBin, ...args], {
    env: { PATH: process.env.PATH, CERTFOLIO_URL: url, CERTFOLIO_KEY: key },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
  });
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.once('close', resolve)),
  ]);
  return { code, stdout, stderr };
}
