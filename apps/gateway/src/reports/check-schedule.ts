import { principalOf, type Key } from '@certfolio/access';
import { AppError, dayIn, type Clock } from '@certfolio/core';
import type { Destination, ScheduleDefinition } from '@certfolio/reports';
import { variablesFromJson, type TemplateRegistry } from '@certfolio/templates';
import type { GraphQLSchema } from 'graphql';
import { formatRefusal } from '../doors/report-formats.ts';

export interface ScheduleCheckParts {
  readonly registry: () => TemplateRegistry;
  readonly schema: () => GraphQLSchema;
  readonly destinations: ReadonlyMap<string, Destination>;
  readonly clock: Clock;
}

/** What would keep a schedule from working with the rights of a key, before it is saved; sentences, none when it would work. */
export function checkSchedule(
  { registry, schema, destinations, clock }: ScheduleCheckParts,
  definition: ScheduleDefinition,
  runAs: Key,
): readonly string[] {
  const problems: string[] = [];
  const principal = principalOf(runAs);
  const found = registry().find(definition.template, principal);
  if (found.kind !== 'found') problems.push(`the key "${runAs.name}" may run no template "${definition.template}"`);
  else {
    const { template } = found;
    try {
      variablesFromJson(template, definition.variables, {
        schema: schema(),
        today: dayIn(definition.zone, clock.nowMs()),
      });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      problems.push(error.message);
    }
    for (const format of definition.formats) {
      const refusal = formatRefusal(format, template);
      if (refusal !== null) problems.push(refusal);
    }
    const titles = new Set(template.columns.map(({ title }) => title));
    for (const title of definition.key ?? [])
      if (!titles.has(title)) problems.push(`there is no column "${title}" to compare rows by`);
  }
  const targets = [...definition.to, ...(definition.onFailure === null ? [] : [definition.onFailure])];
  for (const { destination, recipients } of targets) {
    const known = destinations.get(destination);
    if (known === undefined) {
      problems.push(
        `there is no destination "${destination}"; there are ${[...destinations.keys()].join(', ') || 'none'}`,
      );
      continue;
    }
    if (recipients === null && known.recipients.length === 0)
      problems.push(`"${destination}" has no recipient of its own; name some`);
    for (const recipient of recipients ?? []) {
      const refusal = known.refusalOf(recipient);
      if (refusal !== null) problems.push(`"${recipient}" is no recipient of "${destination}": ${refusal}`);
    }
  }
  return problems;
}
