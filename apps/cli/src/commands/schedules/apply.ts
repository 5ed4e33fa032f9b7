import { readFile } from 'node:fs/promises';
import { exitCodes, type ExitCode } from '@certfolio/client';
import { CliError } from '../../cli-error.ts';
import { counted } from '../../output/counted.ts';
import { renderTable } from '../../output/table.ts';
import type { Session } from '../../session.ts';

export interface ApplyFlags {
  readonly file: string;
  readonly label?: string;
  readonly prune?: true;
  readonly runAs?: string;
  readonly dryRun?: true;
}

interface Applied {
  readonly name: string;
  readonly outcome: string;
  readonly schedule: { readonly nextSlots: readonly { readonly local: string }[] } | null;
}

const mutation = `mutation Apply($yaml: String!, $managedBy: String, $prune: Boolean, $dryRun: Boolean, $runAs: ID) {
  applySchedules(yaml: $yaml, managedBy: $managedBy, prune: $prune, dryRun: $dryRun, runAs: $runAs) {
    name outcome schedule { nextSlots(first: 1) { local } }
  }
}`;

/** Makes the schedules of the gateway those of a file. */
export async function applySchedules(flags: ApplyFlags, session: Session): Promise<ExitCode> {
  const { terminal, json, signal } = session;
  const yaml = await readFile(flags.file, 'utf8').catch((error: Error) => {
    throw new CliError('FILE', `${flags.file} cannot be read: ${error.message}.`);
  });
  const client = await session.client();
  const variables = {
    yaml,
    managedBy: flags.label ?? null,
    prune: flags.prune ?? false,
    dryRun: flags.dryRun ?? false,
    runAs: flags.runAs ?? null,
  };
  const { applySchedules: applied } = await client.query<{ applySchedules: readonly Applied[] }>(mutation, variables, {
    signal,
  });
  if (json) {
    terminal.line(JSON.stringify(applied, null, 2));
    return exitCodes.ok;
  }
  const rows = applied.map(({ name, outcome, schedule }) => [name, outcome, schedule?.nextSlots[0]?.local ?? '']);
  if (rows.length > 0) terminal.line(`${renderTable(['SCHEDULE', 'OUTCOME', 'NEXT'], rows, terminal)}\n`);
  const changed = applied.filter(({ outcome }) => outcome !== 'unchanged').length;
  terminal.line(`${counted(applied.length, 'schedule')}, ${changed} ${flags.dryRun ? 'would change' : 'changed'}`);
  return exitCodes.ok;
}
