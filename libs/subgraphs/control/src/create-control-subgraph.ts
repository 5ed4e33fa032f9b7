import type { Clock } from '@certfolio/core';
import type { Subgraph } from '@certfolio/graph-kit';
import type { ControlPorts } from './ports.ts';
import { controlResolvers } from './resolvers.ts';
import { typeDefs } from './schema.fs.ts';

/** Templates, keys and the upstream account as a subgraph; the context value is core's `RequestContext`. */
export function createControlSubgraph(ports: ControlPorts & { readonly clock: Clock }): Subgraph {
  return { name: 'control', typeDefs, resolvers: controlResolvers(ports, ports.clock) };
}
