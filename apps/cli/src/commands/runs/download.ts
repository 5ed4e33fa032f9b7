import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { exitCodes, type ExitCode } from '@certfolio/client';
import { CliError } from '../../cli-error.ts';
import { writeWhole } from '../../output/atomic-file.ts';
import { counted } from '../../output/counted.ts';
import { printable } from '../../output/printable.ts';
import type { Session } from '../../session.ts';
import { findRun } from './show.ts';

/** Fetches every file of a run and a manifest that says what each is; a file whose hash differs is not kept. */
export async function downloadRun(id: string, folder: string, session: Session): Promise<ExitCode> {
  const { terminal, json, signal } = session;
  const client = await session.client();
  const run = await findRun(id, client, signal);
  await mkdir(folder, { recursive: true }).catch((error: Error) => {
    throw new CliError('FILE', `${folder} cannot be made: ${error.message}.`);
  });
  for (const file of run.files) {
    const hash = createHash('sha256');
    const { body } = await client.download(file.path, { signal });
    await writeWhole(join(folder, basename(file.name)), hashed(body, hash, file));
  }
  const { schedule, owner, slot, template, templateId, variables, rows, totalRows, truncated, dataAsOf, rowsHash } =
    run;
  const manifest = {
    run: id,
    schedule,
    owner,
    slot,
    template,
    templateId,
    variables: variables === null ? null : (JSON.parse(variables) as unknown),
    rows,
    totalRows,
    truncated,
    dataAsOf,
    rowsSha256: rowsHash,
    files: run.files.map(({ name, bytes, sha256, mediaType }) => ({ name, bytes, sha256, mediaType })),
  };
  await writeWhole(join(folder, 'manifest.json'), one(`${JSON.stringify(manifest, null, 2)}\n`));
  if (json) terminal.line(JSON.stringify(manifest, null, 2));
  else terminal.line(`${counted(run.files.length, 'file')} and manifest.json written to ${printable(folder)}`);
  return exitCodes.ok;
}

async function* hashed(
  body: AsyncIterable<Uint8Array>,
  hash: ReturnType<typeof createHash>,
  { name, sha256 }: { readonly name: string; readonly sha256: string },
): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    hash.update(chunk);
    yield chunk;
  }
  const found = hash.digest('hex');
  if (found !== sha256)
    throw new CliError('HASH_MISMATCH', `${name} has the SHA-256 ${found} and not ${sha256}; it is not kept.`);
}

async function* one(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
