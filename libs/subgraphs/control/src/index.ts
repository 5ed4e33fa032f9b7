export { createControlSubgraph } from './create-control-subgraph.ts';
export type {
  ControlPorts,
  IdAddition,
  KeyAdministration,
  MirrorStatus,
  TemplateCatalog,
  UpstreamComparison,
  UpstreamProbe,
  UpstreamStatus,
} from './ports.ts';
export { typeDefs } from './schema.fs.ts';
