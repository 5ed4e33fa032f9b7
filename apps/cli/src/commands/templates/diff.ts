import { exitCodes, type ExitCode, type GatewayClient } from '@certfolio/client';
import { CliError, UsageError } from '../../cli-error.ts';
import { counted } from '../../output/counted.ts';
import { printableLine } from '../../output/printable.ts';
import type { Session } from '../../session.ts';
import type { Terminal } from '../../terminal.ts';
import { isFolder, readFolderFiles } from './folder-files.ts';

interface Change {
  readonly part: string;
  readonly path: string;
  readonly kind: 'ADDED' | 'REMOVED' | 'CHANGED';
  readonly from: string | null;
  readonly to: string | null;
  readonly breaking: boolean;
}

interface Diff {
  readonly from: string | null;
  readonly to: string | null;
  readonly breaking: boolean;
  readonly changes: readonly Change[];
}

const fields = 'from to breaking changes { part path kind from to breaking }';
const betweenVersions = `query TemplateDiff($from: String!, $to: String!) { templateDiff(from: $from, to: $to) { ${fields} } }`;
const againstFiles = `query DiffTemplates($files: [TemplateTextFile!]!) { diffTemplates(files: $files) { ${fields} } }`;

/**
 * Tells two versions apart, or a folder from what is in place. One reference alone is held against the version before it; a
 * reference and a folder, against what the folder has under its name.
 */
export async function diffTemplates(first: string, second: string | undefined, session: Session): Promise<ExitCode> {
  const { terminal, json, signal } = session;
  if (await isFolder(first)) {
    if (second !== undefined) throw new UsageError('A folder comes last, or alone.');
    return show(await diffFolder(first, null, session), terminal, json);
  }
  if (second !== undefined && (await isFolder(second)))
    return show(await diffFolder(second, first, session), terminal, json);
  const client = await session.client();
  const [from, to] = second === undefined ? await withVersionBefore(first, client, signal) : [first, second];
  const { templateDiff } = await client.query<{ templateDiff: Diff }>(betweenVersions, { from, to }, { signal });
  return show([templateDiff], terminal, json);
}

/** @param ref whose name alone is wanted; null for all */
async function diffFolder(dir: string, ref: string | null, session: Session): Promise<readonly Diff[]> {
  const client = await session.client();
  const files = await readFolderFiles(dir);
  const name = ref === null ? null : await nameOf(ref, client, session.signal);
  const wanted = files.filter((file) => name === null || file.name.replace(/(@\d+)?\.\w+$/, '') === name);
  if (wanted.length === 0)
    throw new CliError('NOT_FOUND', `${dir} has no ${name === null ? 'templates' : `files of "${name}"`}.`);
  const { diffTemplates: diffs } = await client.query<{ diffTemplates: readonly Diff[] }>(
    againstFiles,
    { files: wanted },
    { signal: session.signal },
  );
  return diffs;
}

async function nameOf(ref: string, client: GatewayClient, signal: AbortSignal): Promise<string> {
  const query = 'query Name($ref: String!) { template(ref: $ref) { name } }';
  const { template } = await client.query<{ template: { name: string } | null }>(query, { ref }, { signal });
  return template?.name ?? ref;
}

async function withVersionBefore(ref: string, client: GatewayClient, signal: AbortSignal): Promise<[string, string]> {
  const query =
    'query Versions($ref: String!) { template(ref: $ref) { name version ref } templates { name version ref } }';
  type Version = { readonly name: string; readonly version: number; readonly ref: string };
  const { template, templates } = await client.query<{ template: Version | null; templates: readonly Version[] }>(
    query,
    { ref },
    { signal },
  );
  if (template === null)
    throw new CliError(
      'NOT_FOUND',
      `This key has no template "${printableLine(ref)}"; "certfolio templates list" shows what it has.`,
    );
  const before = templates
    .filter(({ name, version }) => name === template.name && version < template.version)
    .toSorted((a, b) => b.version - a.version)[0];
  if (before === undefined)
    throw new CliError('NOT_FOUND', `There is no version before ${template.ref} that this key may see.`);
  return [before.ref, template.ref];
}

function show(diffs: readonly Diff[], terminal: Terminal, json: boolean): ExitCode {
  if (json) {
    const plain = diffs.map(({ changes, ...diff }) => ({
      ...diff,
      changes: changes.map((change) => ({ ...change, kind: change.kind.toLowerCase() })),
    }));
    terminal.line(JSON.stringify({ breaking: diffs.some(({ breaking }) => breaking), diffs: plain }, null, 2));
    return exitCodes.ok;
  }
  for (const diff of diffs) for (const line of linesOf(diff, terminal)) terminal.line(line);
  const breaking = diffs.filter(({ breaking: breaks }) => breaks).length;
  const changed = diffs.filter(({ from, changes }) => from === null || changes.length > 0).length;
  terminal.line(
    changed === 0
      ? 'No differences'
      : `${counted(changed, 'template')} with differences, ${breaking} breaking for callers`,
  );
  return exitCodes.ok;
}

function linesOf({ from, to, changes, breaking }: Diff, terminal: Terminal): string[] {
  const head =
    from === null ? `${to} is new` : from === to ? `${from} as it is in place, and as it would be` : `${from} → ${to}`;
  return [
    `${terminal.paint('bold', printableLine(head))}${breaking ? terminal.paint('red', '  breaking for callers') : ''}`,
    ...changes.map((change) => lineOf(change, terminal)),
    ...(changes.length === 0 && from !== null ? ['  the same for callers; the texts differ'] : []),
    '',
  ];
}

const marks = { ADDED: ['+', 'green'], REMOVED: ['-', 'red'], CHANGED: ['~', 'yellow'] } as const;

function lineOf({ part, path, kind, from, to, breaking }: Change, terminal: Terminal): string {
  const [mark, style] = marks[kind];
  const what = kind === 'ADDED' ? to : kind === 'REMOVED' ? from : `${from} → ${to}`;
  const line = `${mark} ${part.padEnd(10)}${path === '' ? '' : `${path}: `}${what === path ? '' : (what ?? '')}`;
  return `  ${terminal.paint(style, printableLine(line))}${breaking ? terminal.paint('red', '  !breaking') : ''}`;
}
