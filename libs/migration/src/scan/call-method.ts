import type { NamedFunction } from './blocks.ts';
import type { Place } from './place.ts';
import { isMark, isWord, lastName } from './program.ts';
import { methodInName, methodOf } from './raw-call.ts';
import type { Reading } from './read-expression.ts';
import { literalOf } from './text-value.ts';

const asksByDefault =
  /^(fetch|Request|request|axios|urlopen|got|ky|Invoke-RestMethod|Invoke-WebRequest|irm|iwr|curl|wget|http)$/;
const sends = /^(data|body|json)$/;

/** The method of a call: written out, in the name of what makes it, or in the function that does; null when nothing says it. */
export function methodOfCall(reading: Reading, place: Place, within: NamedFunction | null): string | null {
  const { tokens } = reading.program;
  for (const [from, to] of place.ranges) {
    const written = writtenMethod(reading, from, to);
    if (written !== null) return written;
  }
  // A data source reads.
  if (reading.program.language === 'hcl') return 'GET';
  if (place.callee === null) return within === null ? null : methodInFunction(reading, within);
  const name = lastName(place.callee.name);
  if (asksByDefault.test(name)) {
    const isSent = place.ranges.some(([from, to]) => {
      for (let at = from; at < to; at += 1)
        if (sends.test(tokens[at]!.text.replace(/['"]/g, '')) && isMark(tokens[at + 1], '=', ':')) return true;
      return false;
    });
    return isSent ? 'POST' : 'GET';
  }
  return methodInName(name) ?? methodOfNamed(reading, name);
}

/** `'PUT'`, `-Method Put`, `http.MethodPut`. */
function writtenMethod({ program: { tokens } }: Reading, from: number, to: number): string | null {
  for (let at = from; at < to; at += 1) {
    const token = tokens[at]!;
    const before = tokens[at - 1];
    const literal = token.kind === 'text' ? literalOf(token.value) : null;
    if (
      literal !== null &&
      (literal === literal.toUpperCase() ||
        isNamedMethod(tokens[at - 2]?.text) ||
        isWord(before, '-Method', '-CustomMethod'))
    ) {
      const method = methodOf(literal);
      if (method !== null) return method;
    }
    const inName = /\bMethod(Get|Post|Put|Delete|Patch|Head)$/.exec(token.text)?.[1];
    if (inName !== undefined) return inName.toUpperCase();
    if (isWord(before, '-Method', '-CustomMethod') && isWord(token)) return methodOf(token.text);
  }
  return null;
}

const isNamedMethod = (name: string | undefined) => /^['"]?method['"]?$/i.test(name ?? '');

/** What a function of the program that takes a path does with it. */
function methodOfNamed(reading: Reading, name: string): string | null {
  const { tokens } = reading.program;
  const at = tokens.findIndex(
    (token, index) => isWord(token) && lastName(token.text) === name && isDefinition(reading, index),
  );
  if (at === -1) return null;
  const open = tokens.findIndex((token, index) => index > at && isMark(token, '{', ':'));
  return methodInFunction(reading, { from: at + 1, to: Math.min(tokens.length, Math.max(open, at) + 120) });
}

function isDefinition({ program: { tokens } }: Reading, index: number): boolean {
  return (
    isWord(tokens[index - 1], 'def', 'function', 'func') ||
    (isMark(tokens[index + 1], '=') && isWord(tokens[index - 1], 'const', 'let', 'var'))
  );
}

function methodInFunction(
  reading: Reading,
  { from, to }: { readonly from: number; readonly to: number },
): string | null {
  const written = writtenMethod(reading, from, to);
  if (written !== null) return written;
  const { tokens } = reading.program;
  for (let at = from; at < to; at += 1) {
    const token = tokens[at]!;
    if (!isWord(token) || !isMark(tokens[at + 1], '(') || !token.text.includes('.')) continue;
    const method = methodInName(lastName(token.text));
    if (method !== null && /^(requests|session|http|client|axios|self|this|urllib|https)\b/i.test(token.text))
      return method;
  }
  return null;
}
