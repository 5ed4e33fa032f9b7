import { checkTemplate, type TemplateRules, type TemplateSource } from './check-template.ts';
import { at, type TemplateProblem } from './template-problem.ts';
import type { FolderVersion, StoredVersion } from './template-store.ts';
import type { Template } from './template.ts';
import { folderConflict, problemOfConflict } from './version-conflict.ts';

/** The content of a folder's file. */
export interface FolderFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** All or nothing: with any problem the caller keeps the set it had. */
export interface TemplateFolder {
  /** Templates without problems, by name and then version. */
  readonly templates: readonly Template[];
  /** The same as they were written. */
  readonly versions: readonly FolderVersion[];
  readonly problems: readonly TemplateProblem[];
}

/** Larger files are no templates, and reading one would hold the process up. */
export const maxTemplateFileBytes = 1_000_000;
/** More files than a folder of templates has: two for each version. */
export const maxTemplateFiles = 2_000;

/** A checked version with the file it came from. */
export interface CheckedFile {
  readonly base: string;
  readonly template: Template;
  readonly version: FolderVersion;
}

export function tooManyFiles(count: number, most: number): TemplateProblem {
  return at(
    '(all files)',
    '',
    `There are ${count} files; at most ${most} are taken at once.`,
    'Leave out those of retired versions.',
  );
}

export function tooLargeFile(file: string): TemplateProblem {
  return at(file, '', `The file has more than ${maxTemplateFileBytes} bytes.`, 'Make it smaller.');
}

/** Checks files of templates, each alone and then together. The event loop turns between them, so that hundreds hold nothing up. */
export async function checkTemplateFiles(
  files: readonly FolderFile[],
  rules: TemplateRules,
): Promise<{ readonly checked: readonly CheckedFile[]; readonly problems: readonly TemplateProblem[] }> {
  const { sources, problems } = pairFiles(files);
  const checked: CheckedFile[] = [];
  const earlier = new Map<string, Template[]>();
  for (const { base, graphql, yaml } of sources) {
    await new Promise<void>((resolve) => setImmediate(resolve));
    const { template, problems: found } = checkTemplate({ base, graphql, yaml }, rules);
    problems.push(...found);
    if (template === null) continue;
    const { name, version, state } = template;
    const sameName = earlier.get(name) ?? [];
    problems.push(...togetherProblems(template, base, sameName));
    earlier.set(name, [...sameName, template]);
    checked.push({ base, template, version: { name, version, state, document: graphql, metadata: yaml } });
  }
  return { checked, problems };
}

/**
 * Checks the files of a template folder, each alone, then together, then against what is stored.
 *
 * @param stored what a text that was approved must still be
 */
export async function checkTemplateFolder(
  files: readonly FolderFile[],
  rules: TemplateRules,
  stored: readonly StoredVersion[],
): Promise<TemplateFolder> {
  const { checked, problems } = await checkTemplateFiles(files, rules);
  const before = new Map(stored.map((version) => [`${version.name}@${version.version}`, version]));
  const conflicts = checked.flatMap(({ base, version }) => {
    const known = before.get(`${version.name}@${version.version}`);
    const conflict = known === undefined ? null : folderConflict(version, known);
    return conflict === null ? [] : [problemOfConflict(base, conflict)];
  });
  return {
    templates: checked.map(({ template }) => template),
    versions: checked.map(({ version }) => version),
    problems: [...problems, ...conflicts],
  };
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
    if (graphql === undefined)
      problems.push(at(`${base}.yaml`, '', `There is no "${base}.graphql" beside it.`, 'Add the document.'));
    else if (yaml === undefined)
      problems.push(at(`${base}.graphql`, '', `There is no "${base}.yaml" beside it.`, 'Add the metadata.'));
    else sources.push({ base, graphql, yaml: new TextDecoder().decode(yaml) });
  }
  return { sources, problems };
}

/** Sources come in the order of their names, so `name` is seen before `name@version`. */
function togetherProblems(template: Template, base: string, sameName: readonly Template[]): TemplateProblem[] {
  const file = `${base}.yaml`;
  if (sameName.some(({ version }) => version === template.version)) {
    return [
      at(
        file,
        'version',
        `Version ${template.version} of "${template.name}" exists twice.`,
        'Give each file its own version.',
      ),
    ];
  }
  const current = sameName[0];
  if (base !== template.name && current !== undefined && current.version < template.version) {
    const what = `"${template.name}.yaml" has version ${current.version}, which is older.`;
    return [at(file, 'version', what, 'Keep the newest version in the file without a version.')];
  }
  return [];
}
