import { readdirSync, readFileSync } from 'node:fs';

/** The two files of a template, as a template registry takes them. */
export interface TemplateText {
  readonly base: string;
  readonly graphql: Uint8Array;
  readonly yaml: string;
}

const folder = new URL('./templates/', import.meta.url);

/** The templates that REST routes are answered by; they stand beside this code and come with it. */
export function builtInTemplates(): readonly TemplateText[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.graphql'))
    .sort()
    .map((file) => {
      const base = file.slice(0, -'.graphql'.length);
      return {
        base,
        graphql: readFileSync(new URL(file, folder)),
        yaml: readFileSync(new URL(`${base}.yaml`, folder), 'utf8'),
      };
    });
}
