import { parse } from 'graphql';
import {
  AppError,
  type Clock,
  type Logger,
  type Principal,
  type RequestContext,
  ReadLedger,
  everything,
} from '@certfolio/core';
import {
  composeSupergraph,
  createLocalSubgraph,
  digestOfSubgraphs,
  type LocalSubgraph,
  type SubgraphDefinition,
  type SubgraphRunner,
} from '@certfolio/execution';
import { createRemoteSubgraph, fetchSubgraphSdl } from '@certfolio/execution/http';
import { signIdentity, type Subgraph } from '@certfolio/graph-kit';
import type { ComposedSupergraph } from './compose-static.ts';

/** A subgraph elsewhere, by one address or several replicas. */
export interface RemoteSubgraph {
  readonly name: string;
  readonly urls: readonly string[];
}

export interface SchemaSourceOptions {
  /** Answered in this process. */
  readonly local: readonly Subgraph[];
  readonly remote: readonly RemoteSubgraph[];
  /** Schemas of subgraphs of ours; one that is served elsewhere need not be asked for its own. */
  readonly known: readonly Pick<Subgraph, 'name' | 'typeDefs'>[];
  /** Stands for composing the subgraphs that it was composed of. */
  readonly composed: ComposedSupergraph;
  readonly secret: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface SchemaSource {
  /** Who answers each subgraph; the same whatever the schema is. */
  readonly runners: ReadonlyMap<string, SubgraphRunner>;
  /** Asks the subgraphs elsewhere for their schemas and composes all. @throws CompositionError, SubgraphUnavailable */
  compose(): Promise<string>;
  /**
   * The same with one subgraph of another schema, or one more; puts nothing in place. Of subgraphs elsewhere that are away,
   * the last schema that they told. @throws CompositionError, SubgraphUnavailable
   */
  composeWith(changed: Pick<Subgraph, 'name' | 'typeDefs'>): Promise<string>;
  /** The same without the subgraphs elsewhere that do not tell their schema; they are named. @throws CompositionError */
  composeReachable(): Promise<{ readonly supergraphSdl: string; readonly missing: readonly string[] }>;
}

/** How long a subgraph may take to give its SDL. */
const sdlTimeoutMs = 5_000;

/** Composes what runs here with what runs elsewhere. */
export function createSchemaSource(options: SchemaSourceOptions): SchemaSource {
  const { remote, known, composed, secret, clock, logger } = options;
  const local: readonly LocalSubgraph[] = options.local.map((subgraph) => createLocalSubgraph(subgraph, logger));
  const remoteRunners = new Map(
    remote.map(({ name, urls }) => [name, createRemoteSubgraph({ name, urls, secret, clock, logger })] as const),
  );

  const lastTold = new Map<string, SubgraphDefinition>();
  const definitionOf = async ({ name, urls }: RemoteSubgraph): Promise<SubgraphDefinition> => {
    const ours = known.find((subgraph) => subgraph.name === name);
    const typeDefs =
      ours?.typeDefs ??
      parse(
        await firstAnswer(urls, (url) =>
          fetchSubgraphSdl(name, url, signIdentity(systemContext(clock), secret, clock.nowMs()), sdlTimeoutMs),
        ),
      );
    const definition = { name, typeDefs, url: urls[0]! };
    lastTold.set(name, definition);
    return definition;
  };
  const lastDefinitionOf = async (subgraph: RemoteSubgraph): Promise<SubgraphDefinition> => {
    try {
      return await definitionOf(subgraph);
    } catch (error) {
      const last = lastTold.get(subgraph.name);
      if (last === undefined) throw error;
      return last;
    }
  };

  const localDefinitions = local.map(({ name, typeDefs }) => ({ name, typeDefs, url: `local:${name}` }));
  const composeAll = (remoteDefinitions: readonly SubgraphDefinition[]): string => {
    const all = [...localDefinitions, ...remoteDefinitions];
    return digestOfSubgraphs(all) === composed.digest ? composed.supergraphSdl : composeSupergraph(all);
  };

  return {
    runners: new Map<string, SubgraphRunner>([
      ...local.map((subgraph) => [subgraph.name, subgraph] as const),
      ...remoteRunners,
    ]),
    compose: async () => composeAll(await Promise.all(remote.map(definitionOf))),
    async composeWith({ name, typeDefs }) {
      const others = await Promise.all(remote.filter((subgraph) => subgraph.name !== name).map(lastDefinitionOf));
      const url = remote.find((subgraph) => subgraph.name === name)?.urls[0] ?? `local:${name}`;
      const kept = localDefinitions.filter((subgraph) => subgraph.name !== name);
      return composeSupergraph([...kept, ...others, { name, typeDefs, url }]);
    },
    async composeReachable() {
      const outcomes = await Promise.allSettled(remote.map(definitionOf));
      const found = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
      const missing = remote.filter((_, index) => outcomes[index]!.status === 'rejected').map(({ name }) => name);
      return { supergraphSdl: composeAll(found), missing };
    },
  };
}

async function firstAnswer<T>(urls: readonly string[], ask: (url: string) => Promise<T>): Promise<T> {
  let failure: unknown = new AppError('SUBGRAPH_UNAVAILABLE', 'A subgraph has no address.');
  for (const url of urls) {
    try {
      return await ask(url);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

/** The gateway itself, asking for a schema: it may see nothing. */
function systemContext(clock: Clock): RequestContext {
  const principal: Principal = {
    keyId: 'gateway',
    keyName: 'gateway',
    owner: 'certfolio',
    level: 'listed',
    templates: { names: new Set(), tags: new Set() },
    scopes: new Set(),
    scope: { ...everything, containers: new Set() },
    fields: new Set(),
    limits: { requestsPerMinute: 0, burst: 0, costPerMinute: 0, rows: 0, concurrent: 0, mode: 'enforce' },
    account: 'default',
    lane: 'interactive',
  };
  return {
    requestId: 'schema',
    principal,
    deadline: new Date(clock.nowMs() + sdlTimeoutMs),
    signal: new AbortController().signal,
    maxAgeMs: 0,
    planOnly: false,
    run: null,
    ledger: new ReadLedger(),
  };
}
