/**
 * Reads a pattern as `.gitignore` has them: `*` within a name, `**` across folders, `?` one character, `a/` a folder with all
 * below it. A pattern without a slash, or with one at its end alone, fits at any depth; others from the top.
 *
 * @returns whether a path, with `/` and from the top of the scan, is the pattern or lies below it
 */
export function globMatcher(pattern: string): (path: string) => boolean {
  const plain = pattern.replace(/^\.\//, '').replace(/\/$/, '');
  const isAnchored = plain.includes('/');
  const body = plain.replace(/^\//, '').replace(/\*\*\/|\*\*|[*?]|[.+^${}()|[\]\\]/g, (part) => {
    if (part === '**/') return '(?:.*/)?';
    if (part === '**') return '.*';
    if (part === '*') return '[^/]*';
    return part === '?' ? '[^/]' : `\\${part}`;
  });
  const regex = new RegExp(`^${isAnchored ? '' : '(?:.*/)?'}${body}(?:/.*)?$`);
  return (path) => regex.test(path);
}

/** Patterns of an ignore file, one a line; `#` begins a comment. */
export const ignorePatterns = (text: string): readonly string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
