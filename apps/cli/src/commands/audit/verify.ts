import { exitCodes, type ExitCode } from '@certfolio/client';
import { UsageError } from '../../cli-error.ts';
import { counted } from '../../output/counted.ts';
import { printable } from '../../output/printable.ts';
import { showProgress } from '../../output/progress.ts';
import type { Session } from '../../session.ts';

export interface VerifyFlags {
  readonly expect?: string;
}

interface Part {
  readonly ok: boolean;
  readonly whole: boolean;
  readonly entries: number;
  readonly position: string;
  readonly headSeq: string;
  readonly headHash: string;
  readonly removedEntries: number;
  readonly brokenSeq: string | null;
  readonly problem: string | null;
  readonly expectedFound: boolean | null;
}

const query = `query Verify($from: ID, $expect: String) {
  verifyAudit(from: $from, expect: $expect) {
    ok whole entries position headSeq headHash removedEntries brokenSeq problem expectedFound
  }
}`;

/** Walks the log in parts. Fails for the first entry that does not hold, and when an expected one is not there. */
export async function verify({ expect: given }: VerifyFlags, session: Session): Promise<ExitCode> {
  const { terminal, json, signal } = session;
  const expect = given?.trim() ?? null;
  if (expect !== null && !/^[0-9a-f]{64}$/.test(expect))
    throw new UsageError('--expect is the hash of an entry: 64 lower-case hex digits, as verify prints them.');
  const client = await session.client();
  let entries = 0;
  let isFound = false;
  const progress = showProgress(terminal, (seconds) => `verifying: ${seconds} s, ${entries} entries`);
  let part: Part;
  try {
    let from: string | null = null;
    do {
      const answer: { verifyAudit: Part } = await client.query(query, { from, expect }, { signal });
      part = answer.verifyAudit;
      entries += part.entries;
      isFound ||= part.expectedFound === true;
      from = part.position;
    } while (part.ok && !part.whole);
  } finally {
    progress.end();
  }

  const isMissing = part.ok && expect !== null && !isFound;
  const { removedEntries, headSeq, headHash, brokenSeq, problem } = part;
  const exitCode = part.ok && !isMissing ? exitCodes.ok : exitCodes.failed;
  if (json) {
    const expectedFound = expect === null ? null : isFound;
    const head = part.ok ? { seq: Number(headSeq), hash: headHash } : null;
    const broken = brokenSeq === null ? null : { seq: Number(brokenSeq), what: problem };
    terminal.line(
      JSON.stringify({ ok: exitCode === exitCodes.ok, entries, removedEntries, head, expectedFound, broken }, null, 2),
    );
    return exitCode;
  }
  const checked = counted(entries, 'entry').replace(/entrys$/, 'entries');
  if (!part.ok) {
    terminal.note(printable(`The audit log does not hold at number ${brokenSeq}: ${problem}.`));
    terminal.note(`${checked} before it hold.`);
    return exitCode;
  }
  if (isMissing) {
    terminal.note(
      `No entry of the log has the hash ${expect}: what was there when it was kept is gone or was replaced.`,
    );
    if (removedEntries > 0)
      terminal.note(
        `Retention removed ${removedEntries} entries; a hash older than those that are left is not found either.`,
      );
    return exitCode;
  }
  terminal.line(`${checked} hold${removedEntries > 0 ? `; retention removed ${removedEntries} before them` : ''}.`);
  terminal.line(`Head: number ${headSeq}, hash ${headHash}`);
  if (expect === null)
    terminal.note('Keep the hash elsewhere: "audit verify --expect HASH" shows later that nothing of today is gone.');
  return exitCode;
}
