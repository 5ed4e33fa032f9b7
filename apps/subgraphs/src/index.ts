export {
  baseUrlProblems,
  configuredAccounts,
  emulatorAccount,
  openAccounts,
  type OpenAccountsOptions,
} from './account-settings.ts';
export { Accounts, hostsOf, type AccountSettings, type AccountsOptions } from './accounts.ts';
export { createDataSubgraph, dataSubgraphNames, type DataSubgraphName } from './data-subgraphs.ts';
export {
  namedSubgraphProblems,
  passThroughProblems,
  servedSubgraphs,
  unservedSubgraphProblems,
} from './served-subgraphs.ts';
export { createSubgraphHost, type SubgraphHostOptions } from './subgraph-host.ts';
export { createUpstreamProbe, type UpstreamProbeOptions } from './upstream-probe.ts';
export { mirrorPlace } from './mirror-place.ts';
