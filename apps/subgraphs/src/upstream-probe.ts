import { AppError, readOf } from '@certfolio/core';
import type { UpstreamProbe, UpstreamStatus } from '@certfolio/subgraph-control';
import type { Accounts } from './accounts.ts';

export interface UpstreamProbeOptions {
  readonly accounts: Accounts;
  readonly isEmulator: (account: string) => boolean;
  /** Whether the process trusts certificates of a private authority. */
  readonly privateCa: boolean;
}

/** The state of the upstream accounts, for `doctor` and the graph. */
export function createUpstreamProbe({ accounts, isEmulator, privateCa }: UpstreamProbeOptions): UpstreamProbe {
  const hostOf = (account: string) => new URL(accounts.settingsOf(account).baseUrl).host;
  const windowsOf = (account: string) =>
    accounts
      .clientOf(account)
      .budgetState()
      .used.map(({ window, calls }) => ({
        calls: window.calls,
        windowMs: window.windowMs,
        free: Math.max(0, window.calls - calls),
      }));
  return {
    callWindows: async (account) => windowsOf(account),
    accounts: () => accounts.names(),
    async status(account, context): Promise<UpstreamStatus> {
      const client = accounts.clientOf(account);
      const [found, key, mirror] = await Promise.all([
        client.account(readOf(context)).then(
          (value) => ({ value, error: null }),
          (error: unknown) => ({ value: null, error: error instanceof AppError ? error.message : 'The call failed.' }),
        ),
        client.keyState(readOf(context)),
        accounts.mirrorOf(account),
      ]);
      const windows = windowsOf(account);
      const { inFlight, queued, pausedMs, shared, processes } = client.budgetState();
      return {
        account,
        host: hostOf(account),
        accountId: found.value?.id ?? null,
        accountName: found.value?.name ?? null,
        keyKind: isEmulator(account) ? 'emulator' : key.keyKind,
        proxy: accounts.proxyOf(account),
        privateCa,
        clockAheadMs: key.clockAheadMs,
        reachable: found.error === null,
        error: found.error,
        budget: {
          freeNow: Math.min(...windows.map(({ free }) => free)),
          windows,
          inFlight,
          queued,
          pausedMs: Math.ceil(pausedMs),
          sharing: shared,
          processes,
        },
        mirror,
      };
    },
    refreshMirror: (account, isFull) => accounts.refreshMirror(account, isFull),
    async compare(account, context) {
      return { host: hostOf(account), ...(await accounts.clientOf(account).probe(readOf(context))) };
    },
  };
}
