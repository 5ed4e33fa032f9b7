import { parseConfiguration, type Configuration, type ConfigurationCheck } from '@certfolio/runtime';

// @apollo/gateway sends metrics home and asks cloud services where it runs unless told not to, before it is constructed.
process.env['APOLLO_TELEMETRY_DISABLED'] = 'true';

/** Subgraphs that a gateway alone cannot answer itself. */
const neededElsewhere = ['orders', 'organizations', 'account'];

const checkGateway: ConfigurationCheck = (
  { CERTFOLIO_SUBGRAPH_URLS: urls, CERTFOLIO_PASSTHROUGH: passThrough },
  isGiven,
) => [
  ...(passThrough === true
    ? [
        {
          name: 'CERTFOLIO_PASSTHROUGH',
          problem: 'needs all subgraphs in this process, since a CertCentral key never leaves it; use npm start',
        },
      ]
    : []),
  ...(isGiven('CERTFOLIO_DATABASE_URL')
    ? []
    : [{ name: 'CERTFOLIO_DATABASE_URL', problem: 'is needed: a gateway alone has no database of its own' }]),
  ...(isGiven('CERTFOLIO_SUBGRAPHS')
    ? [{ name: 'CERTFOLIO_SUBGRAPHS', problem: 'is for the subgraph host; a gateway alone serves none' }]
    : []),
  ...(urls === undefined ? [] : neededElsewhere.filter((name) => !urls.some((subgraph) => subgraph.name === name))).map(
    (name) => ({ name: 'CERTFOLIO_SUBGRAPH_URLS', problem: `needs an address of "${name}"` }),
  ),
];

/** @throws SettingsError */
export function readEnvironment(): Configuration {
  return parseConfiguration(process.env, { check: checkGateway, holdsKeys: false });
}
