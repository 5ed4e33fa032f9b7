import { readFileSync } from 'node:fs';
import { printSchema } from 'graphql';
import { systemClock } from '@certfolio/runtime';
import { apiSchemaOf, composeSupergraph, digestOfSubgraphs } from '@certfolio/execution';
import type { Subgraph } from '@certfolio/graph-kit';
import { createAccountSubgraph } from '@certfolio/subgraph-account';
import { typeDefs as controlTypeDefs } from '@certfolio/subgraph-control';
import { createOrdersSubgraph } from '@certfolio/subgraph-orders';
import { createOrganizationsSubgraph } from '@certfolio/subgraph-organizations';

/** Nothing is asked of a subgraph whose schema alone is wanted. */
const unasked = (): never => {
  throw new Error('This subgraph was made for its schema alone.');
};

/** The subgraphs of this product, by schema. */
export function knownSubgraphs(): readonly Pick<Subgraph, 'name' | 'typeDefs'>[] {
  return [
    createOrdersSubgraph({
      ordersOf: unasked,
      partsOf: unasked,
      historyOf: unasked,
      usersOf: unasked,
      clock: systemClock,
    }),
    createOrganizationsSubgraph({
      organizationsOf: unasked,
      domainsOf: unasked,
      contactsOf: unasked,
      ordersOf: unasked,
      clock: systemClock,
    }),
    createAccountSubgraph({ accountOf: unasked, clock: systemClock }),
    { name: 'control', typeDefs: controlTypeDefs },
  ];
}

/** The supergraph and the API schema as they are checked in. */
export function composeStatic(): { readonly supergraph: string; readonly api: string } {
  const subgraphs = knownSubgraphs().map(({ name, typeDefs }) => ({ name, typeDefs, url: `local:${name}` }));
  const supergraph = composeSupergraph(subgraphs);
  const note = '# Written by `npm run compose`; do not edit.\n';
  return {
    supergraph: `${note}${digestNote}${digestOfSubgraphs(subgraphs)}\n${supergraph}`,
    api: `${note}${printSchema(apiSchemaOf(supergraph))}\n`,
  };
}

/** A supergraph, and the digest of the subgraphs that it was composed of. */
export interface ComposedSupergraph {
  readonly digest: string;
  readonly supergraphSdl: string;
}

const digestNote = '# Subgraphs: ';

/** The supergraph that is checked in, so that a start with just its subgraphs need not compose. */
export function checkedInSupergraph(): ComposedSupergraph {
  const [, subgraphs, ...lines] = readFileSync(new URL('../supergraph.graphql', import.meta.url), 'utf8').split('\n');
  return { digest: subgraphs!.slice(digestNote.length), supergraphSdl: lines.join('\n') };
}
