import {
  BadUserInput,
  type AccountReader,
  type Clock,
  type DomainReader,
  type Logger,
  type OrderHistory,
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
  writingBackOrders,
  writingBackParts,
} from '@certfolio/reading';
import type { Pool } from '@certfolio/database';
import type { MirrorConfiguration } from '@certfolio/runtime';
import type { MirrorStatus } from '@certfolio/subgraph-control';
import {
  createCertCentral,
  proxyInUse,
  type CallReport,
  type CertCentralClient,
  type CertCentralSettings,
  type ProxyOptions,
} from '@certfolio/upstream';
import { AccountMirror, type LiveReaders } from './account-mirror.ts';
import { currentReaders } from './current-readers.ts';
import { openBudget, type OpenBudget } from './open-budget.ts';

/** One CertCentral account that is read. */
export interface AccountSettings {
  readonly name: string;
  readonly baseUrl: string;
  readonly apiKey: () => string;
  /** Settings of its client that differ from the defaults. */
  readonly client?: Partial<Pick<CertCentralSettings, 'windows' | 'reportZone'>>;
}

/** Where accounts are mirrored. */
export interface MirrorPlace {
  /** Ended by `Accounts.stop`. */
  readonly pool: Pool;
  readonly settings: MirrorConfiguration;
  /** The accounts began anew then, as the bundled emulator does with each start: what was read earlier is of other data. */
  readonly distrustBefore?: Date;
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
  /** Null reads everything live. */
  readonly mirror: MirrorPlace | null;
}

interface Account {
  readonly settings: AccountSettings;
  readonly client: CertCentralClient;
  readonly budget: OpenBudget;
  readonly mirror: AccountMirror | null;
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
  readonly #pool: Pool | null;

  constructor(options: AccountsOptions) {
    this.#proxy = options.proxy;
    this.#pool = options.mirror?.pool ?? null;
    this.#accounts = new Map(options.accounts.map((settings) => [settings.name, open(settings, options)]));
  }

  ordersOf = (account: string): OrderReader => this.#of(account).orders;
  partsOf = (account: string): OrderPartReader => this.#of(account).parts;
  /** Null without a mirror, or while it is not known whose it would be. */
  historyOf = (account: string): OrderHistory | null => this.#of(account).mirror?.readers()?.history ?? null;
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

  /** How much of the account is mirrored; null without a mirror, or while it is not known whose it would be. */
  mirrorOf = async (account: string): Promise<MirrorStatus | null> =>
    (await this.#of(account).mirror?.status()) ?? null;

  /** How each account's mirror stands; accounts without one are left out. */
  async mirrors(): Promise<ReadonlyMap<string, { dataAsOf: Date | null; isFilled: boolean; isComplete: boolean }>> {
    const all = await Promise.all(
      [...this.#accounts].map(async ([name, { mirror }]) => [name, (await mirror?.status()) ?? null] as const),
    );
    return new Map(
      all.flatMap(([name, status]) => {
        if (status === null) return [];
        const { dataAsOf, complete, ordersLeft } = status;
        return [[name, { dataAsOf, isFilled: complete, isComplete: complete && ordersLeft === 0 }] as const];
      }),
    );
  }

  /** Brings the mirror up to date, or reads all of it anew. Null without one. @throws as `OrderReader` */
  refreshMirror = async (account: string, isFull: boolean): Promise<MirrorStatus | null> =>
    (await this.#of(account).mirror?.refresh(isFull)) ?? null;

  /** Ends the mirrors, writes the call logs and breaks off what is under way. */
  async stop(): Promise<void> {
    await Promise.all([...this.#accounts.values()].map(({ mirror }) => mirror?.stop()));
    await this.#pool?.end();
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
  const mirror: AccountMirror | null =
    options.mirror === null ? null : mirrorFor(settings, client, options.mirror, options);
  const live = liveReaders(client, mirror, options);
  const { orders, parts, lists } = mirror === null ? live : currentReaders(() => mirror.readers() ?? live);
  mirror?.start(live);
  return {
    settings,
    client,
    budget,
    mirror,
    orders,
    parts,
    organizations: createOrganizationReader(lists, client, clock),
    domains: createDomainReader(lists, client, clock),
    contacts: createLiveContactReader(client, clock),
    account: createAccountReader(lists, createLiveFacts(client, clock)),
  };
}

function mirrorFor(
  { name, baseUrl, apiKey }: AccountSettings,
  client: CertCentralClient,
  place: MirrorPlace,
  { clock, logger, random }: AccountsOptions,
): AccountMirror {
  return new AccountMirror({ name, baseUrl, apiKey, client, ...place, clock, logger, random });
}

/** What they see goes to the mirror, too. */
function liveReaders(
  client: CertCentralClient,
  mirror: AccountMirror | null,
  { clock, logger }: AccountsOptions,
): LiveReaders {
  const parts = createLivePartReader(client, clock);
  const lists = createLiveLists(client, clock);
  if (mirror === null) return { orders: createLiveOrderReader({ certCentral: client, clock, logger }), parts, lists };
  const { writeBack } = mirror;
  const certCentral = writingBackOrders(client, { writeBack, clock, logger });
  return {
    orders: createLiveOrderReader({ certCentral, clock, logger }),
    parts: writingBackParts(parts, { writeBack, clock, logger }),
    lists,
  };
}

/** Where the accounts are read, for people: `www.digicert.com`, or `www.digicert.com, certcentral.digicert.eu`. */
export function hostsOf(accounts: readonly AccountSettings[]): string {
  return [...new Set(accounts.map(({ baseUrl }) => new URL(baseUrl).host))].join(', ');
}
