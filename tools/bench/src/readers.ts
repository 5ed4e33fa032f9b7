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
  silentLogger,
  type AccountReader,
  type DomainReader,
  type OrderPartReader,
  type OrderReader,
  type OrganizationContactReader,
  type OrganizationReader,
} from '@certfolio/core';
import { systemClock } from '@certfolio/runtime';
import { createCertCentral } from '@certfolio/upstream';

export interface BenchReaders {
  ordersOf(): OrderReader;
  partsOf(): OrderPartReader;
  historyOf(): null;
  organizationsOf(): OrganizationReader;
  domainsOf(): DomainReader;
  contactsOf(): OrganizationContactReader;
  accountOf(): AccountReader;
}

/** As many calls remembered as in production, so that counting them costs the same; a millisecond frees them again. */
const liftedWindows = [
  { calls: 95, windowMs: 1 },
  { calls: 980, windowMs: 1 },
] as const;

/** The product's reads of CertCentral over the mock, the same for ours and for the subgraphs of stock; only the call budget is lifted. */
export function openBenchReaders(baseUrl: string): BenchReaders {
  const client = createCertCentral({
    baseUrl,
    apiKey: () => 'bench',
    version: 'bench',
    settings: { windows: liftedWindows },
    logger: silentLogger,
    clock: systemClock,
    random: Math.random,
  });
  const orders = createLiveOrderReader({ certCentral: client, clock: systemClock, logger: silentLogger });
  const parts = createLivePartReader(client, systemClock);
  const lists = createLiveLists(client, systemClock);
  const organizations = createOrganizationReader(lists, client, systemClock);
  const domains = createDomainReader(lists, client, systemClock);
  const contacts = createLiveContactReader(client, systemClock);
  const account = createAccountReader(lists, createLiveFacts(client, systemClock));
  return {
    ordersOf: () => orders,
    partsOf: () => parts,
    historyOf: () => null,
    organizationsOf: () => organizations,
    domainsOf: () => domains,
    contactsOf: () => contacts,
    accountOf: () => account,
  };
}
