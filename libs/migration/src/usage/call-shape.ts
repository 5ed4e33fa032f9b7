/** A parameter's name that is longer than any of CertCentral's may be a value that lost its name. */
const maxNameLength = 40;
const maxNames = 20;
export const longName = '(long)';

/**
 * Of which parameters a query is made: their names, decoded, sorted, each once, without any value. Positions in lists count as
 * one name: `filters[status][0]` is `filters[status][]`.
 *
 * @param search without "?"
 */
export function callShape(search: string): string {
  const names = search
    .split('&')
    .map((part) => part.split('=', 1)[0]!)
    .filter((name) => name !== '')
    .map((name) => decoded(name).replace(/\[\d+\]/g, '[]'))
    .map((name) => (name.length > maxNameLength ? longName : name));
  const sorted = [...new Set(names)].sort();
  return (sorted.length > maxNames ? [...sorted.slice(0, maxNames), '…'] : sorted).join(',');
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name.replaceAll('+', ' '));
  } catch {
    return name;
  }
}
