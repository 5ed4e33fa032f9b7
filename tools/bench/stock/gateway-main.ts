import { parseArgs } from 'node:util';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { ApolloGateway, IntrospectAndCompose } from '@apollo/gateway';
import { tellReady } from '../src/ready.ts';

// Apollo's own quick start: a gateway that composes the subgraphs it is told of, behind the standalone server.
const { values } = parseArgs({ options: { subgraph: { type: 'string', multiple: true } } });
const subgraphs = values.subgraph!.map((entry) => {
  const [name, url] = entry.split('=') as [string, string];
  return { name, url };
});
const gateway = new ApolloGateway({ supergraphSdl: new IntrospectAndCompose({ subgraphs }) });
const server = new ApolloServer({ gateway, stopOnTerminationSignals: false });
const { url } = await startStandaloneServer(server, { listen: { port: 0, host: '127.0.0.1' } });
process.once('SIGTERM', () => process.exit(0));
tellReady({ origin: new URL(url).origin, path: '/' });
