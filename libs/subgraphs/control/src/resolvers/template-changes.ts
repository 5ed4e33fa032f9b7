import { BadUserInput, type RequestContext } from '@certfolio/core';
import type { Resolvers } from '@certfolio/graph-kit';
import { checkTemplateFolder, diffTemplates, diffTemplateSet, formatTemplateProblem } from '@certfolio/templates';
import type { Template, TemplateDiff } from '@certfolio/templates';
import { toEnumName } from '../enum-names.ts';
import type { ControlPorts } from '../ports.ts';
import { requireScope } from '../require-scope.ts';
import { findVisible } from '../visible-templates.ts';

interface TextFile {
  readonly name: string;
  readonly text: string;
}

/** Of one call that is held against what is in place. */
const maxFiles = 1_000;

export function templateChangeResolvers({ templates }: ControlPorts): Resolvers {
  const { costOf, changes } = templates;
  return {
    Query: {
      templateDiff: async (_root, { from, to }: { from: string; to: string }, context) => {
        const [before, after] = [from, to].map((ref) => {
          const found = findVisible(templates, context.principal, ref);
          if (found === null) throw new BadUserInput(`This key has no template "${ref.slice(0, 100)}".`);
          return found;
        }) as [Template, Template];
        const calls = await callsOfAll([before, after], changes, context);
        const facts = { schema: changes.schema(), costOf, callsOf: (each: Template) => calls.get(each) ?? null };
        return diffView(diffTemplates(before, after, facts));
      },
      diffTemplates: async (_root, { files }: { files: readonly TextFile[] }, context) => {
        requireScope(context.principal, 'templates:publish', 'hold templates against those in place');
        if (files.length > maxFiles) throw new BadUserInput(`${files.length} files are more than ${maxFiles}.`);
        const rules = { schema: changes.schema(), sensitiveFields: changes.sensitiveFields };
        const encoder = new TextEncoder();
        const read = files.map(({ name, text }) => ({ name, bytes: encoder.encode(text) }));
        const { templates: next, problems } = await checkTemplateFolder(read, rules, []);
        if (problems.length > 0) {
          const all = problems.map(formatTemplateProblem);
          throw new BadUserInput(`${all.length} problems in the files: ${all.join(' ')}`, { problems: all });
        }
        const inPlace = templates.all();
        return diffTemplateSet(inPlace, next, { schema: changes.schema(), costOf }).map(diffView);
      },
    },
  };
}

async function callsOfAll(
  templates: readonly Template[],
  changes: ControlPorts['templates']['changes'],
  context: RequestContext,
): Promise<ReadonlyMap<Template, number | null>> {
  const calls = templates.map(async (each) => [each, await changes.callsOf(each, context)] as const);
  return new Map(await Promise.all(calls));
}

function diffView({ from, to, breaking, changes }: TemplateDiff) {
  return { from, to, breaking, changes: changes.map((change) => ({ ...change, kind: toEnumName(change.kind) })) };
}
