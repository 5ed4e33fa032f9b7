import { LRUCache } from 'lru-cache';
import type { Masked } from './audit-entry.ts';

/** What stands for a value that must not be written down. */
export const masked = '[masked]';
/** Longer texts are cut after so many characters. */
export const maxTextChars = 200;
/** Longer lists are cut after so many items, larger objects after so many members. */
export const maxItems = 50;
/** What nests deeper is left out. */
export const maxDepth = 8;
/** When all of it together is longer as JSON than this, only its size is written down. */
export const maxJsonChars = 8_000;
/** Scalars, cut as they are and with every character escaped, that are no longer than that with their names. */
const fewMembers = 3;

const secretWords = new Set(
  'secret secrets password passwords passwd pwd passphrase pin token tokens credential credentials authorization auth cookie bearer apikey devkey adopt adopted sha256 privatekey signature hmac'.split(
    ' ',
  ),
);
const sensitiveWords = new Set('csr email emails mail mails'.split(' '));
/** As the last word: `apiKey` is a secret, `keyId` and `keySize` are facts. */
const lastWords = new Set(['key', 'keys']);

/** Variables of templates come again with every request; what callers invent is forgotten. */
const judgedNames = new LRUCache<string, boolean>({ max: 2_000 });
const longestJudgedName = 100;

/** Whether what stands under this name is a secret, or a field whose values need a right of their own. */
export function isSensitiveName(name: string): boolean {
  if (name.length > longestJudgedName) return judge(name);
  const known = judgedNames.get(name);
  if (known !== undefined) return known;
  const isSensitive = judge(name);
  judgedNames.set(name, isSensitive);
  return isSensitive;
}

function judge(name: string): boolean {
  const words = wordsOf(name);
  const last = words.at(-1);
  return (
    words.some((word) => secretWords.has(word) || sensitiveWords.has(word)) ||
    (last !== undefined && lastWords.has(last))
  );
}

/** `adoptedKeySha256` and `ADOPTED_KEY_SHA256` are the words adopted, key, sha256. */
function wordsOf(name: string): readonly string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
}

/**
 * What may be written down of values that came with a request: a member whose name, or that of anything it stands in, is
 * sensitive is masked; so are values that look like a key of Certfolio, wherever they stand. Long texts, lists and objects
 * are cut, and say so.
 *
 * @param alsoMasked names of the outermost members that are masked whatever they are called
 */
export function maskValues(
  values: Readonly<Record<string, unknown>>,
  alsoMasked: ReadonlySet<string> = new Set(),
): Masked {
  const result = maskObject(values, 1, alsoMasked);
  if (isSurelyShort(result)) return result;
  const chars = JSON.stringify(result).length;
  return chars <= maxJsonChars ? result : `[${chars} characters, left out]`;
}

/** Few members, each a short name and no more than a short text: what most templates take is not written out to be measured. */
function isSurelyShort(masked: Masked): boolean {
  if (typeof masked !== 'object' || masked === null) return false;
  const members = Object.values(masked) as readonly Masked[];
  return members.length <= fewMembers && members.every((member) => typeof member !== 'object' || member === null);
}

function maskObject(value: object, depth: number, alsoMasked: ReadonlySet<string>): Masked {
  const entries = Object.entries(value);
  const kept = entries.slice(0, maxItems).map(([name, member]) => {
    const isHidden = member !== null && member !== undefined && (alsoMasked.has(name) || isSensitiveName(name));
    return [cutText(name), isHidden ? masked : mask(member, depth)] as const;
  });
  // Made of entries: a member named `__proto__` stays a member.
  const result = Object.fromEntries(kept);
  return entries.length <= maxItems ? result : { ...result, '…': `${entries.length - maxItems} more` };
}

function mask(value: unknown, depth: number): Masked {
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'string') return /cfk_\w/.test(value) ? masked : cutText(value);
  if (typeof value !== 'object') return cutText(String(value));
  if (depth >= maxDepth) return '[nested deeper]';
  if (!Array.isArray(value)) return maskObject(value, depth + 1, new Set());
  const items = value.slice(0, maxItems).map((item) => mask(item, depth + 1));
  return value.length <= maxItems ? items : [...items, `… ${value.length - maxItems} more`];
}

/** Also what PostgreSQL keeps in no text: U+0000, and halves of a surrogate pair. */
export function cutText(text: string, maxChars: number = maxTextChars): string {
  const cut = text.length <= maxChars ? text : `${text.slice(0, maxChars)}… (${text.length} characters)`;
  return cut.toWellFormed().replaceAll('\u0000', '\ufffd');
}
