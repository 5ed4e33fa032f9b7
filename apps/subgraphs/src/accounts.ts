import { createHash } from 'node:crypto';
import {
  BadUserInput,
  ReadLedger,
  readOf,
  UpstreamRefused,
  type AccountReader,
  type Clock,
  type DomainReader,
  type ForwardedAnswer,
  type ForwardedCall,
  type Logger,
  type OrderHistory,
  type OrderPartReader,
  type OrderReader,
  type OrganizationContactReader,
  type OrganizationReader,
  type RequestContext,
  type UpstreamCall,
  type UpstreamKey,
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
import type { Expiries, ExpiriesWanted } from '@certfolio/mirror/postgres';
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
import { AccountMirror, type LiveReaders, type MirroredReaders } from './account-mirror.ts';
import { readersByKey, type AccountReaders } from './account-readers.ts';
import { currentReaders } from './current-readers.ts';
import { openBudget, type OpenBudget } from './open-budget.ts';
import { PassThroughReaders, type OpenKey } from './pass-through-readers.ts';
import { forwardWith } from './forward-with-key.ts';

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
  /** @param account null for a call with a key that is passed through */
  readonly onCall: (report: CallReport, account: string | null) => void;
  /** Null reads everything live. */
  readonly mirror: MirrorPlace | null;
}

interface Account {
  readonly settings: AccountSettings;
  readonly client: CertCentralClient;
  readonly budget: OpenBudget;
  readonly mirror: AccountMirror | null;
  readonly readers: AccountReaders;
  /** Of keys that are passed through to it. */
  readonly passThrough: PassThroughReaders;
  /** CertCentral's id of the account, asked once. */
  id: number | null;
}

/** A proof is a small read; a caller waits for it. */
const proofMs = 10_000;
/** CertCentral refuses a bad key with 403; whatever else it answers says nothing of the key. */
const keyRefusals: ReadonlySet<number> = new Set([401, 403]);

/** The readers of each upstream account; budgets and caches of two accounts never mix. */
export class Accounts {
  readonly #accounts: ReadonlyMap<string, Account>;
  readonly #proxy: ProxyOptions;
  readonly #pool: Pool | null;
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor(options: AccountsOptions) {
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#proxy = options.proxy;
    this.#pool = options.mirror?.pool ?? null;
    this.#accounts = new Map(options.accounts.map((settings) => [settings.name, open(settings, options)]));
  }

  ordersOf = (account: string): OrderReader => this.#of(account).readers.orders;
  partsOf = (account: string): OrderPartReader => this.#of(account).readers.parts;
  /** Null without a mirror, or while it is not known whose it would be. */
  historyOf = (account: string): OrderHistory | null => this.#of(account).mirror?.readers()?.history ?? null;
  organizationsOf = (account: string): OrganizationReader => this.#of(account).readers.organizations;
  domainsOf = (account: string): DomainReader => this.#of(account).readers.domains;
  contactsOf = (account: string): OrganizationContactReader => this.#of(account).readers.contacts;
  accountOf = (account: string): AccountReader => this.#of(account).readers.account;
  clientOf = (account: string): CertCentralClient => this.#of(account).client;
  settingsOf = (account: string): AccountSettings => this.#of(account).settings;

