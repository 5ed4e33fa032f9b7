import { checkTemplate, type TemplateRules, type TemplateSource } from './check-template.ts';
import { reference } from './registry.ts';
import { at, type TemplateProblem } from './template-problem.ts';
import type { Template } from './template.ts';

/** The content of a folder's file. */
export interface FolderFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** All or nothing: with any problem the caller keeps the set it had. */
export interface TemplateFolder {
  /** Templates without problems, by name and then version. */
  readonly templates: readonly Template[];
  readonly problems: readonly TemplateProblem[];
}

/**
 * Checks the files of a template folder, each alone and then together.
 *
 * @param previous the last good set: an approved text must still be what it was there
 */
export function checkTemplateFolder(files: readonly FolderFile[], rules: TemplateRules, previous: readonly Template[]): TemplateFolder {
  const { sources, problems } = pairFiles(files);
  const templates: Template[] = [];
  for (const source of sources) {
    const checked = checkTemplate(source, rules);
    problems.push(...checked.problems);
    if (checked.template === null) continue;
    problems.push(...togetherProblems(checked.template, source, templates), ...changeProblems(checked.template, source, previous));
    templates.push(checked.template);
  }
  return { templates, problems };
}

function pairFiles(files: readonly FolderFile[]): { sources: TemplateSource[]; problems: TemplateProblem[] } {
  const documents = new Map<string, Uint8Array>();
  const metadata = new Map<string, Uint8Array>();
  const problems: TemplateProblem[] = [];
  for (const { name, bytes } of files) {
    const [, base, extension] = /^(.+)\.(graphql|gql|yaml|yml)$/.exec(name) ?? [];
    if (base === undefined || name.startsWith('.')) continue;
    if (extension === 'graphql') documents.set(base, bytes);
    else if (extension === 'yaml') metadata.set(base, bytes);
    else problems.push(at(name, '', `Files ending in ".${extension}" are not read.`, 'Use ".graphql" and ".yaml".'));
  }
  const sources: TemplateSource[] = [];
  for (const base of [...new Set([...documents.keys(), ...metadata.keys()])].sort()) {
    const graphql = documents.get(base);
    const yaml = metadata.get(base);
    if (graphql === undefined) problems.push(at(`${base}.yaml`, '', `There is no "${base}.graphql" beside it.`, 'Add the document.'));
    else if (yaml === undefined) problems.push(at(`${base}.graphql`, '', `There is no "${base}.yaml" beside it.`, 'Add the metadata.'));
    else sources.push({ base, graphql, yaml: new TextDecoder().decode(yaml) });
  }
  return { sources, problems };
}

/** Sources come in the order of their names, so `name` is seen before `name@version`. */
function togetherProblems(template: Template, { base }: TemplateSource, earlier: readonly Template[]): TemplateProblem[] {
  const file = `${base}.yaml`;
  const sameName = earlier.filter(({ name }) => name === template.name);
  if (sameName.some(({ version }) => version === template.version)) {
    return [at(file, 'version', `Version ${template.version} of "${template.name}" exists twice.`, 'Give each file its own version.')];
  }
  const current = sameName[0];
  if (base !== template.name && current !== undefined && current.version < template.version) {
    const what = `"${template.name}.yaml" has version ${current.version}, which is older.`;
    return [at(file, 'version', what, 'Keep the newest version in the file without a version.')];
  }
  return [];
}

function changeProblems(template: Template, { base }: TemplateSource, previous: readonly Template[]): TemplateProblem[] {
  const before = previous.find((each) => each.name === template.name && each.version === template.version);
  if (before === undefined || before.state === 'draft') return [];
  if (before.id !== template.id) {
    const what = `The text of ${reference(template)} changed after its approval: its id was ${before.id} and is ${template.id}.`;
    return [at(`${base}.graphql`, '', what, 'Restore the text, or give the changed text a new version.')];
  }
  if (template.state === 'draft') {
    return [at(`${base}.yaml`, 'state', `${reference(template)} was ${before.state} and cannot become a draft again.`, 'Give the draft a new version.')];
  }
  return [];
}
