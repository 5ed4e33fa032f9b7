/** What stands in the form of a new key. A number box that is empty holds an empty text. */
export interface NewKeyDraft {
  readonly name: string;
  readonly owner: string;
  readonly level: string;
  /** Names; empty for all. */
  readonly templates: readonly string[];
  readonly scopes: readonly string[];
  /** Numbers as they were typed; empty for all. */
  readonly divisions: readonly string[];
  readonly hasNoDivisions: boolean;
  readonly fieldsMode: 'all' | 'chosen' | 'none';
  readonly fields: readonly string[];
  readonly requestsPerMinute: number | string;
  readonly burst: number | string;
  /** A day such as 2027-01-31, or empty for never. */
  readonly expiresOn: string;
  readonly inUrl: boolean;
}

export interface CreateKeyInput {
  readonly name: string;
  readonly owner?: string;
  readonly level: string;
  readonly templates?: { readonly names: readonly string[]; readonly tags: readonly string[] };
  readonly scopes: readonly string[];
  readonly containers?: readonly number[];
  readonly fields?: readonly string[];
  readonly limits?: { readonly requestsPerMinute?: number; readonly burst?: number };
  readonly expiresAt?: string;
  readonly inUrl?: boolean;
}

export const emptyDraft: NewKeyDraft = {
  name: '',
  owner: '',
  level: 'ID_ONLY',
  templates: [],
  scopes: ['templates:run'],
  divisions: [],
  hasNoDivisions: false,
  fieldsMode: 'all',
  fields: [],
  requestsPerMinute: '',
  burst: '',
  expiresOn: '',
  inUrl: false,
};

/** An address opens one report: more templates, or the texts of another level, have no place in it. */
export const mayBeInUrl = ({ templates, level }: NewKeyDraft): boolean => templates.length === 1 && level === 'ID_ONLY';

/** What is left out has the gateway's default, so that nothing is said here which nobody chose. */
export function createInputOf(draft: NewKeyDraft): CreateKeyInput {
  const { name, owner, level, templates, scopes, expiresOn, inUrl } = draft;
  return {
    name: name.trim(),
    ...(owner.trim() === '' ? {} : { owner: owner.trim() }),
    level,
    ...(templates.length === 0 ? {} : { templates: { names: templates, tags: [] } }),
    scopes,
    ...containersOf(draft),
    ...fieldsOf(draft),
    ...limitsOf(draft),
    ...(expiresOn === '' ? {} : { expiresAt: endOfDay(expiresOn) }),
    ...(inUrl && mayBeInUrl(draft) ? { inUrl: true } : {}),
  };
}

/** What the gateway could not be asked at all, by the name of the field. */
export function problemsOf({
  divisions,
  hasNoDivisions,
  fieldsMode,
  fields,
}: NewKeyDraft): ReadonlyMap<string, string> {
  const wrong = divisions.filter((text) => !/^\d{1,10}$/.test(text));
  return new Map([
    ...(wrong.length === 0 || hasNoDivisions
      ? []
      : [['divisions', `A division is told by its number, not by "${wrong[0]}".`] as const]),
    // An empty list would mean none of them.
    ...(fieldsMode === 'chosen' && fields.length === 0 ? [['fields', 'Choose at least one field.'] as const] : []),
  ]);
}

/** The last second of a day, in UTC. */
export const endOfDay = (day: string): string => `${day}T23:59:59Z`;

function containersOf({ divisions, hasNoDivisions }: NewKeyDraft): Pick<CreateKeyInput, 'containers'> {
  if (hasNoDivisions) return { containers: [] };
  return divisions.length === 0 ? {} : { containers: divisions.map(Number) };
}

function fieldsOf({ fieldsMode, fields }: NewKeyDraft): Pick<CreateKeyInput, 'fields'> {
  if (fieldsMode === 'all') return {};
  return { fields: fieldsMode === 'none' ? [] : fields };
}

function limitsOf({ requestsPerMinute, burst }: NewKeyDraft): Pick<CreateKeyInput, 'limits'> {
  const limits = {
    ...(requestsPerMinute === '' ? {} : { requestsPerMinute: Number(requestsPerMinute) }),
    ...(burst === '' ? {} : { burst: Number(burst) }),
  };
  return Object.keys(limits).length === 0 ? {} : { limits };
}
