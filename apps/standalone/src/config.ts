import { parseEnvironment, type Environment } from '@certfolio/runtime';
import { baseUrlProblems, namedSubgraphProblems, unservedSubgraphProblems } from '@certfolio/subgraphs';

// @apollo/gateway sends metrics home and asks cloud services where it runs unless told not to, before it is constructed.
process.env['APOLLO_TELEMETRY_DISABLED'] = 'true';

/** @throws SettingsError */
export function readEnvironment(): Environment {
  return parseEnvironment(process.env, (parsed) => [
    ...namedSubgraphProblems(parsed),
    ...unservedSubgraphProblems(parsed),
    ...baseUrlProblems(parsed),
  ]);
}
