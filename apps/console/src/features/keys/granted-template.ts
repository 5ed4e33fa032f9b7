import type { TemplateGrant } from './listed-key.ts';

export interface GrantableTemplate {
  readonly name: string;
  readonly title: string;
  readonly variables: readonly { readonly name: string; readonly required: boolean; readonly default: string | null }[];
  readonly oneOf: readonly string[];
}

export const templatesText =
  'query GrantableTemplates { templates(state: APPROVED) { name title variables { name required default } oneOf } }';

/** Several versions of a template are one to a key; the newest comes first. */
export function templateOptions(templates: readonly GrantableTemplate[]) {
  const newest = new Map(templates.toReversed().map((template) => [template.name, template]));
  return [...newest.values()]
    .toSorted((left, right) => left.title.localeCompare(right.title, 'en'))
    .map(({ name, title }) => ({ value: name, label: `${title} (${name})` }));
}

/** The one template that a key is held to; null for a key of several. */
export function onlyTemplate({ all, names, tags }: TemplateGrant): string | null {
  const [name] = names;
  return !all && tags.length === 0 && names.length === 1 && name !== undefined ? name : null;
}

/** Variables without which the template is refused, of alternatives the first. */
export function neededVariables(template: GrantableTemplate | undefined): readonly string[] {
  if (template === undefined) return [];
  const { variables, oneOf } = template;
  const required = variables.filter((variable) => variable.required && variable.default === null);
  return [...new Set([...required.map(({ name }) => name), ...oneOf.slice(0, 1)])];
}

/** Reads the key from the environment: a command line is seen by others and kept in a history. */
export function curlCommand(gateway: string, name: string, needed: readonly string[]): string {
  const search = needed.map((variable) => `${encodeURIComponent(variable)}=VALUE`).join('&');
  const url = `${gateway.replace(/\/+$/, '')}/r/${encodeURIComponent(name)}.csv${search === '' ? '' : `?${search}`}`;
  return `curl -sS -H "Authorization: Bearer $CERTFOLIO_KEY" '${url}'`;
}
