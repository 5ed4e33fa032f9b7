import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { createQueries } from '@certfolio/database';
import { createTestDatabase, type TestDatabase } from '@certfolio/database/testing';
import { learnLetterCase } from './letter-case.postgres.ts';
import { createLetterCase, differingCharacters, probeLines, type LetterCase } from './letter-case.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

async function lowered(letterCase: LetterCase, texts: readonly string[]): Promise<readonly string[]> {
  const db = createQueries<Record<never, never>>(database.pool);
  const { rows } = await sql<{ lower: string }>`
    select ${letterCase.lower(sql`text`)} as lower
    from (select raw collate "C" as text, place from unnest(${texts}::text[]) with ordinality as list (raw, place)) as listed
    order by place`.execute(db);
  return rows.map(({ lower }) => lower);
}

const everyCharacter = Array.from({ length: 0x110000 }, (_, code) => code)
  .filter((code) => code < 0xd800 || code > 0xdfff)
  .map((code) => String.fromCodePoint(code));
/** Every character that JavaScript lowers, alone, among others, and around a sigma. */
const letters = everyCharacter.filter((one) => one.toLowerCase() !== one);
const contexts = letters.map((one) => `${one} ä${one}b ${one}Σ aΣ${one}`);
const sigmas = [
  'Σ',
  'ΑΣ',
  'ΑΣ.Α',
  'ΑΣ ΒΣ.',
  'ΑΣ\u0301',
  'Α\u0301Σ',
  "Α'Σ",
  'ʰΣ',
  'ΑʰΣ',
  'ΑΣʰ',
  '😀Σ',
  'Α\u{e0020}Σ',
  'ΣΣΣ',
  '٣Σ',
];
const texts = [...contexts, ...sigmas, '', 'plain ASCII', 'ß ẞ', 'İI', '한글 日本'];

describe('the lower case of a text in SQL is that of JavaScript', () => {
  it.each([
    ['as the server was found to be', () => learnLetterCase(database.pool)],
    ['on a server without ICU', () => Promise.resolve(createLetterCase(null))],
    ['on a server that is wrong about some letters', () => Promise.resolve(createLetterCase(letters.slice(100)))],
  ])('%s', async (_name, make) => {
    expect(await lowered(await make(), texts)).toEqual(texts.map((text) => text.toLowerCase()));
  });
});

it('finds the characters that a server lowers otherwise, among all that matter to it', () => {
  const right = probeLines().toLowerCase();
  expect(differingCharacters(right)).toEqual([]);
  expect(differingCharacters(right.replace('ä', 'Ä').replace('\u{10428}', 'x'))).toEqual(['Ä', '\u{10400}']);
  const probed = new Set(probeLines());
  const isNothing = (one: string) =>
    one === one.toLowerCase() && `${one}Σ`.toLowerCase().endsWith('σ') && `a${one}Σ`.toLowerCase().endsWith('σ');
  expect(everyCharacter.filter((one) => one > '\x7f' && !probed.has(one) && !isNothing(one))).toEqual([]);
});
