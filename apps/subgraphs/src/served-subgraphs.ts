import type { Configuration, Environment, SettingProblem } from '@certfolio/runtime';
import { dataSubgraphNames, type DataSubgraphName } from './data-subgraphs.ts';

type Given = Partial<Pick<Environment, 'CERTFOLIO_SUBGRAPHS' | 'CERTFOLIO_SUBGRAPH_URLS'>>;

/** Data subgraphs of this process: those named, else all that have no address elsewhere. */
export function servedSubgraphs(given: Given): readonly DataSubgraphName[] {
  const named = namesOf(given);
  return dataSubgraphNames.filter((name) => named.includes(name));
}

/** What is wrong with the names of the subgraphs that are served here. */
export function namedSubgraphProblems({ CERTFOLIO_SUBGRAPHS: named = [] }: Given): readonly SettingProblem[] {
  return named
    .filter((name) => name !== 'control' && !dataSubgraphNames.some((known) => known === name))
    .map((name) => ({
      name: 'CERTFOLIO_SUBGRAPHS',
      problem: `"${name}" is no subgraph of this product; there are ${dataSubgraphNames.join(', ')}, control`,
    }));
}

/** Data subgraphs that would be answered nowhere. */
export function unservedSubgraphProblems(given: Given): readonly SettingProblem[] {
  const named = namesOf(given);
  const elsewhere = namesElsewhere(given);
  return dataSubgraphNames
    .filter((name) => !named.includes(name) && !elsewhere.has(name))
    .map((name) => ({
      name: 'CERTFOLIO_SUBGRAPH_URLS',
      problem: `"${name}" is served neither here nor at an address`,
    }));
}

/** A key that is passed through stays in the process that it came to, so that process has to read CertCentral itself. */
export function passThroughProblems(
  given: Given & Partial<Pick<Configuration, 'CERTFOLIO_PASSTHROUGH' | 'accounts' | 'passThrough'>>,
): readonly SettingProblem[] {
  if (given.CERTFOLIO_PASSTHROUGH !== true) return [];
  const named = namesOf(given);
  const elsewhere = dataSubgraphNames.filter((name) => !named.includes(name));
  const account = given.passThrough?.account;
  const isUnknown =
    given.accounts !== undefined && given.accounts.length > 0 && given.accounts.every(({ name }) => name !== account);
  return [
    ...(elsewhere.length === 0
      ? []
      : [
          {
            name: 'CERTFOLIO_PASSTHROUGH',
            problem: `needs all subgraphs in this process, since a CertCentral key never leaves it; elsewhere: ${elsewhere.join(', ')}`,
          },
        ]),
    ...(isUnknown ? [{ name: 'passthrough.account', problem: 'is no account that is configured' }] : []),
  ];
}

function namesOf(given: Given): readonly string[] {
  const elsewhere = namesElsewhere(given);
  return given.CERTFOLIO_SUBGRAPHS ?? dataSubgraphNames.filter((name) => !elsewhere.has(name));
}

const namesElsewhere = ({ CERTFOLIO_SUBGRAPH_URLS: urls = [] }: Given) => new Set(urls.map(({ name }) => name));
