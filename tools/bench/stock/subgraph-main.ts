import { parseArgs } from 'node:util';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { GraphQLScalarType } from 'graphql';
import { ReadLedger, type RequestContext } from '@certfolio/core';
import { systemClock } from '@certfolio/runtime';
import { createDataSubgraph, dataSubgraphNames } from '@certfolio/subgraphs';
import { openBenchReaders } from '../src/readers.ts';
import { tellReady } from '../src/ready.ts';

// One of our subgraphs, schema, resolvers and REST client unchanged, served over HTTP the way Apollo's documentation does it.
const { values } = parseArgs({ options: { upstream: { type: 'string' }, name: { type: 'string' } } });
const name = dataSubgraphNames.find((known) => known === values.name)!;
const { typeDefs, resolvers } = createDataSubgraph(name, openBenchReaders(values.upstream!), systemClock);

/** Scalars are made again: this folder has a graphql of its own, and two copies do not know each other's classes. */
const isScalar = (fields: object): fields is GraphQLScalarType => 'toConfig' in fields;
const ownResolvers = Object.fromEntries(
  Object.entries(resolvers as Record<string, object>).map(([type, fields]) => [
    type,
    isScalar(fields) ? new GraphQLScalarType(fields.toConfig()) : fields,
  ]),
);
const schema = buildSubgraphSchema([{ typeDefs: typeDefs as never, resolvers: ownResolvers as never }]);

/** What our gateway signs and sends is made up here: stock checks no key and carries no caller. */
const principal: RequestContext['principal'] = {
  keyId: 'bench',
  keyName: 'bench',
  owner: 'bench',
  level: 'open',
  templates: 'all',
  scopes: new Set(['templates:run']),
  scope: { containers: 'all' },
  fields: 'all',
  limits: {
    requestsPerMinute: 1_000_000,
    burst: 1_000_000,
    costPerMinute: 1_000_000_000,
    rows: 100_000,
    concurrent: 10_000,
    mode: 'enforce',
  },
  account: 'default',
  lane: 'interactive',
};
const server = new ApolloServer<RequestContext>({ schema, stopOnTerminationSignals: false });
const { url } = await startStandaloneServer(server, {
  listen: { port: 0, host: '127.0.0.1' },
  context: async () => ({
    requestId: 'bench',
    principal,
    deadline: new Date(Date.now() + 30_000),
    signal: new AbortController().signal,
    maxAgeMs: 0,
    planOnly: false,
    run: null,
    ledger: new ReadLedger(),
  }),
});
process.once('SIGTERM', () => process.exit(0));
tellReady({ origin: new URL(url).origin, path: '/' });
