import type { ListedKey, TemplateGrant } from './listed-key.ts';

/** Names after which a cell of the table would push the others out of sight. */
const namesInCell = 3;

/** `expiring-soon, revoked, tag "cost"`; all of them unless `most` are enough. */
export function templatesInWords({ all, names, tags }: TemplateGrant, most = Infinity): string {
  if (all) return 'All';
  const parts = [...names, ...tags.map((tag) => `tag "${tag}"`)];
  if (parts.length === 0) return 'None';
  const rest = parts.length - most;
  return parts.slice(0, most).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

export const templatesInCell = (grant: TemplateGrant): string => templatesInWords(grant, namesInCell);

/** Null is what the graph says for all of them. */
export function listInWords(values: readonly (string | number)[] | null): string {
  if (values === null) return 'All';
  return values.length === 0 ? 'None' : values.join(', ');
}

export const numberInWords = (value: number): string => value.toLocaleString('en');

/** Requests per minute, and the burst where it is another number. */
export function limitInWords({ limits }: Pick<ListedKey, 'limits'>): string {
  const { requestsPerMinute: rate, burst, mode } = limits;
  return [
    numberInWords(rate),
    burst === rate ? null : `burst ${numberInWords(burst)}`,
    mode === 'SHADOW' ? 'only counted' : null,
  ]
    .filter((part) => part !== null)
    .join(', ');
}

/** `ID_ONLY` as "ID only", `LISTED` as "Listed". */
export function levelInWords(level: string): string {
  const words = level.toLowerCase().replaceAll('_', ' ').replace(/^id\b/, 'ID');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
