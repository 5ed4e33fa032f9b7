import type {
  AccountFacts,
  AccountListItems,
  AccountListName,
  AccountLists,
  CertCentral,
  CertCentralAccount,
  CertCentralChanges,
  Clock,
  PageRequest,
  Read,
  RestListName,
  User,
} from '@certfolio/core';
import { allPages } from './joins.ts';
import { planCalls } from './planned-calls.ts';
import { listPageRows } from './source-abilities.ts';

type Whole<T> = (read: Read) => Promise<readonly T[]>;

/** The lists of an account as CertCentral has them now: pages of 1,000 side by side, held against their count. */
export function createLiveLists(certCentral: CertCentral & CertCentralAccount, clock: Clock): AccountLists {
  const paged =
    <T extends { readonly id: number }>(
      route: string,
      readPage: (page: PageRequest, read: Read) => Promise<{ readonly items: readonly T[]; readonly total: number }>,
    ): Whole<T> =>
    (read) =>
      allPages(route, (offset) => readPage({ limit: listPageRows, offset }, read));

  const people = paged('GET /user', (page, read) => certCentral.listUsers(page, read));
  const serviceUsers = paged('GET /service-user', (page, read) => certCentral.listServiceUsers(page, read));

  const documented = <L extends Exclude<RestListName, 'restProducts'>>(list: L): Whole<AccountListItems[L]> =>
    paged(`The list ${list}`, (page, read) => certCentral.restListPage(list, page, read));

  const whole: { readonly [L in AccountListName]: Whole<AccountListItems[L]> } = {
    organizations: paged('GET /organization', (page, read) => certCentral.listOrganizations(page, read)),
    domains: paged('GET /domain', (page, read) => certCentral.listDomains(page, read)),
    containers: (read) => certCentral.listContainers(read),
    users: async (read) => everybody(...(await Promise.all([people(read), serviceUsers(read)]))),
    products: (read) => certCentral.listProducts(read),
    requests: paged('GET /request', (page, read) => certCentral.listRequests(page, read)),
    balanceAdjustments: paged('GET /finance/balance-history', (page, read) =>
      certCentral.listBalanceAdjustments(page, read),
    ),
    unitOrders: paged('GET /units/order', (page, read) => certCentral.listUnitOrders(page, read)),
    customFieldDefinitions: (read) => certCentral.customFieldDefinitions(read),
    restOrganizations: documented('restOrganizations'),
    restDomains: documented('restDomains'),
    restContainers: documented('restContainers'),
    restUsers: documented('restUsers'),
    restProducts: async (read) =>
      (await certCentral.restListPage('restProducts', { limit: listPageRows, offset: 0 }, read)).items,
    restRequests: documented('restRequests'),
  };
  return {
    async all(list, read) {
      if (read.planOnly) {
        // Its size is not known before it is read; people and service users are two lists.
        read.ledger.leftUnread(list);
        planCalls(read, `the list of ${list}`, list === 'users' ? 2 : 1, clock);
        return [];
      }
      const rows = await whole[list](read);
      read.ledger.readFrom('live', clock.nowMs());
      return rows;
    },
  };
}

/** A service user may stand in the list of people too; it is the same user. */
function everybody(people: readonly User[], serviceUsers: readonly User[]): readonly User[] {
  return [...new Map([...people, ...serviceUsers].map((user) => [user.id, user])).values()];
}

/** What an account has beside its lists, as CertCentral has it now. */
export function createLiveFacts(certCentral: CertCentralAccount & CertCentralChanges, clock: Clock): AccountFacts {
  return {
    async statusChanges(window, read) {
      if (read.planOnly) {
        planCalls(read, 'the list of status changes', 1, clock);
        return [];
      }
      const changes = await certCentral.statusChanges(window, read);
      read.ledger.readFrom('live', clock.nowMs());
      return changes;
    },
    async subaccountOrders(read) {
      if (read.planOnly) {
        planCalls(read, 'the orders of subaccounts', 1, clock);
        return [];
      }
      const orders = await allPages('GET /account/subaccount/order', (offset) =>
        certCentral.listSubaccountOrders({ limit: listPageRows, offset }, read),
      );
      read.ledger.readFrom('live', clock.nowMs());
      return orders;
    },
    async balance(containerId, read) {
      if (read.planOnly) {
        planCalls(read, 'a balance', 1, clock);
        return null;
      }
      const balance = await certCentral.balance(containerId, read);
      read.ledger.readFrom('live', clock.nowMs());
      return balance;
    },
    async unitBundles(unitOrderId, read) {
      if (read.planOnly) {
        planCalls(read, `unit order ${unitOrderId}`, 1, clock);
        return null;
      }
      const bundles = await certCentral.unitBundles(unitOrderId, read);
      read.ledger.readFrom('live', clock.nowMs());
      return bundles;
    },
  };
}
