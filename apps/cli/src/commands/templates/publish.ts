import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { exitCodes, GatewayError, type ExitCode } from '@certfolio/client';
import type { TemplateProblem } from '@certfolio/templates';
import { CliError } from '../../cli-error.ts';
import { counted } from '../../output/counted.ts';
import { printable } from '../../output/printable.ts';
import { renderTable } from '../../output/table.ts';
import type { Session } from '../../session.ts';

interface Published {
  readonly change: string;
  readonly upstreamCalls: number | null;
  readonly unknownCalls: string | null;
  readonly template: {
    readonly ref: string;
    readonly name: string;
    readonly version: number;
    readonly state: string;
    readonly owner: string;
    readonly cost: number | null;
    readonly sensitive: readonly string[];
    readonly ids: readonly { readonly kind: string; readonly id: string }[];
  };
}

const mutation = `mutation Publish($files: [TemplateFileInput!]!, $dryRun: Boolean) {
  published: publishTemplates(files: $files, dryRun: $dryRun) {
    change upstreamCalls unknownCalls template { ref name version state owner cost sensitive ids { kind id } }
  }
}`;

/** Sends the files of a folder; nothing of them is published unless all are without problems. */
export async function publishTemplates(
  dir: string | undefined,
  isDryRun: boolean,
  session: Session,
): Promise<ExitCode> {
  const { terminal, json, signal, config } = session;
  const folder = dir ?? config.templatesDir;
  const files = await readFiles(folder);
  const client = await session.client();
  let published: readonly Published[];
  try {
    const answer = await client.query<{ published: readonly Published[] }>(
      mutation,
      { files, dryRun: isDryRun },
      { signal },
    );
    published = answer.published;
  } catch (error) {
    const problems = problemsOf(error);
    if (problems === null) throw error;
    return tellProblems(problems, folder, (error as GatewayError).code, session);
  }
  const plain = published.map(({ change, template, ...calls }) => ({
    change: change.toLowerCase(),
    ...template,
    state: template.state.toLowerCase(),
    ...calls,
  }));
  if (json) {
    terminal.line(JSON.stringify({ ok: true, dryRun: isDryRun, dir: folder, published: plain, problems: [] }, null, 2));
    return exitCodes.ok;
  }
  const rows = plain.map(({ ref, change, state, owner, cost, upstreamCalls, ids }) => [
    ref,
    change,
    state,
    owner,
    cost === null ? '' : String(cost),
    upstreamCalls === null ? 'not known' : String(upstreamCalls),
    ids[0]?.id ?? '',
  ]);
  terminal.line(`${renderTable(['TEMPLATE', 'CHANGE', 'STATE', 'OWNER', 'COST', 'CALLS', 'ID'], rows, terminal)}\n`);
  for (const { ref, unknownCalls } of plain)
    if (unknownCalls !== null) terminal.note(printable(`${ref}: ${unknownCalls}`));
  const changed = plain.filter(({ change }) => change !== 'unchanged').length;
  terminal.line(
    `${counted(plain.length, 'version')}, ${changed} ${isDryRun ? 'would change; nothing was published' : 'changed'}`,
  );
  const drafts = plain.filter(({ state }) => state === 'draft');
  if (!isDryRun)
    for (const { ref, sensitive } of drafts)
      terminal.line(
        printable(
          `  certfolio templates approve ${ref}${sensitive.length === 0 ? '' : ` --sensitive ${sensitive.join(',')}`}`,
        ),
      );
  return exitCodes.ok;
}

async function readFiles(dir: string): Promise<readonly { readonly name: string; readonly content: string }[]> {
  const found = await stat(dir).catch(() => null);
  if (found === null || !found.isDirectory()) throw new CliError('FILE', `There is no folder ${dir}.`);
  const entries = await readdir(dir, { withFileTypes: true });
  const names = entries
    .filter(
      (entry) => !entry.isDirectory() && !entry.name.startsWith('.') && /\.(graphql|gql|yaml|yml)$/.test(entry.name),
    )
    .map((entry) => entry.name)
    .sort();
  if (names.length === 0)
    throw new CliError('FILE', `There is no template in ${dir}; templates are pairs of .graphql and .yaml files.`);
  const files: { name: string; content: string }[] = [];
  for (const name of names) files.push({ name, content: textOf(await readFile(join(dir, name)), name) });
  return files;
}

/** The bytes as text that gives the same bytes again: the id of a template is their SHA-256. */
function textOf(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new CliError('FILE', `${name} is not UTF-8; save it as UTF-8.`);
  }
}

/** Null for an error that is not about the files. */
function problemsOf(error: unknown): readonly TemplateProblem[] | null {
  if (!(error instanceof GatewayError)) return null;
  const problems = error.details.get('problems');
  const isList =
    Array.isArray(problems) && problems.every((each) => typeof each === 'object' && each !== null && 'file' in each);
  return isList ? (problems as readonly TemplateProblem[]) : null;
}

async function tellProblems(
  problems: readonly TemplateProblem[],
  dir: string,
  code: string,
  { terminal, json }: Session,
): Promise<ExitCode> {
  const { formatTemplateProblem } = await import('@certfolio/templates');
  if (json) terminal.line(JSON.stringify({ ok: false, dir, published: [], problems }, null, 2));
  else {
    for (const problem of problems) terminal.line(printable(formatTemplateProblem(problem)));
    terminal.line(`${counted(problems.length, 'problem')}; nothing of ${dir} was published`);
  }
  return code === 'FORBIDDEN' ? exitCodes.keyRefused : exitCodes.failed;
}