  /** The proxy in front of the account, without its password; null when there is none. */
  proxyOf = (account: string): string | null => proxyInUse(this.#of(account).settings.baseUrl, this.#proxy);

  /**
   * Whether a key that is to be passed through opens the account: CertCentral takes it, and it is of the same account as the
   * account's own key. Takes one call of the key, and once one of the account's own.
   *
   * @throws AppError when CertCentral cannot be asked
   */
  proveKey = async (key: UpstreamKey, name: string): Promise<boolean> => {
    const account = this.#of(name);
    const ownId = await this.#idOf(account);
    try {
      const found = await account.passThrough.use(key, ({ client }) => client.account(this.#proof()));
      if (found.id === ownId) return true;
      this.#logger.warn({ account: name }, 'A key of another CertCentral account was not passed through.');
    } catch (error) {
      const isRefused = error instanceof UpstreamRefused && keyRefusals.has(error.upstreamStatus);
      if (!isRefused) throw error;
    }
    account.passThrough.forget(key);
    return false;
  };

  /** As `CallForwarder.forward`; a key that is passed through is held until the answer has been read. */
  forward = (account: string, call: ForwardedCall, context: RequestContext): Promise<ForwardedAnswer> => {
    const { client, passThrough } = this.#of(account);
    const read = readOf(context);
    if (read.upstreamKey === undefined) return client.forward(call, read);
    return forwardWith(passThrough, read.upstreamKey, call, read);
  };

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

  /** What certificates end when, by account, from the mirrors alone; accounts without a filled mirror are left out. */
  async expiries(wanted: ExpiriesWanted): Promise<ReadonlyMap<string, Expiries & { readonly dataAsOf: Date }>> {
    const all = await Promise.all(
      [...this.#accounts].map(async ([name, { mirror }]) => [name, (await mirror?.expiries(wanted)) ?? null] as const),
    );
    return new Map(all.flatMap(([name, found]) => (found === null ? [] : [[name, found] as const])));
  }

  /** Brings the mirror up to date, or reads all of it anew. Null without one. @throws as `OrderReader` */
  refreshMirror = async (account: string, isFull: boolean): Promise<MirrorStatus | null> =>
    (await this.#of(account).mirror?.refresh(isFull)) ?? null;

  /** Ends the mirrors, writes the call logs and breaks off what is under way. */
  async stop(): Promise<void> {
    await Promise.all([...this.#accounts.values()].map(({ mirror }) => mirror?.stop()));
    await this.#pool?.end();
    await Promise.all([...this.#accounts.values()].map(({ passThrough }) => passThrough.stop()));
    await Promise.all([...this.#accounts.values()].map(({ client, budget }) => client.stop().then(budget.close)));
  }

  async #idOf(account: Account): Promise<number> {
    account.id ??= (await account.client.account(this.#proof())).id;
    return account.id;
  }

  #proof(): UpstreamCall {
    return {
      deadline: new Date(this.#clock.nowMs() + proofMs),
      lane: 'interactive',
      onBehalfOf: 'passthrough',
      signal: new AbortController().signal,
      ledger: new ReadLedger(),
    };
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
  const client = openClient(settings, settings.apiKey, budget, {
    ...options,
    onCall: (report) => options.onCall(report, settings.name),
  });
  const mirror: AccountMirror | null =
    options.mirror === null ? null : mirrorFor(settings, client, options.mirror, options);
  const live = liveReaders(client, mirror, options);
  const own = accountReaders(client, mirror === null ? live : currentReaders(() => mirror.readers() ?? live), clock);
  mirror?.start(live);
  const passThrough = new PassThroughReaders({
    open: (key, apiKey) => openKey(settings, client, key, apiKey, options),
    clock,
    logger,
  });
  const readers = readersByKey(own, (key, work) => passThrough.use(key, (opened) => work(opened.readers)));
  return { settings, client, budget, mirror, readers, passThrough, id: null };
}

/** Readers of a key that is passed through: live, and with a budget of its own. */
function openKey(
  settings: AccountSettings,
  ownClient: CertCentralClient,
  key: UpstreamKey,
  apiKey: () => string,
  options: AccountsOptions,
): OpenKey {
  const { clock } = options;
  // CertCentral counts by key: whoever sends the account's own one has its budget, and still not its mirror.
  if (key.id === hashOf(settings.apiKey))
    return {
      client: ownClient,
      readers: accountReaders(ownClient, liveReaders(ownClient, null, options), clock),
      close: async () => undefined,
    };
  const budget = openBudget(
    { ...settings, apiKey: key.text },
    {
      dataDir: null,
      clock,
      logger: options.logger,
      ...(options.redisUrl === undefined ? {} : { redisUrl: options.redisUrl }),
    },
  );
  const client = openClient(settings, apiKey, budget, { ...options, onCall: (report) => options.onCall(report, null) });
  return {
    client,
    readers: accountReaders(client, liveReaders(client, null, options), clock),
    close: () => client.stop().then(budget.close),
  };
}

/** As `UpstreamKey.id`; null while the key cannot be read. */
function hashOf(apiKey: () => string): string | null {
  try {
    return createHash('sha256').update(apiKey()).digest('base64url');
  } catch {
    return null;
  }
}

function openClient(
  settings: AccountSettings,
  apiKey: () => string,
  budget: OpenBudget,
  {
    version,
    proxy,
    onCall,
    logger,
    clock,
    random,
  }: Pick<AccountsOptions, 'version' | 'proxy' | 'logger' | 'clock' | 'random'> & {
    readonly onCall: (report: CallReport) => void;
  },
): CertCentralClient {
  const { baseUrl, client = {} } = settings;
  return createCertCentral({
    ...{ baseUrl, apiKey, settings: client, version, proxy, onCall, logger, clock, random },
    ...budget.options,
  });
}

function accountReaders(
  client: CertCentralClient,
  { orders, parts, lists }: Pick<MirroredReaders, 'orders' | 'parts' | 'lists'>,
  clock: Clock,
): AccountReaders {
  return {
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
