export { createControlSubgraph } from './create-control-subgraph.ts';
export { secretVariables } from './key-policy.ts';
export type {
  AuditPort,
  ControlPorts,
  IdAddition,
  KeyAdministration,
  MirrorStatus,
  SeenPort,
  TemplateCatalog,
  UpstreamComparison,
  UpstreamProbe,
  UpstreamStatus,
} from './ports.ts';
export type { MigrationPorts } from './migration-ports.ts';
export type { SchedulePorts } from './schedule-ports.ts';
export { typeDefs } from './schema.fs.ts';
