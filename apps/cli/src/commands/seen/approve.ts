import { exitCodes, type ExitCode } from '@certfolio/client';
import { printable } from '../../output/printable.ts';
import type { Session } from '../../session.ts';
import { findHash } from './find-hash.ts';

export interface ApproveFlags {
  readonly name: string;
  readonly owner?: string;
  readonly title?: string;
  readonly question?: string;
  readonly description?: string;
  readonly tag?: readonly string[];
  readonly print?: true;
}

interface File {
  readonly name: string;
  readonly content: string;
}

const files = 'files { name content }';
const approve = `mutation ApproveSeen($hash: ID!, $template: SeenTemplateInput!) {
  approveSeen(hash: $hash, template: $template) { template ${files} }
}`;
const print = `query SeenFiles($hash: ID!, $template: SeenTemplateInput!) {
  files: seenTemplateFiles(hash: $hash, template: $template) { name content }
}`;

/** Makes a template of a seen operation, or prints the two files that it would have. */
export async function approveSeen(beginning: string, flags: ApproveFlags, session: Session): Promise<ExitCode> {
  const { terminal, json, signal } = session;
  const client = await session.client();
  const hash = await findHash(client, beginning, signal);
  const { print: isPrintOnly = false, tag: tags = [], ...description } = flags;
  const variables = { hash, template: { ...description, tags } };
  if (isPrintOnly) {
    const { files: made } = await client.query<{ files: readonly File[] }>(print, variables, { signal });
    if (json) terminal.line(JSON.stringify(made, null, 2));
    else for (const { name, content } of made) terminal.line(`# ${name}\n${printable(content)}`);
    return exitCodes.ok;
  }
  const { approveSeen: done } = await client.query<{ approveSeen: { template: string; files: readonly File[] } }>(
    approve,
    variables,
    { signal },
  );
  if (json) terminal.line(JSON.stringify(done, null, 2));
  else
    terminal.line(
      `${done.template} is approved; "certfolio templates show ${done.template}" shows what was guessed of it.`,
    );
  return exitCodes.ok;
}
