/** One call of `verifyAudit`. */
export interface VerificationStep {
  readonly ok: boolean;
  readonly whole: boolean;
  readonly entries: number;
  readonly position: string;
  readonly headSeq: string;
  readonly headHash: string;
  readonly removedEntries: number;
  readonly brokenSeq: string | null;
  readonly problem: string | null;
}

export interface Verified {
  readonly last: VerificationStep;
  /** Of all calls. */
  readonly entries: number;
}

export const verifyText = `query VerifyAudit($from: ID) {
  verifyAudit(from: $from) { ok whole entries position headSeq headHash removedEntries brokenSeq problem }
}`;

/**
 * Walks the log until its end or the first entry that does not hold.
 *
 * @param ask one call; null begins at the oldest entry
 * @param tell entries looked at so far, after each call
 */
export async function walkLog(
  ask: (from: string | null) => Promise<VerificationStep>,
  tell: (entries: number) => void,
): Promise<Verified> {
  let from: string | null = null;
  for (let entries = 0; ;) {
    const last = await ask(from);
    entries += last.entries;
    tell(entries);
    if (!last.ok || last.whole) return { last, entries };
    // Without this a gateway that stands still would be asked for ever.
    if (last.position === from) throw new Error('The gateway does not get on with the log. Try again later.');
    from = last.position;
  }
}

export function verdictOf({ last, entries }: Verified): string {
  const count = entries.toLocaleString('en');
  if (!last.ok)
    return `Entry ${last.brokenSeq ?? 'without a number'}: ${last.problem ?? 'no reason was told'}. Nothing after it was looked at.`;
  if (entries === 0) return 'There are no entries in it yet.';
  return `None of its ${count} entries is altered, missing or in another place.`;
}

/** What retention took away is no fault; it has to be known all the same. */
export const removedInWords = ({ removedEntries }: VerificationStep): string | null =>
  removedEntries === 0 ? null : `Retention removed ${removedEntries.toLocaleString('en')} older entries before.`;
