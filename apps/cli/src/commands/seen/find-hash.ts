import type { GatewayClient } from '@certfolio/client';
import { CliError, UsageError } from '../../cli-error.ts';
import { printable } from '../../output/printable.ts';

/** Operations that are looked through for the beginning of a hash. */
const lookedThrough = 1_000;

/** The whole hash of a beginning that fits one operation only. @throws CliError when none or several fit */
export async function findHash(client: GatewayClient, beginning: string, signal: AbortSignal): Promise<string> {
  if (!/^[0-9a-f]{4,64}$/.test(beginning))
    throw new UsageError(`"${printable(beginning).slice(0, 80)}" is no hash: write 4 to 64 lower-case hex digits.`);
  if (beginning.length === 64) return beginning;
  const { seenOperations } = await client.query<{ seenOperations: { operations: readonly { hash: string }[] } }>(
    'query Hashes($first: Int!) { seenOperations(first: $first) { operations { hash } } }',
    { first: lookedThrough },
    { signal },
  );
  const fits = new Set(seenOperations.operations.map(({ hash }) => hash).filter((hash) => hash.startsWith(beginning)));
  const [hash] = fits;
  if (hash === undefined)
    throw new CliError(
      'NOT_FOUND',
      `No operation was seen whose hash begins with ${beginning}; "certfolio seen list" shows them.`,
    );
  if (fits.size > 1)
    throw new CliError(
      'AMBIGUOUS',
      `${fits.size} operations have a hash that begins with ${beginning}; write more of it.`,
    );
  return hash;
}
