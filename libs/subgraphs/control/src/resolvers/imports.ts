import { BadUserInput } from '@certfolio/core';
import type { Resolvers } from '@certfolio/graph-kit';
import {
  parseManifest,
  planImportInSteps,
  reference,
  type ImportPlan,
  type MatchedOperation,
} from '@certfolio/templates';
import type { ControlPorts, IdAddition } from '../ports.ts';
import { requireScope } from '../require-scope.ts';

interface ImportArguments {
  readonly manifest: string;
  readonly dryRun: boolean;
  readonly draftOwner?: string | null;
}

/** Problems that an error tells in full; the rest are counted. */
const toldProblems = 50;

export function importResolvers({ templates, imports }: ControlPorts): Resolvers {
  return {
    Mutation: {
      importTemplateIds: async (_root, { manifest, dryRun, draftOwner }: ImportArguments, context) => {
        const { principal } = context;
        requireScope(principal, 'templates:publish', 'import ids of templates');
        const owner = draftOwner?.trim() || null;
        if (draftOwner != null && owner === null)
          throw new BadUserInput('"draftOwner" is empty; name who the drafts belong to.');
        const { format, operations } = parseManifest(manifest);
        const { changes } = templates;
        const rules = { schema: changes.schema(), sensitiveFields: changes.sensitiveFields, draftOwner: owner };
        const plan = await inTurns(planImportInSteps(operations, templates.all(), rules));
        if (!dryRun) {
          assertNoProblems(plan);
          const by = { keyId: principal.keyId, keyName: principal.keyName, owner: principal.owner };
          if (plan.drafts.length > 0) await imports.addDrafts(plan.drafts, context);
          const additions = additionsOf(plan.added);
          if (additions.length > 0) await imports.addIds(additions, by);
        }
        return {
          format,
          operations: operations.length,
          dryRun,
          added: plan.added.map(matchedView),
          known: plan.known.map(matchedView),
          unmatched: plan.unmatched.map(({ id, operationName, nearest, differences }) => ({
            id,
            operationName,
            nearest: nearest && reference(nearest),
            differences,
          })),
          drafts: plan.drafts,
          problems: plan.problems,
        };
      },
    },
  };
}

/** Steps that are taken before others have their turn; each is a few milliseconds at most. */
const stepsPerTurn = 5;

async function inTurns<T>(steps: Generator<void, T>): Promise<T> {
  for (let taken = 1; ; taken += 1) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (taken % stepsPerTurn === 0) await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

function assertNoProblems({ problems }: ImportPlan): void {
  if (problems.length === 0) return;
  const told = problems.slice(0, toldProblems);
  const more = problems.length > told.length ? ` And ${problems.length - told.length} more.` : '';
  throw new BadUserInput(`Nothing was imported: ${told.map(({ message }) => message).join(' ')}${more}`, {
    problems: told,
  });
}

function additionsOf(added: readonly MatchedOperation[]): IdAddition[] {
  const byRef = Map.groupBy(added, ({ template }) => template);
  return [...byRef].map(([{ name, version }, operations]) => ({
    name,
    version,
    ids: operations.map(({ id, text }) => ({ id, text })),
  }));
}

const matchedView = ({ id, operationName, template, how, changed }: MatchedOperation) => ({
  id,
  operationName,
  template: reference(template),
  how,
  changed,
});
