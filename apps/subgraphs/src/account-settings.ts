import type { Clock, Logger } from '@certfolio/core';
import {
  defaultAccount,
  secretFromFile,
  SettingsError,
  type AccountConfiguration,
  type Configuration,
  type KeySource,
  type SettingProblem,
} from '@certfolio/runtime';
import { checkBaseUrl, type CallReport } from '@certfolio/upstream';
import { Accounts, type AccountSettings, type MirrorPlace } from './accounts.ts';

/** The CertCentral accounts that environment and configuration file give keys for; empty without any. */
export function configuredAccounts({ accounts }: Configuration, clock: Clock): readonly AccountSettings[] {
  return accounts.flatMap(({ name, baseUrl, key, budget, reportZone }) =>
    key === null
      ? []
      : [
          {
            name,
            baseUrl,
            apiKey: readerOf(key, clock),
            client: {
              ...(budget === null ? {} : { windows: budget }),
              ...(reportZone === null ? {} : { reportZone }),
            },
          },
        ],
  );
}

const readerOf = (key: KeySource, clock: Clock): (() => string) =>
  key.kind === 'value' ? () => key.value : secretFromFile(key.path, clock);

/** What is wrong with the addresses of the accounts. */
export function baseUrlProblems({ accounts = [] }: Partial<Configuration>): readonly SettingProblem[] {
  return accounts.flatMap(({ baseUrl, setting }: AccountConfiguration) => {
    try {
      checkBaseUrl(baseUrl);
      return [];
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      return [{ name: setting, problem: error.message }];
    }
  });
}

/** The bundled emulator as an account; it takes any key. */
export function emulatorAccount(baseUrl: string): AccountSettings {
  return { name: defaultAccount, baseUrl, apiKey: () => 'bundled-emulator' };
}

export interface OpenAccountsOptions {
  readonly configuration: Configuration;
  readonly accounts: readonly AccountSettings[];
  /** Told to CertCentral in `User-Agent`. */
  readonly version: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** @param account null for a call with a key that is passed through */
  readonly onCall: (report: CallReport, account: string | null) => void;
  readonly mirror: MirrorPlace | null;
}

/**
 * The readers of the accounts, with proxy and data folder from the environment.
 *
 * @throws SettingsError when two accounts are one: CertCentral counts calls by key, and each would spend all of them
 */
export function openAccounts({ configuration, accounts, ...rest }: OpenAccountsOptions): Accounts {
  const { HTTPS_PROXY: httpsProxy, HTTP_PROXY: httpProxy, NO_PROXY: noProxy } = configuration;
  const twin = accounts.find((account, at) => accounts.slice(0, at).some((other) => isSame(account, other)));
  if (twin !== undefined)
    throw new SettingsError([{ name: `accounts.${twin.name}`, problem: 'has the key and address of another account' }]);
  return new Accounts({
    ...rest,
    accounts,
    proxy: {
      ...(httpsProxy === undefined ? {} : { httpsProxy }),
      ...(httpProxy === undefined ? {} : { httpProxy }),
      ...(noProxy === undefined ? {} : { noProxy }),
    },
    dataDir: configuration.CERTFOLIO_DATA_DIR,
    ...(configuration.CERTFOLIO_REDIS_URL === undefined ? {} : { redisUrl: configuration.CERTFOLIO_REDIS_URL }),
    random: Math.random,
  });
}

const isSame = (one: AccountSettings, other: AccountSettings): boolean =>
  one.baseUrl === other.baseUrl && one.apiKey() === other.apiKey();
