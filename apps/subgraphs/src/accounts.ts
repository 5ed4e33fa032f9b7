import {
  BadUserInput,
  type AccountReader,
  type Clock,
  type DomainReader,
  type Logger,
  type OrderPartReader,
  type OrderReader,
  type OrganizationContactReader,
  type OrganizationReader,
} from '@certfolio/core';
import {
  createAccountReader,
  createDomainReader,
  createLiveContactReader,
  createLiveFacts,
  createLiveLists,
  createLiveOrderReader,
  createLivePartReader,
  createOrganizationReader,
} from '@certfolio/reading';
import {
  createCertCentral,
  proxyInUse,
  type CallReport,
  type CertCentralClient,
  type CertCentralSettings,
  type ProxyOptions,
} from '@certfolio/upstream';
import { openBudget, type OpenBudget } from './open-budget.ts';

/** One CertCentral account that is read. */
export interface AccountSettings {
  readonly name: string;
  readonly baseUrl: string;
  readonly apiKey: () => string;
  /** Settings of its client that differ from the defaults. */
  readonly client?: Partial<Pick<CertCentralSettings, 'windows' | 'reportZone'>>;
}

export interface AccountsOptions {
  readonly accounts: readonly AccountSettings[];
  readonly version: string;
  readonly proxy: ProxyOptions;
  /** Where the call logs are kept. */
  readonly dataDir: string;
  /** Where calls are counted together with other processes; without it this process counts alone. */
  readonly redisUrl?: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
  readonly onCall: (report: CallReport) => void;
}

interface Account {
  readonly settings: AccountSettings;
  readonly client: CertCentralClient;
  readonly budget: OpenBudget;
  readonly orders: OrderReader;
  readonly parts: OrderPartReader;
  readonly organizations: OrganizationReader;
  readonly domains: DomainReader;
  readonly contacts: OrganizationContactReader;
  readonly account: AccountReader;
}

/** The readers of each upstream account; budgets and caches of two accounts never mix. */
export class Accounts {
  readonly #accounts: ReadonlyMap<string, Account>;
  readonly #proxy: ProxyOptions;

  constructor(options: AccountsOptions) {
    this.#proxy = options.proxy;
    this.#accounts = new Map(options.accounts.map((settings) => [settings.name, open(settings, options)]));
  }

  ordersOf = (account: string): OrderReader => this.#of(account).orders;
  partsOf = (account: string): OrderPartReader => this.#of(account).parts;
  organizationsOf = (account: string): OrganizationReader => this.#of(account).organizations;
  domainsOf = (account: string): DomainReader => this.#of(account).domains;
  contactsOf = (account: string): OrganizationContactReader => this.#of(account).contacts;
  accountOf = (account: string): AccountReader => this.#of(account).account;
  clientOf = (account: string): CertCentralClient => this.#of(account).client;
  settingsOf = (account: string): AccountSettings => this.#of(account).settings;

  /** The proxy in front of the account, without its password; null when there is none. */
  proxyOf = (account: string): string | null => proxyInUse(this.#of(account).settings.baseUrl, this.#proxy);

  names(): readonly string[] {
    return [...this.#accounts.keys()];
  }

  /** Writes the call logs and breaks off what is under way. */
  async stop(): Promise<void> {
    await Promise.all([...this.#accounts.values()].map(({ client, budget }) => client.stop().then(budget.close)));
  }

  #of(name: string): Account {
    const account = this.#accounts.get(name);
    if (account !== undefined) return account;
    throw new BadUserInput(`The key names the upstream account "${name}", which is not configured.`);
  }
}

function open(settings: AccountSettings, options: AccountsOptions): Account {
  const { clock, logger } = options;
  const budget = openBudget(settings, options);
  const client = createCertCentral({
    baseUrl: settings.baseUrl,
    apiKey: settings.apiKey,
    settings: settings.client ?? {},
    version: options.version,
    proxy: options.proxy,
    ...budget.options,
    onCall: options.onCall,
    logger,
    clock,
    random: options.random,
  });
  const orders = createLiveOrderReader({ certCentral: client, clock, logger });
  const lists = createLiveLists(client, clock);
  return {
    settings,
    client,
    budget,
    orders,
    parts: createLivePartReader(client, clock),
    organizations: createOrganizationReader(lists, client, clock),
    domains: createDomainReader(lists, client, clock),
    contacts: createLiveContactReader(client, clock),
    account: createAccountReader(lists, createLiveFacts(client, clock)),
  };
}

/** Where the accounts are read, for people: `www.digicert.com`, or `www.digicert.com, certcentral.digicert.eu`. */
export function hostsOf(accounts: readonly AccountSettings[]): string {
  return [...new Set(accounts.map(({ baseUrl }) => new URL(baseUrl).host))].join(', ');
}
