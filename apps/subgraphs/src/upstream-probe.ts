import { AppError, readOf, type RequestContext } from '@certfolio/core';
import type { UpstreamProbe, UpstreamStatus } from '@certfolio/subgraph-control';
import type { Accounts } from './accounts.ts';

/** The state of an upstream account, for `doctor` and the graph; one call, to `/account`. */
export function createUpstreamProbe(accounts: Accounts, isEmulator: (account: string) => boolean): UpstreamProbe {
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
    async status(account: string, context: RequestContext): Promise<UpstreamStatus> {
      const client = accounts.clientOf(account);
      const { baseUrl } = accounts.settingsOf(account);
      const found = await client.account(readOf(context)).then(
        (value) => ({ value, error: null }),
        (error: unknown) => ({ value: null, error: error instanceof AppError ? error.message : 'The call failed.' }),
      );
      const windows = windowsOf(account);
      return {
        account,
        host: new URL(baseUrl).host,
        accountId: found.value?.id ?? null,
        accountName: found.value?.name ?? null,
        keyKind: isEmulator(account) ? 'emulator' : null,
        reachable: found.error === null,
        error: found.error,
        budget: { freeNow: Math.min(...windows.map(({ free }) => free)), windows },
      };
    },
  };
}
