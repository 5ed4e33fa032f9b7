import type { Clock, Logger } from '@certfolio/core';
import { secretFromFile, usBaseUrl, type Environment, type SettingProblem } from '@certfolio/runtime';
import { checkBaseUrl, type CallReport } from '@certfolio/upstream';
import { Accounts, type AccountSettings } from './accounts.ts';

/** Every key names its account; there is one as long as the settings know one upstream key. */
const accountName = 'default';

/** The CertCentral account that the environment gives a key for; null without a key. */
export function accountOfEnvironment(environment: Environment, clock: Clock): AccountSettings | null {
  const { CERTCENTRAL_API_KEY: key, CERTCENTRAL_API_KEY_FILE: keyFile, CERTCENTRAL_BASE_URL: baseUrl } = environment;
  if (key === undefined && keyFile === undefined) return null;
  const apiKey = keyFile === undefined ? () => key! : secretFromFile(keyFile, clock);
  return { name: accountName, baseUrl: baseUrl ?? usBaseUrl, apiKey };
}

/** What is wrong with the address of CertCentral. */
export function baseUrlProblems({ CERTCENTRAL_BASE_URL: baseUrl }: Partial<Environment>): readonly SettingProblem[] {
  if (baseUrl === undefined) return [];
  try {
    checkBaseUrl(baseUrl);
    return [];
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return [{ name: 'CERTCENTRAL_BASE_URL', problem: error.message }];
  }
}

/** The bundled emulator as an account; it takes any key. */
export function emulatorAccount(baseUrl: string): AccountSettings {
  return { name: accountName, baseUrl, apiKey: () => 'bundled-emulator' };
}

export interface OpenAccountsOptions {
  readonly environment: Environment;
  readonly account: AccountSettings;
  /** Told to CertCentral in `User-Agent`. */
  readonly version: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onCall: (report: CallReport) => void;
}

/** The readers of the account, with proxy and data folder from the environment. */
export function openAccounts({ environment, account, ...rest }: OpenAccountsOptions): Accounts {
  const { HTTPS_PROXY: httpsProxy, HTTP_PROXY: httpProxy, NO_PROXY: noProxy } = environment;
  return new Accounts({
    ...rest,
    accounts: [account],
    proxy: {
      ...(httpsProxy === undefined ? {} : { httpsProxy }),
      ...(httpProxy === undefined ? {} : { httpProxy }),
      ...(noProxy === undefined ? {} : { noProxy }),
    },
    dataDir: environment.CERTFOLIO_DATA_DIR,
    random: Math.random,
  });
}
