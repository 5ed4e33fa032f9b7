import { parseEnvironment, type Environment, type EnvironmentCheck } from '@certfolio/runtime';
import { baseUrlProblems } from './account-settings.ts';
import { namedSubgraphProblems } from './served-subgraphs.ts';

// @apollo/gateway sends metrics home and asks cloud services where it runs unless told not to, before it is constructed.
process.env['APOLLO_TELEMETRY_DISABLED'] = 'true';

/** A host answers signed callers only, and reads an account of its own. */
const checkHost: EnvironmentCheck = (parsed, isGiven) => [
  ...(isGiven('CERTFOLIO_INTERNAL_SECRET')
    ? []
    : [{ name: 'CERTFOLIO_INTERNAL_SECRET', problem: 'is needed: gateways sign their callers with it' }]),
  ...(isGiven('CERTCENTRAL_API_KEY') || isGiven('CERTCENTRAL_API_KEY_FILE')
    ? []
    : [
        {
          name: 'CERTCENTRAL_API_KEY',
          problem: 'is needed, or CERTCENTRAL_API_KEY_FILE: this process reads the account',
        },
      ]),
  ...namedSubgraphProblems(parsed),
  ...baseUrlProblems(parsed),
  ...(parsed.CERTFOLIO_SUBGRAPHS?.includes('control') === true
    ? [{ name: 'CERTFOLIO_SUBGRAPHS', problem: '"control" is always answered by the gateway itself' }]
    : []),
];

/** @throws SettingsError */
export function readEnvironment(): Environment {
  return parseEnvironment(process.env, checkHost);
}
