import { createHash } from 'node:crypto';
import { composeServices } from '@apollo/composition';
import { Supergraph } from '@apollo/federation-internals';
import { Kind, print, visit, type DocumentNode, type GraphQLSchema } from 'graphql';

export interface SubgraphDefinition {
  readonly name: string;
  readonly typeDefs: DocumentNode;
  /** Where it is served over HTTP; empty for one that runs in this process. */
  readonly url: string;
}

/** Subgraphs that do not fit together; the message lists every reason. */
export class CompositionError extends Error {
  readonly reasons: readonly string[];

  constructor(reasons: readonly string[]) {
    super(`The subgraphs do not compose:\n${reasons.map((reason) => `  - ${reason}`).join('\n')}`);
    this.name = 'CompositionError';
    this.reasons = reasons;
  }
}

/**
 * Composes subgraphs into the supergraph's SDL.
 *
 * @throws CompositionError
 */
export function composeSupergraph(subgraphs: readonly SubgraphDefinition[]): string {
  const inOrder = [...subgraphs].sort((a, b) => (a.name < b.name ? -1 : 1));
  const result = composeServices(inOrder.map(({ name, typeDefs, url }) => ({ name, typeDefs, url })));
  const reasons = [...(result.errors?.map(({ message }) => message) ?? []), ...requiresWithArguments(inOrder)];
  if (reasons.length > 0 || result.supergraphSdl === undefined) throw new CompositionError(reasons);
  return result.supergraphSdl;
}

/** SHA-256, hex, of all that the supergraph of these subgraphs depends on beside the release of what composes it. */
export function digestOfSubgraphs(subgraphs: readonly SubgraphDefinition[]): string {
  const facts = subgraphs.map(({ name, typeDefs, url }) => [name, url, print(typeDefs)]).sort();
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex');
}

/** The schema that clients see of a supergraph. */
export function apiSchemaOf(supergraphSdl: string): GraphQLSchema {
  return Supergraph.build(supergraphSdl).apiSchema().toGraphQLJSSchema();
}

/** `@requires` that passes arguments gives silently wrong values in this gateway when two fields pass different ones. */
function requiresWithArguments(subgraphs: readonly SubgraphDefinition[]): string[] {
  return subgraphs.flatMap(({ name, typeDefs }) => {
    const found: string[] = [];
    visit(typeDefs, {
      Directive(node, _key, _parent, _path, ancestors) {
        const fields = node.arguments?.find((argument) => argument.name.value === 'fields')?.value;
        if (!node.name.value.endsWith('requires') || fields?.kind !== Kind.STRING || !fields.value.includes('('))
          return;
        const names = ancestors.flatMap((ancestor) =>
          'name' in ancestor && ancestor.name ? [ancestor.name.value] : [],
        );
        found.push(
          `[${name}] ${names.join('.')}: @requires(fields: "${fields.value}") passes arguments, which is not supported.`,
        );
      },
    });
    return found;
  });
}
