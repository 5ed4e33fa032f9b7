import type { DestinationAnswer } from './schedule-answer.ts';

/** Who gets the reports of a schedule: those it names, else those of its destinations; each once. */
export function recipientsOf(definition: string, destinations: readonly DestinationAnswer[]): readonly string[] {
  const byName = new Map(destinations.map(({ name, recipients }) => [name, recipients]));
  return [
    ...new Set(
      targetsOf(definition).flatMap(({ destination, recipients }) => recipients ?? byName.get(destination) ?? []),
    ),
  ];
}

interface Target {
  readonly destination: string;
  readonly recipients: readonly string[] | null;
}

function targetsOf(definition: string): readonly Target[] {
  const { to } = JSON.parse(definition) as { readonly to?: readonly Target[] };
  return to ?? [];
}
