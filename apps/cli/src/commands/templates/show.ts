import { exitCodes, type ExitCode } from '@certfolio/client';
import { CliError } from '../../cli-error.ts';
import { printable } from '../../output/printable.ts';
import { renderTable } from '../../output/table.ts';
import type { Session } from '../../session.ts';
import { lifecycleFields, lifecycleLines, type Lifecycle } from './lifecycle-fields.ts';
import { usesTable, type KeyUse } from './last-use.ts';

interface ShownVariable {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly default: string | null;
  readonly description: string | null;
  readonly values: readonly string[] | null;
  readonly min: string | null;
  readonly max: string | null;
}

interface ShownTemplate extends Lifecycle {
  readonly ref: string;
  readonly state: string;
  readonly title: string;
  readonly question: string;
  readonly description: string | null;
  readonly owner: string;
  readonly tags: readonly string[];
  readonly ids: readonly { readonly kind: string; readonly id: string }[];
  readonly document: string;
  readonly variables: readonly ShownVariable[];
  readonly oneOf: readonly string[];
  readonly columns: readonly { readonly title: string; readonly path: string; readonly type: string }[];
  readonly rows: { readonly path: string };
  readonly schedule: string | null;
  readonly picture: string | null;
  readonly cost: number | null;
  readonly lastUsedAt: string | null;
  readonly usedBy: readonly KeyUse[];
}

const query = `query Template($ref: String!) {
  template(ref: $ref) {
    ref name version state title question description owner tags ids { kind id } document cost oneOf schedule picture
    variables { name type required default description values min max }
    columns { title path type } rows { path } sensitive ${lifecycleFields}
    lastUsedAt usedBy { keyId keyName keyOwner runs lastUsedAt }
  }
}`;

/** Shows one template whole. */
export async function showTemplate(ref: string, session: Session): Promise<ExitCode> {
  const { terminal, json, signal } = session;
  const client = await session.client();
  const { template } = await client.query<{ template: ShownTemplate | null }>(query, { ref }, { signal });
  if (template === null)
    throw new CliError(
      'NOT_FOUND',
      `This key has no template "${printable(ref)}"; "certfolio templates list" shows what it has.`,
    );
  const shown = { ...template, state: template.state.toLowerCase(), source: template.source?.toLowerCase() ?? null };
  if (json) {
    terminal.line(JSON.stringify(shown, null, 2));
    return exitCodes.ok;
  }
  const variables = shown.variables.map((variable) => [
    `--var ${variable.name}=`,
    variable.type,
    variable.required ? 'required' : (variable.default ?? ''),
    boundsOf(variable),
    variable.description ?? '',
  ]);
  const columns = shown.columns.map(({ title, path, type }) => [title, type, path]);
  const parts = [
    `${terminal.paint('bold', printable(shown.ref))}  ${shown.state}  ${printable(shown.title)}`,
    printable(shown.question),
    ...(shown.description === null ? [] : ['', printable(shown.description.trimEnd()), '']),
    `Owner ${printable(shown.owner)}${shown.tags.length === 0 ? '' : `, tags ${printable(shown.tags.join(', '))}`}${shown.cost === null ? '' : `, cost ${shown.cost}`}`,
    ...(shown.schedule === null ? [] : [`Schedule ${printable(shown.schedule)}`]),
    ...(shown.picture === null ? [] : [`Picture ${printable(shown.picture)}`]),
    ...lifecycleLines(template).map(printable),
    ...(variables.length === 0
      ? []
      : ['', renderTable(['VARIABLE', 'TYPE', 'DEFAULT', 'ALLOWED', 'MEANING'], variables, terminal)]),
    ...(shown.oneOf.length === 0 ? [] : [`Exactly one of ${printable(shown.oneOf.join(', '))} must be given.`]),
    '',
    renderTable(['COLUMN', 'TYPE', 'PATH'], columns, terminal),
    '',
    ...(shown.usedBy.length === 0
      ? ['Not used in the last 400 days, as far as this key may see', '']
      : [usesTable(shown.usedBy, terminal), '']),
    ...shown.ids.map(({ kind, id }) => `${printable(id)}  ${printable(kind)}`),
    '',
    printable(shown.document.trimEnd()),
  ];
  terminal.line(parts.join('\n'));
  return exitCodes.ok;
}

function boundsOf({ values, min, max }: ShownVariable): string {
  if (values !== null) return values.join(', ');
  return min === null && max === null ? '' : `${min ?? ''} to ${max ?? ''}`.trim();
}
