import { exitCodes, type ExitCode } from '@certfolio/client';
import { UsageError } from '../../cli-error.ts';
import type { Session } from '../../session.ts';
import { createdFields, type CreatedAnswer } from './key-fields.ts';
import { printCreated } from './create.ts';

/** The options of `keys rotate` as they were typed. */
export interface RotateFlags {
  readonly overlap: string;
  readonly adopted?: boolean;
}

const mutation = `mutation RotateKey($id: ID!, $overlapSeconds: Int!, $adopted: Boolean!) {
  rotateKey(id: $id, overlapSeconds: $overlapSeconds, adopted: $adopted) { ${createdFields} }
}`;

/** Makes a new secret of a key; the others work for the overlap. */
export async function rotateKey(
  id: string,
  { overlap, adopted = false }: RotateFlags,
  session: Session,
): Promise<ExitCode> {
  const overlapSeconds = readOverlap(overlap);
  const client = await session.client();
  const { rotateKey: made } = await client.query<{ rotateKey: CreatedAnswer }>(
    mutation,
    { id, overlapSeconds, adopted },
    { signal: session.signal },
  );
  const until = new Date(session.nowMs() + overlapSeconds * 1_000).toISOString().slice(0, 16).replace('T', ' ');
  const former = overlapSeconds === 0 ? 'The former ends now' : `The former works until ${until}`;
  printCreated(made, session, ` ${former}${adopted ? ', adopted CertCentral keys too' : ''}.`);
  return exitCodes.ok;
}

const unitSeconds = new Map([
  ['m', 60],
  ['h', 3_600],
  ['d', 86_400],
  ['w', 7 * 86_400],
]);

/** Seconds. @throws UsageError */
export function readOverlap(text: string): number {
  if (text === '0') return 0;
  const [, amount, unit] = /^(\d{1,5})([mhdw])$/.exec(text) ?? [];
  if (amount !== undefined && unit !== undefined) return Number(amount) * unitSeconds.get(unit)!;
  throw new UsageError(`--overlap takes 0, or a time such as 30m, 24h or 7d; "${text}" is none.`);
}
