import { validate, type DocumentNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { LocalSubgraph } from './local-subgraph.ts';

/** The part of a query plan that tells whether it is one fetch and nothing else. */
export interface PlanShape {
  readonly node?:
    | {
        readonly kind: string;
        readonly serviceName?: string;
        readonly requires?: unknown;
        readonly inputRewrites?: unknown;
        readonly outputRewrites?: unknown;
      }
    | undefined;
}

/** Operations whose plan is one fetch from a subgraph of this process: the subgraph can answer the operation itself. */
export interface SingleFetches {
  /** Told of every plan; looks at each operation once. */
  notePlan(hash: string, operationName: string | null, plan: PlanShape, document: DocumentNode): void;
  /** The subgraph that answers the whole operation, null when there is none or its plan was not seen yet. */
  find(hash: string, operationName: string | null): LocalSubgraph | null;
  /** Forgets everything: the schema has changed. */
  clear(): void;
}

const maxKnown = 5_000;

/**
 * A plan that is one fetch asks a subgraph for what was asked of the gateway, in other words. Asking in the words of the
 * operation gives the answer in its own shape, so that nothing has to be shaped again. It must be valid there as it stands.
 *
 * @param local the subgraph of that name in this process, if it runs here
 */
export function createSingleFetches(local: (name: string) => LocalSubgraph | null): SingleFetches {
  const known = new LRUCache<string, { readonly subgraph: LocalSubgraph | null }>({ max: maxKnown });
  const keyOf = (hash: string, operationName: string | null) => `${hash} ${operationName ?? ''}`;

  const answering = ({ node }: PlanShape, document: DocumentNode): LocalSubgraph | null => {
    if (node?.kind !== 'Fetch' || node.serviceName === undefined) return null;
    if (node.requires !== undefined || node.inputRewrites !== undefined || node.outputRewrites !== undefined)
      return null;
    const subgraph = local(node.serviceName);
    return subgraph !== null && validate(subgraph.schema, document).length === 0 ? subgraph : null;
  };

  return {
    notePlan(hash, operationName, plan, document) {
      const key = keyOf(hash, operationName);
      if (!known.has(key)) known.set(key, { subgraph: answering(plan, document) });
    },
    find: (hash, operationName) => known.get(keyOf(hash, operationName))?.subgraph ?? null,
    clear: () => known.clear(),
  };
}
