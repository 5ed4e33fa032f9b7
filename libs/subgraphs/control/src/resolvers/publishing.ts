import type { CalendarDate, Principal } from '@certfolio/core';
import type { Resolvers } from '@certfolio/graph-kit';
import type { PublishedFile, Template } from '@certfolio/templates';
import { toEnumName } from '../enum-names.ts';
import { lifecycleView } from '../lifecycle-view.ts';
import type { ControlPorts } from '../ports.ts';
import { requireScope } from '../require-scope.ts';
import { templateView } from '../views.ts';

interface PublishArguments {
  readonly files: readonly PublishedFile[];
  readonly dryRun?: boolean | null;
}

interface MoveArguments {
  readonly ref: string;
  readonly note?: string | null;
}

export function publishingResolvers({ templates }: ControlPorts): Resolvers {
  const view = (template: Template, principal: Principal) => ({
    ...templateView(template, templates.costOf(template)),
    ...lifecycleView(template, principal),
  });
  const scope = 'templates:publish';
  return {
    Mutation: {
      publishTemplates: async (_root, { files, dryRun }: PublishArguments, context) => {
        requireScope(context.principal, scope, 'publish templates');
        const published = await templates.publisher().publish(files, dryRun ?? false, context);
        return published.map(({ template, change, upstreamCalls, unknownCalls }) => ({
          template: view(template, context.principal),
          change: toEnumName(change),
          upstreamCalls,
          unknownCalls,
        }));
      },
      approveTemplate: async (
        _root,
        { ref, note, reviewedSensitive }: MoveArguments & { readonly reviewedSensitive?: readonly string[] | null },
        context,
      ) => {
        requireScope(context.principal, scope, 'approve templates');
        const wish = { ref, note: note ?? null, reviewedSensitive: reviewedSensitive ?? [] };
        return view(await templates.publisher().approve(wish, context), context.principal);
      },
      deprecateTemplate: async (
        _root,
        { ref, note, sunset }: MoveArguments & { readonly sunset?: CalendarDate | null },
        context,
      ) => {
        requireScope(context.principal, scope, 'deprecate templates');
        const wish = { ref, note: note ?? null, sunset: sunset ?? null };
        return view(await templates.publisher().deprecate(wish, context), context.principal);
      },
      retireTemplate: async (_root, { ref, note }: MoveArguments, context) => {
        requireScope(context.principal, scope, 'retire templates');
        return view(await templates.publisher().retire({ ref, note: note ?? null }, context), context.principal);
      },
    },
  };
}
