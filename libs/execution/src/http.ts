export { createRemoteSubgraph, fetchSubgraphSdl, type RemoteSubgraphOptions } from './remote-subgraph.http.ts';
