import { buildSubgraphSchema } from '@apollo/subgraph';
import { graphql } from 'graphql';
import {
  containerId,
  everything,
  orderId,
  organizationId,
  ReadLedger,
  type AccountReader,
  type ApprovalRequest,
  type BalanceAdjustment,
  type Container,
  type ContainerBalance,
  type Decimal,
  type Product,
  type Read,
  type RequestContext,
  type UnitOrder,
  type User,
} from '@certfolio/core';
import { FakeClock } from '@certfolio/core/testing';
import { appErrorOf } from '@certfolio/graph-kit';
import { createAccountSubgraph } from '../src/index.ts';

export const clock = new FakeClock('2026-11-23T12:00:00Z');
const at = (text: string) => text as NonNullable<User['lastLogin']>;
const money = (text: string) => text as Decimal;

const division = (id: number, name: string, parent: number | null, facts: Partial<Container> = {}): Container => ({
  id: containerId(id), name, description: null, parentId: parent === null ? null : containerId(parent), isActive: true, allowedDomainNames: [], ...facts,
}); // prettier-ignore

const user = (id: number, first: string | null, facts: Partial<User> = {}): User => ({
  id, username: `user${id}@acme.test`, firstName: first, lastName: first === null ? null : 'Lind', email: `user${id}@acme.test`, jobTitle: null, telephone: null,
  status: 'active', type: 'standard', lastLogin: at('2026-11-01T08:00:00Z'), containerId: containerId(14), containerName: 'Retail', roles: [{ id: 5, name: 'Standard user' }],
  assignedContainerIds: [], isServiceUser: false, ...facts,
}); // prettier-ignore

const robot = (id: number, role: number | null): User =>
  user(id, 'Robot', {
    isServiceUser: true,
    lastLogin: null,
    roles: role === null ? [] : [{ id: role, name: 'Role' }],
  });

const product = (nameId: string, name: string, facts: Partial<Product> = {}): Product => ({
  nameId, name, type: 'ssl_certificate', groupName: 'ssl', allowedValidityYears: [1], signatureHashes: ['sha256'], isCsrRequired: true, allowedContainerIds: null, replacedBy: null, ...facts,
}); // prettier-ignore

const request = (id: number, date: string, facts: Partial<ApprovalRequest> = {}): ApprovalRequest => ({
  id, date: at(date), type: 'new_request', status: 'pending', comments: null, requester: { id: 1, firstName: 'Bo', lastName: 'Lind', email: 'bo@acme.test' }, processor: null,
  orderId: orderId(730012), commonName: 'new.acme.test', organizationId: organizationId(5001), organizationName: 'Acme', containerId: containerId(14), containerName: 'Retail',
  productNameId: 'ssl_basic', productName: 'Basic OV', ...facts,
}); // prettier-ignore

const entry = (id: number, date: string, facts: Partial<BalanceAdjustment> = {}): BalanceAdjustment => ({
  id, containerId: containerId(14), containerName: 'Retail', credit: null, debit: money('238.00'), transactionType: 'Charge', receiptId: 6001, transactionDate: at(date),
  balanceAfter: money('1200.00'), currency: 'USD', note: null, expirationDate: null, ...facts,
}); // prettier-ignore

const unitOrder = (id: number, created: string, facts: Partial<UnitOrder> = {}): UnitOrder => ({
  id, unitAccountId: 900200, unitAccountName: 'Acme Sub', cost: money('10.00'), currency: 'USD', status: 'completed', expirationDate: null, createdAt: at(created), ...facts,
}); // prettier-ignore

