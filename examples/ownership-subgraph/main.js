import { readFileSync } from 'node:fs';
import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginInlineTraceDisabled } from '@apollo/server/plugin/disabled';
import { startStandaloneServer } from '@apollo/server/standalone';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse } from 'graphql';
import { readOwners } from './owners.js';

const { PORT = '4600', HOST = '127.0.0.1', OWNERS_FILE } = process.env;
const beside = (name) => new URL(name, import.meta.url);

const ownerOf = readOwners(readFileSync(OWNERS_FILE ?? beside('owners.yaml'), 'utf8'));
const ownerOfOrder = ({ id, certificate }) => ownerOf({ id, commonName: certificate?.commonName ?? null });

const schema = buildSubgraphSchema([
  {
    typeDefs: parse(readFileSync(beside('schema.graphql'), 'utf8')),
    resolvers: {
      Order: {
        // The reference has the key and, where a field requires it, the common name.
        __resolveReference: (reference) => reference,
        ownerTeam: (order) => ownerOfOrder(order)?.team ?? null,
        ownerContact: (order) => ownerOfOrder(order)?.contact ?? null,
      },
    },
  },
]);

// It ends by itself on SIGINT and SIGTERM, as Apollo Server does.
const server = new ApolloServer({ schema, plugins: [ApolloServerPluginInlineTraceDisabled()] });
const { url } = await startStandaloneServer(server, { listen: { port: Number(PORT), host: HOST } });
console.log(`Ownership subgraph is ready at ${url}`);
