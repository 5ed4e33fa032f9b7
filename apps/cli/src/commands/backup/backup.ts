import { exitCodes, type ExitCode } from '@certfolio/client';
import { writeWhole } from '../../output/atomic-file.ts';
import { counted } from '../../output/counted.ts';
import { showProgress } from '../../output/progress.ts';
import type { Session } from '../../session.ts';
import { tapped } from './tapped.ts';

/** Writes a backup to a file that is there whole or not at all. */
export async function backup(
  file: string,
  { withoutMirror = false }: { readonly withoutMirror?: boolean },
  session: Session,
): Promise<ExitCode> {
  const { terminal, json, signal } = session;
  const client = await session.client();
  let received = 0;
  const progress = showProgress(terminal, (seconds) => `backup: ${seconds} s, ${counted(received, 'byte')}`);
  try {
    const { body } = await client.download(`/backup?mirror=${!withoutMirror}`, { signal });
    const watched = tapped(body, (bytes) => void (received += bytes));
    if (file === '-') for await (const chunk of watched) if ((await terminal.write(chunk)) === 'closed') break;
    if (file !== '-') await writeWhole(file, watched);
  } finally {
    progress.end();
  }
  if (file === '-') return exitCodes.ok;
  if (json) terminal.line(JSON.stringify({ file, bytes: received, withMirror: !withoutMirror }));
  else {
    terminal.line(`${counted(received, 'byte')} written to ${file}`);
    terminal.note(
      'It holds the hashes of all keys, and names and addresses of people; keep it as you keep the database.',
    );
  }
  return exitCodes.ok;
}
