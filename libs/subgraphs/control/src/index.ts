export { createControlSubgraph } from './create-control-subgraph.ts';
export type {
  ControlPorts,
  KeyAdministration,
  MirrorStatus,
  TemplateCatalog,
  UpstreamComparison,
  UpstreamProbe,
  UpstreamStatus,
} from './ports.ts';
export type { SchedulePorts } from './schedule-ports.ts';
export { typeDefs } from './schema.fs.ts';
