import { BadUserInput, Forbidden, hasScope, mayIntrospect } from '@certfolio/core';
import type { Resolvers } from '@certfolio/graph-kit';
import { toEnumName } from '../enum-names.ts';
import { createKeyUses, maxInt } from '../key-uses.ts';
import type { ControlPorts } from '../ports.ts';
import { requireScope } from '../require-scope.ts';

export function schemaResolvers(ports: ControlPorts): Resolvers {
  const { schema } = ports;
  const uses = createKeyUses(ports);
  return {
    Query: {
      schemaSdl: (_root, { supergraph }: { supergraph: boolean }, { principal }) => {
        if (supergraph) {
          requireScope(principal, 'templates:publish', 'see the supergraph');
          return schema.supergraphSdl();
        }
        if (!mayIntrospect(principal.level) && !hasScope(principal, 'templates:publish'))
          throw new Forbidden(`A key of level "${principal.level}" may not see the schema.`);
        return schema.sdl();
      },
      checkSchema: async (_root, { subgraph, sdl }: { subgraph: string; sdl: string }, context) => {
        requireScope(context.principal, 'templates:publish', 'check schemas');
        if (!/^[a-z][a-z0-9_-]{0,63}$/i.test(subgraph))
          throw new BadUserInput('A subgraph has a name of letters, digits, "-" and "_".');
        const { compositionErrors, broken, changes } = await schema.check(subgraph, sdl);
        return {
          ok: compositionErrors.length === 0 && broken.length === 0,
          compositionErrors,
          brokenTemplates: broken.map(({ template, problems, keys, schedules }) => ({
            ref: `${template.name}@${template.version}`,
            state: toEnumName(template.state),
            owner: template.owner,
            problems,
            keys: keys.map((key) => ({ ...key, runs: Math.min(key.runs, maxInt) })),
            schedules,
          })),
          changes: await Promise.all(
            changes.map(async ({ unlisted, kind, ...change }) => ({
              ...change,
              kind: toEnumName(kind),
              unlisted: await uses.view(unlisted, context),
            })),
          ),
        };
      },
    },
  };
}
