/** What stands in the form; empty texts do not matter. */
export interface AuditFilterDraft {
  readonly since: string;
  readonly until: string;
  readonly key: string;
  readonly template: string;
  readonly kind: string;
}

export type AuditFilter = Partial<AuditFilterDraft>;

export const emptyFilter: AuditFilterDraft = { since: '', until: '', key: '', template: '', kind: '' };

export const kinds: readonly { readonly value: string; readonly label: string }[] = [
  { value: '', label: 'All kinds' },
  { value: 'REQUEST', label: 'Requests' },
  { value: 'ACT', label: 'Administrative acts' },
  { value: 'UNKNOWN_KEYS', label: 'Requests without a valid key' },
  { value: 'DROPPED', label: 'Entries that were lost' },
  { value: 'RETENTION', label: 'Removals by retention' },
  { value: 'RESTORED', label: 'Restored backups' },
];

/** The filter as the gateway takes it: what is empty is not said. */
export function filterOf(draft: AuditFilterDraft): AuditFilter {
  const { since, until, key, template, kind } = draft;
  return {
    ...said('since', since),
    ...said('until', until),
    ...said('key', key),
    ...said('template', template),
    ...said('kind', kind),
  };
}

const said = (name: keyof AuditFilterDraft, text: string): AuditFilter =>
  text.trim() === '' ? {} : { [name]: text.trim() };
