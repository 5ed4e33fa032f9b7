/** A NUL character, which PostgreSQL's text cannot hold, or half of a surrogate pair, which UTF-8 cannot. */
const unstorable = /\0|\p{Surrogate}/gu;

/** The text as the database can hold it: what it cannot hold becomes U+FFFD. */
export function storableText(text: string): string {
  return text.replace(unstorable, '\u{fffd}');
}

/** JSON for a `jsonb` column; its texts as `storableText` makes them. */
export function storableJson(value: unknown): string {
  const json = JSON.stringify(value);
  // Both are always written as escapes, so the walk over every text is only for what may have some.
  if (!/\\u(?:0000|d[89a-f])/.test(json)) return json;
  return JSON.stringify(value, (_key, one: unknown) => (typeof one === 'string' ? storableText(one) : one));
}
