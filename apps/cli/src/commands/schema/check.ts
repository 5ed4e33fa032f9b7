import { exitCodes, type ExitCode } from '@certfolio/client';
import { counted } from '../../output/counted.ts';
import { printable, printableLine } from '../../output/printable.ts';
import { renderTable } from '../../output/table.ts';
import type { Session } from '../../session.ts';
import { readDocument } from '../read-document.ts';
import { lastUse } from '../templates/last-use.ts';

interface Use {
  readonly keyId: string;
  readonly keyName: string | null;
  readonly keyOwner: string | null;
  readonly runs: number;
  readonly lastUsedAt: string;
}

interface SchemaCheckAnswer {
  readonly ok: boolean;
  readonly compositionErrors: readonly string[];
  readonly brokenTemplates: readonly {
    readonly ref: string;
    readonly state: string;
    readonly owner: string;
    readonly problems: readonly string[];
    readonly keys: readonly (Omit<Use, 'lastUsedAt'> & {
      readonly mayRun: boolean;
      readonly lastUsedAt: string | null;
    })[];
    readonly schedules: readonly string[];
  }[];
  readonly changes: readonly {
    readonly coordinate: string;
    readonly kind: string;
    readonly from: string | null;
    readonly to: string | null;
    readonly breaking: boolean;
    readonly templates: readonly string[];
    readonly unlisted: readonly Use[];
  }[];
}

const use = 'keyId keyName keyOwner runs lastUsedAt';
const query = `query CheckSchema($subgraph: String!, $sdl: String!) {
  checkSchema(subgraph: $subgraph, sdl: $sdl) {
    ok compositionErrors
    brokenTemplates { ref state owner problems schedules keys { ${use} mayRun } }
    changes { coordinate kind from to breaking templates unlisted { ${use} } }
  }
}`;

/** Tells what the gateway would make of another schema of one subgraph; nothing is put in place. */
export async function checkSchema(subgraph: string, file: string, session: Session): Promise<ExitCode> {
  const { terminal, json, signal } = session;
  const sdl = await readDocument(file);
  const client = await session.client();
  const { checkSchema: checked } = await client.query<{ checkSchema: SchemaCheckAnswer }>(
    query,
    { subgraph, sdl },
    { signal },
  );
  if (json) {
    const plain = {
      ...checked,
      brokenTemplates: checked.brokenTemplates.map((each) => ({ ...each, state: each.state.toLowerCase() })),
      changes: checked.changes.map((each) => ({ ...each, kind: each.kind.toLowerCase() })),
    };
    terminal.line(JSON.stringify({ subgraph, file, ...plain }, null, 2));
    return checked.ok ? exitCodes.ok : exitCodes.failed;
  }
  for (const reason of checked.compositionErrors)
    terminal.line(`${terminal.paint('red', 'does not compose')}  ${printable(reason)}`);
  for (const { ref, state, owner, problems, keys, schedules } of checked.brokenTemplates) {
    terminal.line(
      `${terminal.paint('red', 'would break')}  ${terminal.paint('bold', printableLine(ref))}  ${state.toLowerCase()}, owner ${printableLine(owner)}`,
    );
    for (const problem of problems) terminal.line(`  ${printable(problem)}`);
    const rows = keys.map((key) => [
      key.keyName ?? '',
      key.keyOwner ?? '',
      key.keyId,
      key.mayRun ? 'yes' : 'no',
      String(key.runs),
      key.lastUsedAt?.slice(0, 16).replace('T', ' ') ?? 'never',
    ]);
    if (rows.length > 0)
      terminal.line(renderTable(['KEY', 'OWNER', 'ID', 'MAY RUN', 'RUNS', 'LAST USED'], rows, terminal));
    terminal.line(`Schedules: ${printableLine(schedules.join(', ')) || 'none'}\n`);
  }
  if (checked.changes.length > 0) {
    const rows = checked.changes.map(({ coordinate, kind, from, to, breaking, templates, unlisted }) => [
      coordinate,
      kind.toLowerCase(),
      [from, to].map((side) => side ?? '(none)').join(' → '),
      breaking ? 'yes' : 'no',
      templates.join(', '),
      lastUse({ lastUsedAt: unlisted[0]?.lastUsedAt ?? null, usedBy: unlisted }),
    ]);
    terminal.line(
      `${renderTable(['FIELD', 'CHANGE', 'WAS → IS', 'BREAKING', 'TEMPLATES', 'OTHER USE'], rows, terminal)}\n`,
    );
  }
  terminal.line(summary(checked));
  return checked.ok ? exitCodes.ok : exitCodes.failed;
}

function summary({ ok, compositionErrors, brokenTemplates, changes }: SchemaCheckAnswer): string {
  if (compositionErrors.length > 0)
    return `${counted(compositionErrors.length, 'reason')} why the subgraphs do not compose`;
  const changed = counted(changes.length, 'change');
  return ok
    ? `It composes and breaks no template; ${changed} that callers can notice`
    : `${counted(brokenTemplates.length, 'template')} would break; ${changed} that callers can notice`;
}
