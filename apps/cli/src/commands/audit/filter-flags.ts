/** What entries are chosen by, as it is given. */
export interface AuditFilterFlags {
  readonly since?: string;
  readonly until?: string;
  readonly key?: string;
  readonly template?: string;
}

/** What was given of it, by name. */
export function givenFilters({ since, until, key, template }: AuditFilterFlags): Record<string, string> {
  const all = Object.entries({ since, until, key, template });
  return Object.fromEntries(all.filter((entry): entry is [string, string] => entry[1] !== undefined));
}
