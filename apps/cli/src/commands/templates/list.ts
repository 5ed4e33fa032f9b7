import { exitCodes, type ExitCode } from '@certfolio/client';
import { counted } from '../../output/counted.ts';
import { printable } from '../../output/printable.ts';
import { renderTable } from '../../output/table.ts';
import type { Session } from '../../session.ts';
import { actText, type Act } from './lifecycle-fields.ts';
import { lastUse } from './last-use.ts';

interface ListedTemplate {
  readonly ref: string;
  readonly name: string;
  readonly version: number;
  readonly state: string;
  readonly title: string;
  readonly owner: string;
  readonly tags: readonly string[];
  readonly ids: readonly { readonly kind: string; readonly id: string }[];
  readonly source: string | null;
  readonly problem: string | null;
  /** Null for keys that may not publish. */
  readonly approved: Act | null;
  readonly lastUsedAt: string | null;
  readonly usedBy: readonly { readonly keyName: string | null; readonly keyId: string }[];
}

const document = `query Templates($state: TemplateState) {
  templates(state: $state) {
    ref name version state title owner tags ids { kind id } source problem approved { at by keyId owner note }
    lastUsedAt usedBy { keyName keyId }
  }
}`;

/** Lists the templates that the key may run, or all for one that publishes. */
export async function listTemplates(state: string | null, session: Session): Promise<ExitCode> {
  const { terminal, json, signal } = session;
  const client = await session.client();
  const { templates } = await client.query<{ templates: readonly ListedTemplate[] }>(
    document,
    { state: state?.toUpperCase() ?? null },
    { signal },
  );
  const listed = templates.map((template) => ({
    ...template,
    state: template.state.toLowerCase(),
    source: template.source?.toLowerCase() ?? null,
  }));
  if (json) {
    terminal.line(JSON.stringify(listed, null, 2));
    return exitCodes.ok;
  }
  const rows = listed.map(({ ref, state: current, problem, title, owner, tags, source, approved, ids, ...used }) => [
    ref,
    problem === null ? current : `${current}, out of service`,
    title,
    owner,
    tags.join(', '),
    source ?? '',
    approved === null ? '' : actText(approved),
    lastUse(used),
    ids[0]?.id ?? '',
  ]);
  if (rows.length > 0)
    terminal.line(
      `${renderTable(['TEMPLATE', 'STATE', 'TITLE', 'OWNER', 'TAGS', 'SOURCE', 'APPROVED', 'LAST USED', 'ID'], rows, terminal)}\n`,
    );
  for (const { ref, problem } of listed)
    if (problem !== null) terminal.line(printable(`${ref} is out of service. ${problem}`));
  terminal.line(counted(rows.length, 'template'));
  return exitCodes.ok;
}
