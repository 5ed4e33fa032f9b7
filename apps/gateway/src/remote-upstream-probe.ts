import type { UpstreamProbe } from '@certfolio/subgraph-control';
import type { RemoteSubgraph } from './schema-source.ts';

/** For a gateway that reads no account itself: says who does. It cannot know more, and spends no call. */
export function createRemoteUpstreamProbe(remote: readonly RemoteSubgraph[]): UpstreamProbe {
  const hosts = [...new Set(remote.flatMap(({ urls }) => urls.map((url) => new URL(url).host)))];
  return {
    callWindows: async () => null,
    async status(account) {
      return {
        account,
        host: hosts.join(', '),
        accountId: null,
        accountName: null,
        keyKind: null,
        reachable: false,
        error: `This gateway does not read CertCentral itself; the account is read by the subgraphs at ${hosts.join(', ')}.`,
        budget: { freeNow: 0, windows: [] },
      };
    },
  };
}
