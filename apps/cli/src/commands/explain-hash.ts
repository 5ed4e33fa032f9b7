import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { GraphQLSchema } from 'graphql';
import { exitCodes, type ExitCode } from '@certfolio/client';
import type { HashExplanation, HashInput, HashStep } from '@certfolio/templates';
import { counted } from '../output/counted.ts';
import { printable } from '../output/printable.ts';
import { renderTable } from '../output/table.ts';
import type { Session } from '../session.ts';
import { readDocument } from './read-document.ts';
import { loadApiSchema } from './templates/load-api-schema.ts';

/** The options of `explain-hash` as they were typed. */
export interface ExplainHashFlags {
  readonly with?: string | undefined;
}

/** Files beside the one asked about whose hash it may be instead. */
const maxOthers = 200;

/** Says what was done to a document before it was hashed. */
export async function explainHashOf(
  hash: string,
  file: string,
  flags: ExplainHashFlags,
  session: Session,
): Promise<ExitCode> {
  const { terminal, json } = session;
  const { algorithmNames, explainHash, hashDifference } = await import('@certfolio/templates');
  const input: HashInput = { name: file, text: await readDocument(file) };
  const [schema, others] = await Promise.all([schemaOrNothing(), filesBeside(file)]);
  const explain = (each: string) => explainHash(each, input, { schema, others });
  const explanation = explain(hash);
  const other = flags.with === undefined ? null : explain(flags.with);
  const difference = other === null ? null : hashDifference(explanation, other);
  const isExplained = explanation.steps !== null && (other === null || other.steps !== null);
  if (json) {
    const asJson = ({ text: _text, steps, ...rest }: HashExplanation) => ({
      explained: steps !== null,
      ...rest,
      steps,
    });
    terminal.line(
      JSON.stringify(
        {
          file,
          hash,
          ...asJson(explanation),
          ...(other === null ? {} : { with: { hash: flags.with, ...asJson(other) }, difference }),
        },
        null,
        2,
      ),
    );
    return isExplained ? exitCodes.ok : exitCodes.failed;
  }
  for (const [each, told] of [
    [hash, explanation],
    ...(other === null ? [] : ([[flags.with!, other]] as const)),
  ] as const) {
    for (const remark of told.remarks) terminal.line(printable(remark));
    if (told.steps === null) {
      terminal.line(
        `${printable(each)} is not a hash of ${printable(file)}: none of the ${counted(told.tried, 'text')} tried gives it.`,
      );
      if (told.nearest !== null) terminal.line(printable(told.nearest));
    } else {
      const name = told.algorithm === null ? '' : algorithmNames[told.algorithm];
      terminal.line(
        `${printable(each)} is the ${name} of ${printable(file)}${told.steps.length === 0 ? ', byte for byte.' : ':'}`,
      );
      if (told.steps.length > 0) terminal.line(renderTable(['WAY', 'WHAT WAS DONE'], told.steps.map(cells), terminal));
    }
  }
  if (difference !== null) {
    terminal.line('\nThe two differ by');
    const rows = [
      ...difference.onlyFirst.map((step) => ['first only', ...cells(step)]),
      ...difference.onlySecond.map((step) => ['second only', ...cells(step)]),
    ];
    terminal.line(rows.length === 0 ? 'nothing.' : renderTable(['HASH', 'WAY', 'WHAT WAS DONE'], rows, terminal));
  }
  if (!isExplained) {
    const rows = explanation.usual.map((step) => [step.hash, step.way, step.what]);
    terminal.line(`\n${renderTable(['HASH', 'WAY', 'WHAT IS DONE'], rows, terminal)}`);
  }
  return isExplained ? exitCodes.ok : exitCodes.failed;
}

const cells = ({ way, what }: HashStep): readonly string[] => [way, what];

/** Without the repository's schema only the texts of Relay's compiler cannot be tried. */
async function schemaOrNothing(): Promise<GraphQLSchema | undefined> {
  return loadApiSchema().catch(() => undefined);
}

async function filesBeside(file: string): Promise<HashInput[]> {
  const folder = dirname(file);
  const names = await readdir(folder).catch(() => []);
  const others = names.filter((name) => name.endsWith('.graphql') && name !== basename(file)).slice(0, maxOthers);
  const read = others.map(async (name) => ({ name: join(folder, name), text: await readDocument(join(folder, name)) }));
  return (await Promise.allSettled(read)).flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
}
