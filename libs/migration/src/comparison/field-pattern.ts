/** The longest pattern that a rule may have. */
export const maxPatternChars = 200;

/**
 * The name of a place with the positions in lists left open: `orders[3].status` is of `orders[*].status`. Names that are no
 * plain words stand in quotes, so that a name with a dot is no path.
 */
export const memberOf = (parent: string, name: string): string => {
  const plain = /^[A-Za-z0-9_-]{1,80}$/.test(name) ? name : JSON.stringify(name.slice(0, 80));
  return parent === '' ? plain : `${parent}.${plain}`;
};

export const itemOf = (parent: string, at: number | '*'): string => `${parent}[${at}]`;

/**
 * Whether a rule's pattern is of a field: `*` outside of brackets stands for one name or a part of it, `**` for anything.
 * `orders[*].**` is of everything in an order, and not of the rows themselves.
 */
export function isOfPattern(pattern: string, field: string): boolean {
  return expressionOf(pattern).test(field);
}

function expressionOf(pattern: string): RegExp {
  const source = pattern
    .split(/(\[\*\]|\*\*|\*)/)
    .map((part) => {
      if (part === '**') return '.*';
      if (part === '*') return '[^.\\[\\]]*';
      return part.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
    })
    .join('');
  return new RegExp(`^${source}$`, 's');
}

/** Null when it can be a pattern, else what is wrong, as a sentence without its full stop. */
export function patternProblem(pattern: string): string | null {
  if (pattern === '' || pattern.trim() !== pattern) return 'a field pattern is needed, such as orders[*].price';
  if (pattern.length > maxPatternChars) return `a field pattern has at most ${maxPatternChars} characters`;
  if (pattern === '**' || pattern === '*') return 'a pattern of everything would end the comparison; name a field';
  if ((pattern.match(/\*/g) ?? []).length > 12) return 'a field pattern has at most 12 asterisks';
  if (/\[\d+\]/.test(pattern)) return 'positions in lists are written [*]';
  return null;
}
