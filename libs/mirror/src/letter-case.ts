import { sql, type RawBuilder } from 'kysely';

/**
 * SQL for the lower case of a text exactly as JavaScript's `toLowerCase` makes it, so that a query of the mirror and a filter of
 * live rows never disagree. PostgreSQL's `lower` depends on the collation and on the Unicode version of the server.
 */
export interface LetterCase {
  /** @param text of collation "C"; repeated in the SQL, so a column or something as cheap */
  readonly lower: (text: RawBuilder<unknown>) => RawBuilder<string>;
}

/** Where Unicode has letters with case, and the tags, which a final sigma is looked for across. */
const planes = [
  { from: 0x80, to: 0xd7ff },
  { from: 0xe000, to: 0x1ffff },
  { from: 0xe0000, to: 0xe0fff },
];
const characters = (): string[] =>
  planes.flatMap(({ from, to }) =>
    Array.from({ length: to - from + 1 }, (_, index) => String.fromCodePoint(from + index)),
  );

/** Every character outside ASCII that may have a lower case, one a line. */
export function probeLines(): string {
  return characters().join('\n');
}

/** The characters that a server lowers unlike JavaScript, by its lower case of `probeLines`. */
export function differingCharacters(answer: string): readonly string[] {
  const theirs = answer.split('\n');
  return characters().filter((one, index) => theirs[index] !== one.toLowerCase());
}

/** @param differing characters that the server's ICU lowers unlike JavaScript; null when the server has no ICU */
export function createLetterCase(differing: readonly string[] | null): LetterCase {
  const ours = createTable();
  const byServer = (text: RawBuilder<unknown>) => sql<string>`lower(${text} collate "und-x-icu") collate "C"`;
  const byTable = (text: RawBuilder<unknown>) =>
    sql<string>`translate(replace(${ours.withoutCapitalSigma(text)}, ${dottedI}, ${dottedI.toLowerCase()}), ${ours.from}, ${ours.to})`;
  const isAscii = (text: RawBuilder<unknown>) => sql`octet_length(${text}) = char_length(${text})`;

  if (differing === null) {
    const changed = characterClass(ours.changed);
    return {
      lower: (text) =>
        sql<string>`case when ${isAscii(text)} or ${text} !~ ${changed} then lower(${text}) else ${byTable(text)} end`,
    };
  }
  const strange = characterClass(differing);
  const isStrange = (text: RawBuilder<unknown>) => (differing.length === 0 ? sql`false` : sql`${text} ~ ${strange}`);
  return {
    lower: (text) =>
      sql<string>`case when ${isAscii(text)} then lower(${text}) when ${isStrange(text)} then ${byTable(text)} when strpos(${text}, 'Σ') = 0 then ${byServer(text)} else ${byServer(ours.withoutCapitalSigma(text))} end`,
  };
}

/** The one character whose lower case is two: i and a dot above. */
const dottedI = 'İ';

/**
 * JavaScript's own mapping: every character has one lower-case character whatever stands around it, but İ, and Σ, which is ς
 * at the end of a word. What is a word there follows from what JavaScript does with each character in front of a Σ.
 */
function createTable() {
  const changed: string[] = [];
  const letters: string[] = [];
  const ignored: string[] = [];
  for (const one of [...asciiCharacters, ...characters()]) {
    if (one.toLowerCase() !== one) changed.push(one);
    if (`${one}Σ`.toLowerCase().endsWith('ς')) letters.push(one);
    else if (`a${one}Σ`.toLowerCase().endsWith('ς')) ignored.push(one);
  }
  const single = changed.filter((one) => one !== dottedI);
  const [letter, ignorable] = [characterClass(letters), characterClass(ignored)];
  const finalSigma = `(?<=${letter}${ignorable}*)Σ(?!${ignorable}*${letter})`;
  return {
    /** Outside ASCII. */
    changed: changed.filter((one) => one > '\x7f'),
    from: single.join(''),
    to: single.map((one) => one.toLowerCase()).join(''),
    withoutCapitalSigma: (text: RawBuilder<unknown>) =>
      sql`case when strpos(${text}, 'Σ') = 0 then ${text} else replace(regexp_replace(${text}, ${finalSigma}, 'ς', 'g'), 'Σ', 'σ') end`,
  };
}

const asciiCharacters = Array.from({ length: 0x7f }, (_, index) => String.fromCodePoint(index + 1));

/** A bracket expression of PostgreSQL's regular expressions. */
function characterClass(members: readonly string[]): string {
  const runs: [number, number][] = [];
  for (const member of members) {
    const code = member.codePointAt(0)!;
    const last = runs.at(-1);
    if (last !== undefined && last[1] === code - 1) last[1] = code;
    else runs.push([code, code]);
  }
  return `[${runs.map(([first, last]) => `${escaped(first)}-${escaped(last)}`).join('')}]`;
}

function escaped(code: number): string {
  return code > 0x7f ? String.fromCodePoint(code) : `\\u${code.toString(16).padStart(4, '0')}`;
}
