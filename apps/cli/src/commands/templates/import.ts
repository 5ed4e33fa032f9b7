import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { exitCodes, type ExitCode } from '@certfolio/client';
import { CliError, UsageError } from '../../cli-error.ts';
import { writeWhole } from '../../output/atomic-file.ts';
import { counted } from '../../output/counted.ts';
import { printable } from '../../output/printable.ts';
import { renderTable } from '../../output/table.ts';
import type { Session } from '../../session.ts';
import { readDocument } from '../read-document.ts';

/** The options of `templates import` as they were typed. */
export interface ImportFlags {
  readonly dryRun?: boolean | undefined;
  readonly asDrafts?: boolean | undefined;
  readonly owner?: string | undefined;
  readonly out?: string | undefined;
}

interface Matched {
  readonly id: string;
  readonly operationName: string | null;
  readonly template: string;
  readonly how: string;
  readonly changed: readonly string[];
}

interface Imported {
  readonly format: string;
  readonly operations: number;
  readonly dryRun: boolean;
  readonly added: readonly Matched[];
  readonly known: readonly Matched[];
  readonly unmatched: readonly {
    readonly id: string;
    readonly operationName: string | null;
    readonly nearest: string | null;
    readonly differences: readonly string[];
  }[];
  readonly drafts: readonly {
    readonly name: string;
    readonly version: number;
    readonly id: string;
    readonly graphql: string;
    readonly yaml: string;
  }[];
  readonly problems: readonly { readonly code: string; readonly id: string; readonly message: string }[];
}

const matched = 'id operationName template how changed';
const query = `mutation ImportTemplateIds($manifest: String!, $dryRun: Boolean, $draftOwner: String) {
  importTemplateIds(manifest: $manifest, dryRun: $dryRun, draftOwner: $draftOwner) {
    format operations dryRun added { ${matched} } known { ${matched} }
    unmatched { id operationName nearest differences } drafts { name version id graphql yaml } problems { code id message }
  }
}`;

/** Adds the ids of a client's manifest to the templates whose text they are. */
export async function importManifest(file: string, flags: ImportFlags, session: Session): Promise<ExitCode> {
  const { terminal, json, signal } = session;
  if (flags.asDrafts && flags.owner === undefined)
    throw new UsageError('--as-drafts needs --owner: who the drafts belong to.');
  if (!flags.asDrafts && (flags.owner !== undefined || flags.out !== undefined))
    throw new UsageError('--owner and --out are for --as-drafts.');
  const manifest = await readDocument(file);
  const client = await session.client();
  const send = async (dryRun: boolean, draftOwner: string | null) =>
    (await client.query<{ importTemplateIds: Imported }>(query, { manifest, dryRun, draftOwner }, { signal }))
      .importTemplateIds;

  const owner = flags.asDrafts ? flags.owner! : null;
  const isDry = flags.dryRun ?? false;
  let result: Imported;
  if (flags.out === undefined || isDry) result = await send(isDry, owner);
  else {
    // Drafts as files are no drafts of the gateway: it is asked for them, then for the ids alone.
    const { drafts, problems } = await send(true, owner);
    if (problems.length > 0)
      throw new CliError('BAD_USER_INPUT', `Nothing was imported: ${problems.map(({ message }) => message).join(' ')}`);
    await assertNew(flags.out, drafts);
    result = { ...(await send(false, null)), drafts };
    await writeDrafts(flags.out, drafts);
  }

  if (json) terminal.line(JSON.stringify({ file, ...result }, null, 2));
  else show(result, flags, session);
  return result.problems.length === 0 ? exitCodes.ok : exitCodes.failed;
}

function show(
  { format, operations, dryRun, added, known, unmatched, drafts, problems }: Imported,
  { out }: ImportFlags,
  { terminal }: Session,
): void {
  for (const { code, message } of problems) terminal.line(`${terminal.paint('red', code)}  ${printable(message)}`);
  if (problems.length > 0) terminal.line('');
  const rows = [
    ...added.map((each) => [
      'new',
      each.operationName ?? '',
      each.template,
      each.how,
      each.changed.join('; '),
      each.id,
    ]),
    ...known.map((each) => [
      'there before',
      each.operationName ?? '',
      each.template,
      each.how,
      each.changed.join('; '),
      each.id,
    ]),
  ];
  if (rows.length > 0)
    terminal.line(
      `${renderTable(['ID IS', 'OPERATION', 'TEMPLATE', 'SAME', 'THE CLIENT CHANGED', 'ID'], rows, terminal)}\n`,
    );
  for (const { operationName, id, nearest, differences } of unmatched) {
    terminal.line(
      `${terminal.paint('yellow', 'no template')}  ${printable(operationName ?? id)}${nearest === null ? '' : `, nearest ${nearest}`}`,
    );
    for (const difference of differences) terminal.line(`  ${printable(difference)}`);
  }
  for (const { name, version } of drafts)
    terminal.line(`draft  ${name}@${version}${out === undefined ? '' : `  ${join(out, name)}.graphql, .yaml`}`);
  const isDone = !dryRun && problems.length === 0;
  terminal.line(
    `${counted(operations, 'operation')} (${format}): ${counted(added.length, 'id')} ${isDone ? 'added' : problems.length > 0 ? 'would be added, but for the problems; nothing was imported' : 'would be added'}, ${known.length} there before, ${unmatched.length} without a template`,
  );
}

/** A file that is there is someone's work. */
async function assertNew(dir: string, drafts: Imported['drafts']): Promise<void> {
  for (const { name } of drafts) {
    // The name comes from elsewhere and becomes a path.
    if (!/^[a-z][a-z0-9-]*$/.test(name))
      throw new CliError('UNEXPECTED_ANSWER', 'The gateway gave a draft a name that no template has.');
    for (const ending of ['graphql', 'yaml']) {
      const path = join(dir, `${name}.${ending}`);
      if ((await stat(path).catch(() => null)) !== null)
        throw new CliError('FILE', `${path} is there already; nothing was imported. Move it, or choose another --out.`);
    }
  }
}

async function writeDrafts(dir: string, drafts: Imported['drafts']): Promise<void> {
  await mkdir(dir, { recursive: true });
  for (const { name, graphql, yaml } of drafts) {
    await writeWhole(join(dir, `${name}.graphql`), chunk(graphql));
    await writeWhole(join(dir, `${name}.yaml`), chunk(yaml));
  }
}

async function* chunk(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
