import { parseConfiguration, type Configuration } from '@certfolio/runtime';
import {
  baseUrlProblems,
  namedSubgraphProblems,
  passThroughProblems,
  unservedSubgraphProblems,
} from '@certfolio/subgraphs';

// @apollo/gateway sends metrics home and asks cloud services where it runs unless told not to, before it is constructed.
process.env['APOLLO_TELEMETRY_DISABLED'] = 'true';

/** @throws SettingsError */
export function readEnvironment(): Configuration {
  return parseConfiguration(process.env, {
    check: (parsed) => [
      ...namedSubgraphProblems(parsed),
      ...unservedSubgraphProblems(parsed),
      ...baseUrlProblems(parsed),
      ...passThroughProblems(parsed),
    ],
  });
}
