export interface TemplateAct {
  readonly at: string;
  readonly by: string;
  readonly note: string | null;
}

/** A version of a template, whatever its state. */
export interface ListedTemplate {
  /** name@version */
  readonly ref: string;
  readonly name: string;
  readonly title: string;
  readonly owner: string;
  readonly tags: readonly string[];
  readonly state: string;
  readonly source: string | null;
  /** Sensitive fields that it selects. */
  readonly sensitive: readonly string[];
  readonly approved: TemplateAct | null;
  readonly deprecationNote: string | null;
  readonly sunset: string | null;
  readonly successor: string | null;
  readonly retiredAt: string | null;
  /** Why it cannot run whatever its state says. */
  readonly problem: string | null;
  readonly lastUsedAt: string | null;
  readonly usedBy: readonly { readonly keyId: string; readonly keyName: string | null }[];
}

export const listedTemplatesKey = ['listed-templates'] as const;

export const listedTemplatesText = `query ListedTemplates {
  templates {
    ref name title owner tags state source sensitive approved { at by note } deprecationNote sunset successor retiredAt
    problem lastUsedAt usedBy { keyId keyName }
  }
}`;

/** The states of a template's life, in their order. */
export const templateStates = ['DRAFT', 'APPROVED', 'DEPRECATED', 'RETIRED'] as const;

export interface TemplateFilter {
  /** Words that all have to be somewhere. */
  readonly text: string;
  /** Empty for all. */
  readonly state: string;
}

export function shownTemplates(templates: readonly ListedTemplate[], { text, state }: TemplateFilter) {
  const words = text.toLowerCase().split(/\s+/);
  return templates.filter((template) => {
    if (state !== '' && template.state !== state) return false;
    const all = [template.ref, template.title, template.owner, ...template.tags].join(' ').toLowerCase();
    return words.every((word) => all.includes(word));
  });
}

/** What a change of state means to those who run it. */
export function usersText({ usedBy }: Pick<ListedTemplate, 'usedBy'>): string {
  if (usedBy.length === 0) return 'No key ran it in the last 400 days.';
  const names = usedBy.slice(0, 5).map(({ keyName, keyId }) => keyName ?? keyId);
  const more = usedBy.length - names.length;
  return `In the last 400 days it was run by ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}.`;
}
