import { exitCodes, type ExitCode } from '@certfolio/client';
import { printable } from '../../output/printable.ts';
import type { Session } from '../../session.ts';
import { lifecycleFields, lifecycleLines, type Lifecycle } from './lifecycle-fields.ts';

interface Moved extends Lifecycle {
  readonly ref: string;
  readonly state: string;
  readonly title: string;
  readonly ids: readonly { readonly kind: string; readonly id: string }[];
}

interface Wish {
  readonly ref: string;
  readonly note: string | undefined;
}

const fields = `ref state title ids { kind id } ${lifecycleFields}`;

export function approveTemplate(
  { ref, note, sensitive }: Wish & { readonly sensitive: readonly string[] },
  session: Session,
): Promise<ExitCode> {
  const mutation = `mutation Approve($ref: String!, $note: String, $sensitive: [String!]) {
    moved: approveTemplate(ref: $ref, note: $note, reviewedSensitive: $sensitive) { ${fields} } }`;
  return move(
    mutation,
    { ref, note: note ?? null, sensitive },
    'runs from now on; every replica has it within 5 s',
    session,
  );
}

export function deprecateTemplate(
  { ref, note, sunset }: Wish & { readonly sunset: string | undefined },
  session: Session,
): Promise<ExitCode> {
  const mutation = `mutation Deprecate($ref: String!, $note: String, $sunset: Date) {
    moved: deprecateTemplate(ref: $ref, note: $note, sunset: $sunset) { ${fields} } }`;
  return move(
    mutation,
    { ref, note: note ?? null, sunset: sunset ?? null },
    'still runs; its callers are told',
    session,
  );
}

export function retireTemplate({ ref, note }: Wish, session: Session): Promise<ExitCode> {
  const mutation = `mutation Retire($ref: String!, $note: String) { moved: retireTemplate(ref: $ref, note: $note) { ${fields} } }`;
  return move(
    mutation,
    { ref, note: note ?? null },
    'is refused from now on; every replica does so within 5 s',
    session,
  );
}

async function move(
  mutation: string,
  variables: Record<string, unknown>,
  effect: string,
  session: Session,
): Promise<ExitCode> {
  const { terminal, json, signal } = session;
  const client = await session.client();
  const { moved } = await client.query<{ moved: Moved }>(mutation, variables, { signal });
  if (json) {
    terminal.line(
      JSON.stringify(
        { ...moved, state: moved.state.toLowerCase(), source: moved.source?.toLowerCase() ?? null },
        null,
        2,
      ),
    );
    return exitCodes.ok;
  }
  terminal.line(`${printable(moved.ref)} (${moved.state.toLowerCase()}) ${effect}.`);
  for (const line of lifecycleLines(moved)) terminal.line(`  ${printable(line)}`);
  return exitCodes.ok;
}
