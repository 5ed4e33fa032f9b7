export { createControlSubgraph } from './create-control-subgraph.ts';
export type {
  ControlPorts,
  KeyAdministration,
  KeyDraft,
  KeyPolicy,
  KeyRecord,
  TemplateCatalog,
  TemplateRecord,
  TemplateState,
  TemplateVariableRecord,
  UpstreamProbe,
  UpstreamStatus,
} from './ports.ts';
export { typeDefs } from './schema.fs.ts';
