import type { ConfigReader } from './config-members.ts';

/** Where a subgraph is served elsewhere: one address, or several of replicas. */
export interface SubgraphAddresses {
  readonly name: string;
  readonly urls: string[];
}

const subgraphName = /^[a-z][a-z0-9-]*$/;
const isHttpUrl = (value: unknown): value is string =>
  typeof value === 'string' && /^https?:\/\//.test(value) && URL.canParse(value);

/** The section `subgraphs`: an address, or a list of them, by name. */
export function readSubgraphs(value: unknown, reader: ConfigReader): SubgraphAddresses[] {
  const members = reader.membersOf(value, ['subgraphs']) ?? [];
  return members.flatMap(([name, given]) => {
    const path = ['subgraphs', name];
    if (!subgraphName.test(name)) {
      reader.problem(path, 'is no name of a subgraph: small letters, digits and "-", a letter first');
      return [];
    }
    const list: readonly unknown[] = Array.isArray(given) ? given : [given];
    for (const [index, url] of list.entries())
      if (!isHttpUrl(url))
        reader.problem(
          Array.isArray(given) ? [...path, index] : path,
          'must be an http or https URL, or a list of them',
        );
    if (list.length === 0) reader.problem(path, 'must have at least one address');
    return [{ name, urls: list.filter(isHttpUrl) }];
  });
}