const rows = {
  containers: [
    division(14, 'Retail', 10, { description: 'Shops', allowedDomainNames: ['acme.test'] }),
    division(10, 'Acme', null),
    division(20, 'Online', 14),
    division(15, 'Banking', 10, { isActive: false }),
  ],
  users: [
    user(3, 'Cy', { assignedContainerIds: [containerId(15), containerId(14), containerId(99)] }),
    user(1, 'Bo', { roles: [{ id: 1, name: 'Administrator' }], containerId: containerId(10), containerName: 'Acme' }),
    user(2, 'Bo', { status: 'inactive', lastLogin: null }),
    user(4, null, { containerId: null, containerName: null }),
    ...[0, 100, 101, 102, 103, 104, null].map((role, index) => robot(50 + index, role)),
  ],
  products: [
    product('ssl_plus', 'Standard SSL', { replacedBy: 'ssl_basic' }),
    product('ssl_basic', 'Basic OV', { allowedContainerIds: [containerId(14)] }),
    product('client', 'Premium', { type: 'client_certificate' }),
  ],
  requests: [
    request(1, '2026-11-23T10:30:00Z'),
    request(2, '2026-11-10T12:00:00Z', { status: 'submitted', type: 'reissue' }),
    request(3, '2026-11-20T12:00:00Z', { status: 'approved', type: 'revoke', containerId: containerId(15) }),
    request(4, '2026-11-20T12:00:00Z', { status: 'rejected', orderId: null, organizationId: null, containerId: null, productNameId: null, requester: null }), // prettier-ignore
  ],
  balanceHistory: [
    entry(1, '2026-10-31T23:30:00Z'),
    entry(2, '2026-11-02T10:00:00Z', { debit: null, credit: money('1000.00'), transactionType: 'Deposit', containerId: null }), // prettier-ignore
    entry(3, '2026-11-03T10:00:00Z', { containerId: containerId(15) }),
  ],
  unitOrders: [
    unitOrder(1003, '2026-01-01T00:00:00Z'),
    unitOrder(1004, '2026-02-01T00:00:00Z', { status: 'canceled', unitAccountId: 900201 }),
  ],
  subaccountOrders: [
    { id: 1, accountId: 900200, productNameId: 'ssl_basic', status: 'issued', createdAt: at('2026-03-01T00:00:00Z') },
    { id: 2, accountId: 900200, productNameId: 'ssl_basic', status: 'canceled', createdAt: at('2026-03-02T00:00:00Z') },
    { id: 3, accountId: 900201, productNameId: 'ssl_basic', status: 'issued', createdAt: at('2026-03-02T00:00:00Z') },
  ],
  customFieldDefinitions: [
    { id: 113, label: 'Ticket', isRequired: false, isActive: true, dataType: null },
    { id: 112, label: 'Cost center', isRequired: true, isActive: true, dataType: 'int' },
  ],
};

const balance: ContainerBalance = {
  containerId: containerId(14),
  balance: money('1200.00'),
  currency: 'USD',
  unpaidInvoices: money('0.00'),
  creditLimit: null,
  usedCreditOfOtherContainers: null,
  availableFunds: null,
  hasUnlimitedCredit: true,
};

/** The subgraph over rows at hand; `asked` is every read that was made. */
export function accountAtHand() {
  const asked: string[] = [];
  const reads: Read[] = [];
  const noted =
    <T>(what: string, found: readonly T[]) =>
    async (read: Read): Promise<readonly T[]> => {
      asked.push(what);
      reads.push(read);
      return found;
    };
  const reader: AccountReader = {
    containers: noted('containers', rows.containers),
    users: noted('users', rows.users),
    products: noted('products', rows.products),
    requests: noted('requests', rows.requests),
    balanceHistory: noted('balance history', rows.balanceHistory),
    unitOrders: noted('unit orders', rows.unitOrders),
    subaccountOrders: noted('subaccount orders', rows.subaccountOrders),
    customFieldDefinitions: noted('custom fields', rows.customFieldDefinitions),
    async balance(id, read) {
      asked.push(`balance of ${id}`);
      reads.push(read);
      return id === 99 ? null : balance;
    },
    async statusChanges(window) {
      asked.push(`status changes of ${JSON.stringify(window)}`);
      return [{ orderId: orderId(730012), certificateId: null, status: 'issued' }];
    },
    async restList(list) {
      asked.push(list);
      const items = [7, 3, 5].map((id) => ({
        id,
        status: id === 3 ? 'approved' : 'pending',
        restDocument: `{"id":${id}}`,
      }));
      return list === 'restContainers' ? null : (items as never[]);
    },
    async unitBundles(ids) {
      asked.push(`bundles of ${ids.join()}`);
      return new Map([
        [1003, [{ productNameId: 'ssl_basic', productName: 'Basic OV', units: 5, cost: money('10.00') }]],
      ]);
    },
  };
  const accounts: string[] = [];
  const subgraph = createAccountSubgraph({
    clock,
    accountOf: (account) => {
      accounts.push(account);
      return reader;
    },
  });
  const schema = buildSubgraphSchema([{ typeDefs: subgraph.typeDefs, resolvers: subgraph.resolvers as never }]);
  const run = async (source: string, variableValues: Record<string, unknown> = {}, context = contextOf()) => {
    const { data, errors = [] } = await graphql({ schema, source, variableValues, contextValue: context });
    return {
      data: JSON.parse(JSON.stringify(data ?? null)),
      codes: errors.map((error) => appErrorOf(error)?.code ?? error.message),
    };
  };
  return { run, asked, reads, accounts, schema };
}

export function contextOf(overrides: Partial<RequestContext> = {}): RequestContext {
  return {
    requestId: 'r',
    principal: {
      keyId: 'caller0001',
      account: 'default',
      scope: everything,
      lane: 'interactive',
    } as RequestContext['principal'],
    deadline: new Date(clock.nowMs() + 10_000),
    signal: new AbortController().signal,
    maxAgeMs: 0,
    planOnly: false,
    run: null,
    ledger: new ReadLedger(),
    ...overrides,
  };
}
