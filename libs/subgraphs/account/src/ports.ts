import type { AccountReader, Clock } from '@certfolio/core';

export interface AccountPorts {
  /** The reader of an upstream account, by its name. */
  accountOf(account: string): AccountReader;
  readonly clock: Clock;
}
