import { parseConfiguration, type Configuration, type ConfigurationCheck } from '@certfolio/runtime';
import { baseUrlProblems } from './account-settings.ts';
import { namedSubgraphProblems } from './served-subgraphs.ts';

// @apollo/gateway sends metrics home and asks cloud services where it runs unless told not to, before it is constructed.
process.env['APOLLO_TELEMETRY_DISABLED'] = 'true';

/** A host answers signed callers only, and reads accounts of its own. */
const checkHost: ConfigurationCheck = (parsed, isGiven) => [
  ...(isGiven('CERTFOLIO_INTERNAL_SECRET')
    ? []
    : [{ name: 'CERTFOLIO_INTERNAL_SECRET', problem: 'is needed: gateways sign their callers with it' }]),
  ...(parsed.accounts?.length === 0
    ? [
        {
          name: 'CERTCENTRAL_API_KEY',
          problem:
            'is needed, or CERTCENTRAL_API_KEY_FILE, or accounts in the configuration file: this process reads them',
        },
      ]
    : []),
  ...(parsed.CERTFOLIO_PASSTHROUGH === true
    ? [
        {
          name: 'CERTFOLIO_PASSTHROUGH',
          problem: 'is for a process that answers callers; a host never gets their keys',
        },
      ]
    : []),
  ...namedSubgraphProblems(parsed),
  ...baseUrlProblems(parsed),
  ...(parsed.CERTFOLIO_SUBGRAPHS?.includes('control') === true
    ? [{ name: 'CERTFOLIO_SUBGRAPHS', problem: '"control" is always answered by the gateway itself' }]
    : []),
];

/** @throws SettingsError */
export function readEnvironment(): Configuration {
  return parseConfiguration(process.env, { check: checkHost });
}
