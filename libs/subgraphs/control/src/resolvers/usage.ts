import { BadUserInput, type Clock } from '@certfolio/core';
import type { Resolvers } from '@certfolio/graph-kit';
import { coordinatesOf, type DayUse } from '@certfolio/templates';
import { isInterfaceType, isObjectType } from 'graphql';
import { toEnumName } from '../enum-names.ts';
import { createKeyUses, maxInt, usageOf } from '../key-uses.ts';
import type { ControlPorts } from '../ports.ts';
import { listVisible } from '../visible-templates.ts';

const shownDays = 30;
const dayMs = 86_400_000;

export function usageResolvers(ports: ControlPorts, clock: Clock): Resolvers {
  const { templates, usage } = ports;
  const uses = createKeyUses(ports);
  return {
    Query: {
      fieldUsage: async (_root, { coordinate }: { coordinate: string }, context) => {
        const [, type, field] = /^([_A-Za-z]\w*)\.([_A-Za-z]\w*)$/.exec(coordinate) ?? [];
        if (type === undefined || field === undefined)
          throw new BadUserInput('A coordinate is written "Type.field", such as "Order.status".');
        const schema = templates.changes.schema();
        const selecting = listVisible(templates, context.principal, null).filter(
          (template) => template.state !== 'retired' && coordinatesOf(template, schema).has(coordinate),
        );
        const of = usageOf(context.principal);
        const since = new Date(clock.nowMs() - (shownDays - 1) * dayMs);
        const [unlisted, templateDays, fieldDays, shown] = await Promise.all([
          usage.fieldUses([coordinate], of),
          usage.templateDays(selecting, of, since),
          usage.fieldDays(coordinate, of, since),
          Promise.all(
            selecting.map(async ({ name, version, state, owner }) => {
              const ref = `${name}@${version}`;
              return {
                ref,
                state: toEnumName(state),
                owner,
                usedBy: await uses.view(await uses.ofTemplate(ref, context), context),
              };
            }),
          ),
        ]);
        const named = schema.getType(type);
        const fields = isObjectType(named) || isInterfaceType(named) ? named.getFields() : {};
        const definition = Object.hasOwn(fields, field) ? fields[field] : undefined;
        return {
          coordinate,
          exists: definition !== undefined,
          deprecationReason: definition?.deprecationReason ?? null,
          templates: shown,
          unlisted: await uses.view(unlisted, context),
          byDay: byDay(templateDays, fieldDays),
        };
      },
    },
    Template: {
      lastUsedAt: async ({ ref }: { ref: string }, _args, context) =>
        (await uses.ofTemplate(ref, context)).reduce<Date | null>(
          (last, { lastUsedAt }) => (last === null || lastUsedAt > last ? lastUsedAt : last),
          null,
        ),
      usedBy: async ({ ref }: { ref: string }, _args, context) =>
        uses.view(await uses.ofTemplate(ref, context), context),
    },
  };
}

function byDay(templates: readonly DayUse[], unlisted: readonly DayUse[]) {
  const runsOn = (uses: readonly DayUse[], day: string) =>
    Math.min(maxInt, uses.find((use) => use.day === day)?.runs ?? 0);
  const days = new Set([...templates, ...unlisted].map(({ day }) => day));
  return [...days]
    .sort()
    .reverse()
    .map((day) => ({ day, templateRuns: runsOn(templates, day), unlistedRuns: runsOn(unlisted, day) }));
}
