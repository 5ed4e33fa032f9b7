import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { exitCodes, type ExitCode } from '@certfolio/client';
import { CliError } from '../../cli-error.ts';
import { counted } from '../../output/counted.ts';
import { showProgress } from '../../output/progress.ts';
import type { Session } from '../../session.ts';
import { tapped } from './tapped.ts';

interface RestoredAnswer {
  readonly madeAt: string;
  readonly version: string;
  readonly sha256: string;
  readonly withMirror: boolean;
  readonly tables: number;
  readonly rows: number;
  readonly migrated: readonly string[];
}

const contentType = 'application/vnd.certfolio.backup+gzip';

/** Sends a backup to the gateway, which puts it in the place of what it has. */
export async function restore(
  file: string,
  { replace = false }: { readonly replace?: boolean },
  session: Session,
): Promise<ExitCode> {
  const { terminal, json, signal } = session;
  const client = await session.client();
  const size = file === '-' ? null : await sizeOf(file);
  let sent = 0;
  const progress = showProgress(terminal, (seconds) => {
    const of = size === null ? '' : ` of ${counted(size, 'byte')}`;
    return sent === size
      ? `restore: ${seconds} s, sent, being put in place`
      : `restore: ${seconds} s, ${sent}${of} sent`;
  });
  let restored: RestoredAnswer;
  try {
    const chunks = file === '-' ? process.stdin : createReadStream(file);
    const body = tapped(chunks as AsyncIterable<Uint8Array>, (bytes) => void (sent += bytes));
    restored = (await client.upload(`/restore?replace=${replace}`, body, { contentType, signal })) as RestoredAnswer;
  } finally {
    progress.end();
  }
  if (json) {
    terminal.line(JSON.stringify(restored, null, 2));
    return exitCodes.ok;
  }
  const { madeAt, version, tables, rows, migrated, withMirror } = restored;
  terminal.line(
    `${counted(rows, 'row')} of ${counted(tables, 'table')} restored, as of ${madeAt.slice(0, 16).replace('T', ' ')} UTC (release ${version}).`,
  );
  if (migrated.length > 0) terminal.line(`Brought up to this release by ${migrated.join(', ')}.`);
  terminal.note('From now on the keys of the backup hold, and CERTFOLIO_ADMIN_KEY of the gateway where it is set.');
  if (withMirror)
    terminal.note(
      'Gateways and subgraph hosts open the mirror of the backup within seconds; until then they read live.',
    );
  return exitCodes.ok;
}

async function sizeOf(file: string): Promise<number | null> {
  try {
    const found = await stat(file);
    return found.isFile() ? found.size : null;
  } catch (error) {
    throw new CliError('FILE', `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}.`);
  }
}
