/** Words that mean something else where a name may stand: `/graphql/persisted/…`, `/r/openapi.json`. */
const reservedNames = new Set(['persisted', 'openapi']);

export const templateNameRule =
  'a lower-case letter, then up to 63 letters, digits or hyphens; not 32, 40 or 64 hex digits, "persisted" or "openapi"';

/** Names share one space with ids, so nothing that looks like a digest is a name. */
export function isTemplateName(text: string): boolean {
  return (
    /^[a-z][a-z0-9-]{0,63}$/.test(text) &&
    !reservedNames.has(text) &&
    !/^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})$/.test(text)
  );
}

export interface TemplateReference {
  readonly name: string;
  /** Null means the newest that runs. */
  readonly version: number | null;
}

/** Reads `name` or `name@version`; null for anything else. */
export function parseTemplateReference(text: string): TemplateReference | null {
  const match = /^([^@]+)(?:@([1-9]\d{0,8}))?$/.exec(text);
  const name = match?.[1];
  if (name === undefined || !isTemplateName(name)) return null;
  return { name, version: match?.[2] === undefined ? null : Number(match[2]) };
}
