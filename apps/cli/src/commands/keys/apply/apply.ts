import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { exitCodes, type ExitCode } from '@certfolio/client';
import { CliError, UsageError } from '../../../cli-error.ts';
import { counted } from '../../../output/counted.ts';
import { printable } from '../../../output/printable.ts';
import type { Session } from '../../../session.ts';
import { createdFields, keyFields, type CreatedAnswer, type KeyAnswer } from '../key-fields.ts';
import { readKeyFile, type KeyFile } from './key-file.ts';
import { planKeys, type KeyPlan, type KeyStep } from './key-plan.ts';
import { SecretFolder } from './secret-folder.ts';

/** The options of `keys apply` as they were typed. */
export interface ApplyFlags {
  readonly file: string;
  readonly prune?: boolean;
  readonly dryRun?: boolean;
  readonly secretsDir?: string;
}

const query = `{ me { keyId } keys { ${keyFields} } }`;
const create = `mutation CreateKey($input: CreateKeyInput!) { createKey(input: $input) { ${createdFields} } }`;
const update = 'mutation UpdateKey($id: ID!, $input: UpdateKeyInput!) { updateKey(id: $id, input: $input) { id } }';
const revoke = 'mutation RevokeKey($id: ID!) { revokeKey(id: $id) { id } }';

/** A step that was taken, as `--json` tells it. */
interface Done {
  readonly action: KeyStep['action'];
  readonly name: string;
  readonly id?: string;
  readonly changes?: readonly string[];
  readonly key?: string;
  readonly url?: string;
  readonly file?: string;
}

/** Makes keys and limits as a file says; a second time nothing is left to do. */
export async function applyKeys(
  { file, prune = false, dryRun = false, secretsDir }: ApplyFlags,
  session: Session,
): Promise<ExitCode> {
  const { terminal, json, signal } = session;
  const wanted = await read(file, session.nowMs());
  if (prune && wanted.managedBy === null)
    throw new UsageError(`--prune revokes keys by the label "managedBy", which ${file} does not say.`);
  const client = await session.client();
  const { me, keys } = await client.query<{ me: { keyId: string }; keys: readonly KeyAnswer[] }>(query, {}, { signal });
  const plan = planKeys(wanted.keys, keys, { managedBy: wanted.managedBy, prune, ownId: me.keyId });
  refuse(file, plan.problems);
  const secrets = secretsDir === undefined ? null : new SecretFolder(secretsDir);
  const created = plan.steps.filter(({ action }) => action === 'create').map(({ name }) => name);
  if (!dryRun) refuse(file, (await secrets?.problemsOf(created)) ?? []);

  const done: Done[] = [];
  for (const step of plan.steps) {
    if (!json) terminal.line(stepText(step));
    if (dryRun) {
      done.push({ action: step.action, name: step.name, ...('changes' in step ? { changes: step.changes } : {}) });
      continue;
    }
    const result = await take(step);
    done.push(result);
    if (!json && result.key !== undefined && result.file === undefined)
      terminal.line(`  ${result.url ?? result.key}   (shown once)`);
    if (!json && result.file !== undefined) terminal.line(`  its key is in ${result.file}`);
  }
  if (json) terminal.line(JSON.stringify({ dryRun, steps: done, unchanged: plan.unchanged }, null, 2));
  else terminal.line(summary(plan, dryRun));
  return exitCodes.ok;

  async function take(step: KeyStep): Promise<Done> {
    const { action, name } = step;
    if (action === 'update') {
      await client.query(update, { id: step.id, input: step.input }, { signal });
      return { action, name, id: step.id, changes: step.changes };
    }
    if (action === 'revoke') {
      await client.query(revoke, { id: step.id }, { signal });
      return { action, name, id: step.id };
    }
    // The file is there before the key is: a key whose secret nobody got would be of no use.
    const place = (await secrets?.reserve(name)) ?? null;
    try {
      const { createKey: made } = await client.query<{ createKey: CreatedAnswer }>(
        create,
        { input: step.input },
        { signal },
      );
      const { id } = made.key;
      if (place === null)
        return { action, name, id, key: made.secret, ...(made.url === null ? {} : { url: made.url }) };
      await place.write(`${made.url ?? made.secret}\n`);
      return { action, name, id, file: place.path };
    } catch (error) {
      await place?.giveUp();
      throw error;
    }
  }
}

async function read(file: string, nowMs: number): Promise<KeyFile> {
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new CliError('FILE', `${file} cannot be read: ${error.message}.`);
  });
  const found = readKeyFile(basename(file), text, nowMs);
  refuse(file, found.problems);
  return found;
}

/** @throws CliError listing every problem */
function refuse(file: string, problems: readonly string[]): void {
  if (problems.length === 0) return;
  const list = problems.map((problem) => `\n  ${problem}`).join('');
  throw new CliError('KEY_FILE', `${file} cannot be applied, and nothing was changed:${list}`);
}

function stepText(step: KeyStep): string {
  const name = printable(step.name);
  return step.action === 'update'
    ? `update ${name}${step.changes.map((change) => `\n  ${printable(change)}`).join('')}`
    : `${step.action} ${name}`;
}

function summary({ steps, unchanged }: KeyPlan, dryRun: boolean): string {
  const count = (action: KeyStep['action']) => steps.filter((step) => step.action === action).length;
  return `${counted(count('create'), 'key')} ${dryRun ? 'to create' : 'created'}, ${count('update')} ${dryRun ? 'to update' : 'updated'}, ${count('revoke')} ${dryRun ? 'to revoke' : 'revoked'}, ${unchanged} as the file says.`;
}
