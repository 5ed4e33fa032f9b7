import type { Pool } from '@certfolio/database';
import { createLetterCase, differingCharacters, probeLines, type LetterCase } from './letter-case.ts';

/** Asks the server how it lowers letters. Takes about 0.1 s, so it is done once. */
export async function learnLetterCase(pool: Pool): Promise<LetterCase> {
  const { rowCount } = await pool.query(`select from pg_collation where collname = 'und-x-icu'`);
  if (rowCount === 0) return createLetterCase(null);
  const { rows } = await pool.query<{ answer: string }>(`select lower($1::text collate "und-x-icu") as answer`, [
    probeLines(),
  ]);
  return createLetterCase(differingCharacters(rows[0]!.answer));
}
