import type { SeenOperation } from '@certfolio/audit';
import { BadUserInput, type Principal } from '@certfolio/core';
import type { Resolvers } from '@certfolio/graph-kit';
import { isTemplateName, reference, templateNameRule, type TemplateFile } from '@certfolio/templates';
import { pageSizeOf } from '../page-size.ts';
import type { ControlPorts } from '../ports.ts';
import { requireScope } from '../require-scope.ts';

interface TemplateInput {
  readonly name: string;
  readonly title?: string | null;
  readonly question?: string | null;
  readonly owner?: string | null;
  readonly description?: string | null;
  readonly tags: readonly string[];
}

interface SeenTemplateArguments {
  readonly hash: string;
  readonly template: TemplateInput;
}

interface PageArguments {
  readonly key?: string | null;
  readonly first: number;
  readonly after?: string | null;
}

export function seenResolvers({ seen, templates }: ControlPorts): Resolvers {
  async function filesOf(
    { hash, template }: SeenTemplateArguments,
    { owner }: Principal,
  ): Promise<readonly TemplateFile[]> {
    const name = template.name.trim();
    if (!isTemplateName(name))
      throw new BadUserInput(`name: "${name.slice(0, 80)}" is none; a name is ${templateNameRule}.`);
    const found = await seen.store.find(hash);
    if (found === null) throw new BadUserInput('No operation of this hash was seen, or it gave way to others.');
    return seen.filesOf(found.text, {
      name,
      title: lineOf(template.title) ?? name,
      question: lineOf(template.question) ?? questionOf(found),
      owner: lineOf(template.owner) ?? owner,
      description: lineOf(template.description),
      tags: template.tags,
    });
  }

  return {
    Query: {
      seenOperations: async (_root, { key, first, after }: PageArguments, { principal }) => {
        requireScope(principal, 'templates:publish', 'see the operations of keys');
        const [page, dropped] = await Promise.all([
          seen.store.list(key ?? null, { first: pageSizeOf(first), after: after ?? null }),
          seen.store.dropped(),
        ]);
        return { ...page, dropped: [...dropped].map(([keyId, operations]) => ({ keyId, operations })) };
      },
      seenOperation: (_root, { hash }: { readonly hash: string }, { principal }) => {
        requireScope(principal, 'templates:publish', 'see the operations of keys');
        return seen.store.find(hash);
      },
      seenTemplateFiles: (_root, args: SeenTemplateArguments, { principal }) => {
        requireScope(principal, 'templates:publish', 'make templates');
        return filesOf(args, principal);
      },
    },
    Mutation: {
      approveSeen: async (_root, args: SeenTemplateArguments, context) => {
        requireScope(context.principal, 'templates:publish', 'make templates');
        const files = await filesOf(args, context.principal);
        const publisher = templates.publisher();
        const [published] = await publisher.publish(files, false, context);
        const { name, version, sensitive } = published!.template;
        // Who approves an operation from this list has its text before them.
        const wish = {
          ref: `${name}@${version}`,
          note: 'From the list of seen operations.',
          reviewedSensitive: sensitive,
        };
        return { template: reference(await publisher.approve(wish, context)), files };
      },
    },
  };
}

const lineOf = (text: string | null | undefined): string | null => text?.trim() || null;

const questionOf = ({ operationName, clientName }: SeenOperation): string =>
  `What ${clientName ?? 'a program'} asks${operationName === null ? '' : ` with ${operationName}`}.`;
