import { exitCodes, type ExitCode } from '@certfolio/client';
import { writeWhole } from '../../output/atomic-file.ts';
import { counted } from '../../output/counted.ts';
import { showProgress } from '../../output/progress.ts';
import type { Session } from '../../session.ts';
import { givenFilters, type AuditFilterFlags } from './filter-flags.ts';

/** Passes the lines on as they arrive. */
export async function exportEntries(
  flags: AuditFilterFlags & { readonly out?: string },
  session: Session,
): Promise<ExitCode> {
  const { terminal, json, signal } = session;
  const client = await session.client();
  const search = new URLSearchParams(givenFilters(flags)).toString();
  const { body } = await client.download(`/audit.ndjson${search === '' ? '' : `?${search}`}`, { signal });
  if (flags.out === undefined) {
    for await (const chunk of body) if ((await terminal.write(chunk)) === 'closed') break;
    return exitCodes.ok;
  }
  let received = 0;
  const progress = showProgress(terminal, (seconds) => `exporting: ${seconds} s, ${counted(received, 'byte')}`);
  const tapped = (async function* () {
    for await (const chunk of body) {
      received += chunk.byteLength;
      yield chunk;
    }
  })();
  const bytes = await writeWhole(flags.out, tapped).finally(progress.end);
  if (json) terminal.line(JSON.stringify({ file: flags.out, bytes }));
  else terminal.line(`${counted(bytes, 'byte')} written to ${flags.out}`);
  return exitCodes.ok;
}
