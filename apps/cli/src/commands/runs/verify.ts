import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { exitCodes, type ExitCode } from '@certfolio/client';
import { CliError } from '../../cli-error.ts';
import { counted } from '../../output/counted.ts';
import { printable } from '../../output/printable.ts';
import type { Session } from '../../session.ts';

const manifestShape = z.object({
  files: z.array(z.object({ name: z.string().min(1), sha256: z.string().regex(/^[0-9a-f]{64}$/) })),
});

/** Holds the files beside a manifest against the hashes that it has. */
export async function verifyRun(path: string, { terminal, json }: Session): Promise<ExitCode> {
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    throw new CliError('FILE', `${path} cannot be read: ${error.message}.`);
  });
  const { files } = readManifest(text, path);
  const checked: { name: string; state: string }[] = [];
  for (const { name, sha256 } of files) {
    const found = await hashOf(join(dirname(path), basename(name)));
    checked.push({ name, state: found === null ? 'missing' : found === sha256 ? 'ok' : 'altered' });
  }
  const wrong = checked.filter(({ state }) => state !== 'ok');
  if (json) terminal.line(JSON.stringify({ files: checked }, null, 2));
  else {
    for (const { name, state } of checked) terminal.line(`${state.padEnd(8)} ${printable(name)}`);
    terminal.line(
      wrong.length === 0
        ? `${counted(checked.length, 'file')} as the manifest says`
        : `${wrong.length} of ${counted(checked.length, 'file')} not as the manifest says`,
    );
  }
  return wrong.length === 0 ? exitCodes.ok : exitCodes.failed;
}

function readManifest(text: string, path: string): z.output<typeof manifestShape> {
  try {
    return manifestShape.parse(JSON.parse(text));
  } catch {
    throw new CliError('FILE', `${path} is no manifest of a run.`);
  }
}

async function hashOf(file: string): Promise<string | null> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(file)) hash.update(chunk as Uint8Array);
    return hash.digest('hex');
  } catch {
    return null;
  }
}
