export { createControlSubgraph } from './create-control-subgraph.ts';
export type {
  AuditPort,
  ControlPorts,
  KeyAdministration,
  MirrorStatus,
  SeenPort,
  TemplateCatalog,
  TemplatePublisher,
  UpstreamComparison,
  UpstreamProbe,
  UpstreamStatus,
} from './ports.ts';
export { typeDefs } from './schema.fs.ts';
