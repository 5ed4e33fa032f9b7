import {
  BadUserInput,
  containerId,
  readOf,
  type ApprovalRequest,
  type BalanceAdjustment,
  type Container,
  type ContainerBalance,
  type ContainerId,
  type Product,
  type RequestContext,
  type UnitBundle,
  type UnitOrder,
  type User,
} from '@certfolio/core';
import {
  counted,
  dateScalar,
  dateTimeScalar,
  moneyScalar,
  oneIf,
  perRequest,
  reference,
  walkSelection,
  type Resolvers,
  type SelectionInfo,
} from '@certfolio/graph-kit';
import { createLookups, type Lookups } from './account-lists.ts';
import {
  balanceHistoryTest,
  containerTest,
  fullName,
  productTest,
  requestTest,
  unitOrderTest,
  userTest,
  type BalanceHistoryFilter,
  type ContainerFilter,
  type ProductFilter,
  type RequestFilter,
  type UnitOrderFilter,
  type UserFilter,
} from './filters.ts';
import { balanceMonths } from './balance-months.ts';
import type { AccountPorts } from './ports.ts';
import { restListResolvers } from './rest-lists.ts';
import { auditFlagsOf, restrictionOf } from './user-audit.ts';

type Filtered<F> = { readonly filter?: F };

export function createAccountResolvers({ accountOf, clock }: AccountPorts): Resolvers {
  const lookupsOf = perRequest((context) => createLookups(accountOf(context.principal.account), context));
  const nowOf = (context: RequestContext) => context.run?.startedAtMs ?? clock.nowMs();

  /** A division that a row names: the row may tell its name, the list tells the rest. */
  const containerOf = (id: ContainerId | null, name: string | null, context: RequestContext, info: SelectionInfo) => {
    if (id === null) return null;
    const isTold = selectsOnly(info, name === null ? ['id'] : ['id', 'name']);
    return isTold ? { id, name } : lookupsOf(context).container.load(id);
  };
  const containersOf = async (ids: readonly ContainerId[], context: RequestContext, info: SelectionInfo) => {
    if (selectsOnly(info, ['id'])) return ids.map((id) => ({ id }));
    const found = await lookupsOf(context).container.loadMany(ids);
    return found.filter((container) => container !== null);
  };
  const productOf = (nameId: string | null, name: string | null, context: RequestContext, info: SelectionInfo) => {
    if (nameId === null) return null;
    const isTold = selectsOnly(info, name === null ? ['nameId'] : ['nameId', 'name']);
    return isTold ? { nameId, name } : lookupsOf(context).product.load(nameId);
  };

  return {
    Query: {
      containers: async (_root, { filter }: Filtered<ContainerFilter>, context, info) => {
        const containers = (await lookupsOf(context).containers()).filter(containerTest(filter)).sort(byName);
        return counted(containers, 'containers', info, context);
      },
      container: (_root, { id }: { id: string }, context) =>
        loadBy(id, (number) => lookupsOf(context).container.load(containerId(number))),
      users: async (_root, { filter }: Filtered<UserFilter>, context, info) => {
        const isWanted = userTest(filter, nowOf(context));
        const users = (await lookupsOf(context).users()).filter(isWanted);
        users.sort((a, b) => byText(fullName(a) ?? '', fullName(b) ?? '') || a.id - b.id);
        return counted(users, 'users', info, context, {
          'User.roles': ({ roles }) => roles.length,
          'User.container': (user) => oneIf(user.containerId !== null),
          'User.assignedContainers': ({ assignedContainerIds }) => assignedContainerIds.length,
        });
      },
      user: (_root, { id }: { id: string }, context) => loadBy(id, (number) => lookupsOf(context).user.load(number)),
      products: async (_root, { filter }: Filtered<ProductFilter>, context, info) => {
        const products = (await lookupsOf(context).products())
          .filter(productTest(filter))
          .sort((a, b) => byText(a.name, b.name) || byText(a.nameId, b.nameId));
        return counted(products, 'products', info, context, {
          'Product.allowedContainers': ({ allowedContainerIds }) => allowedContainerIds?.length ?? 0,
          'Product.replacedBy': ({ replacedBy }) => oneIf(replacedBy !== null),
        });
      },
      product: (_root, { nameId }: { nameId: string }, context) => lookupsOf(context).product.load(nameId),
      requests: async (_root, { filter }: Filtered<RequestFilter>, context, info) => {
        const isWanted = requestTest(filter, nowOf(context));
        const requests = await lookupsOf(context).reader.requests(readOf(context));
        const wanted = requests.filter(isWanted).sort(newestFirst(({ date }) => date));
        return counted(wanted, 'requests', info, context, {
          'ApprovalRequest.requester': ({ requester }) => oneIf(requester !== null),
          'ApprovalRequest.processor': ({ processor }) => oneIf(processor !== null),
          'ApprovalRequest.order': ({ orderId }) => oneIf(orderId !== null),
          'ApprovalRequest.organization': ({ organizationId }) => oneIf(organizationId !== null),
          'ApprovalRequest.container': (request) => oneIf(request.containerId !== null),
          'ApprovalRequest.product': ({ productNameId }) => oneIf(productNameId !== null),
        });
      },
      balance: async (_root, { containerId: id }: { containerId?: string | null }, context) => {
        const { reader } = lookupsOf(context);
        if (id != null) return loadBy(id, (number) => reader.balance(containerId(number), readOf(context)));
        const meant = await meantContainer(lookupsOf(context), context);
        return meant === undefined ? null : reader.balance(meant, readOf(context));
      },
      balanceHistory: async (_root, { filter }: Filtered<BalanceHistoryFilter>, context, info) => {
        const isWanted = balanceHistoryTest(filter, nowOf(context));
        const entries = await lookupsOf(context).reader.balanceHistory(readOf(context));
        const wanted = entries.filter(isWanted).sort(newestFirst(({ transactionDate }) => transactionDate));
        return counted(wanted, 'balanceAdjustments', info, context, {
          'BalanceEntry.container': (entry) => oneIf(entry.containerId !== null),
        });
      },
      balanceMonths: async (_root, { months, containerId: id }: BalanceMonthsArgs, context) => {
        const entriesOf = balanceHistoryTest({ containerId: id ?? null }, nowOf(context));
        const entries = (await lookupsOf(context).reader.balanceHistory(readOf(context))).filter(entriesOf);
        const balance = await balanceOf(id, lookupsOf(context), context);
        return balanceMonths(entries, balance, { months, nowMs: nowOf(context) });
      },
      unitOrders: async (_root, { filter }: Filtered<UnitOrderFilter>, context, info) => {
        const orders = await lookupsOf(context).reader.unitOrders(readOf(context));
        const wanted = orders.filter(unitOrderTest(filter, nowOf(context)));
        return counted(wanted.sort(newestFirst(({ createdAt }) => createdAt)), 'unitOrders', info, context);
      },
      customFieldDefinitions: async (_root, _args, context, info) => {
        const definitions = await lookupsOf(context).reader.customFieldDefinitions(readOf(context));
        const sorted = definitions.toSorted((a, b) => a.id - b.id);
        return counted(sorted, 'customFieldDefinitions', info, context);
      },
      ...restListResolvers((context) => lookupsOf(context).reader),
    },
    Container: {
      __resolveReference: reference(({ id }: { readonly id: string }, context) =>
        loadBy(id, (number) => lookupsOf(context).container.load(containerId(number))),
      ),
      parent: ({ parentId }: Container, _args, context) =>
        // Whether the parent is seen, the list alone tells.
        parentId === null ? null : lookupsOf(context).container.load(parentId),
      children: async ({ id }: Container, _args, context) =>
        (await lookupsOf(context).containers()).filter(({ parentId }) => parentId === id).sort(byName),
    },
    User: {
      __resolveReference: reference(({ id }: { readonly id: string }, context) =>
        loadBy(id, (number) => lookupsOf(context).user.load(number)),
      ),
      name: fullName,
      container: ({ containerId: id, containerName }: User, _args, context, info) =>
        containerOf(id, containerName, context, info),
      assignedContainers: ({ assignedContainerIds }: User, _args, context, info) =>
        containersOf(assignedContainerIds, context, info),
      auditFlags: (user: User, { dormantDays }: { readonly dormantDays: number }, context) =>
        auditFlagsOf(user, { dormantDays, nowMs: nowOf(context) }),
      apiKeyRestriction: ({ isServiceUser, roles }: User) => (isServiceUser ? restrictionOf(roles) : null),
    },
    Product: {
      __resolveReference: reference(({ nameId }: { readonly nameId: string }, context) =>
        lookupsOf(context).product.load(nameId),
      ),
      allowedContainers: ({ allowedContainerIds: ids }: Product, _args, context, info) =>
        ids === null ? null : containersOf(ids, context, info),
      replacedBy: ({ replacedBy }: Product, _args, context, info) => productOf(replacedBy, null, context, info),
    },
    ApprovalRequest: {
      ageHours: ({ date }: ApprovalRequest) =>
        date === null ? null : Math.floor((clock.nowMs() - Date.parse(date)) / 3_600_000),
      order: ({ orderId }: ApprovalRequest) => (orderId === null ? null : { __typename: 'Order', id: orderId }),
      organization: ({ organizationId: id, organizationName: name }: ApprovalRequest) =>
        id === null ? null : { __typename: 'Organization', id, name },
      container: ({ containerId: id, containerName }: ApprovalRequest, _args, context, info) =>
        containerOf(id, containerName, context, info),
      product: ({ productNameId, productName }: ApprovalRequest, _args, context, info) =>
        productOf(productNameId, productName, context, info),
    },
    Balance: {
      container: ({ containerId: id }: ContainerBalance, _args, context, info) => containerOf(id, null, context, info),
    },
    BalanceEntry: {
      container: ({ containerId: id, containerName }: BalanceAdjustment, _args, context, info) =>
        containerOf(id, containerName, context, info),
    },
    UnitOrder: {
      bundles: async (unitOrder: UnitOrder, _args, context): Promise<readonly BundleParent[]> =>
        (await lookupsOf(context).bundles.load(unitOrder.id)).map((bundle) => ({ ...bundle, unitOrder })),
    },
    UnitBundle: {
      unitsUsed: ({ unitOrder, productNameId }: BundleParent, _args, context) =>
        usedUnits(unitOrder, productNameId, lookupsOf(context)),
      unitsUnused: async ({ unitOrder, productNameId, units }: BundleParent, _args, context) => {
        const used = await usedUnits(unitOrder, productNameId, lookupsOf(context));
        return used === null ? null : units - used;
      },
      product: ({ productNameId, productName }: UnitBundle, _args, context, info) =>
        productOf(productNameId, productName, context, info),
    },
    Date: dateScalar,
    DateTime: dateTimeScalar,
    Money: moneyScalar,
  };
}

interface BalanceMonthsArgs {
  readonly months: number;
  readonly containerId?: string | null;
}

/** A bundle with the order that it is part of. */
type BundleParent = UnitBundle & { readonly unitOrder: UnitOrder };

/** Null for a unit order that does not count any more. */
async function usedUnits({ id, status }: UnitOrder, productNameId: string, lookups: Lookups): Promise<number | null> {
  return status === 'completed' ? (await lookups.unitUsage()).used(id, productNameId) : null;
}

/** The balance that months are about; null for a division that is not seen, and for a caller of several who names none. */
async function balanceOf(id: string | null | undefined, lookups: Lookups, context: RequestContext) {
  const read = (number: ContainerId | null) => lookups.reader.balance(number, readOf(context));
  if (id != null) return loadBy(id, (number) => read(containerId(number)));
  const { containers } = context.principal.scope;
  if (containers !== 'all' && containers.size !== 1) return null;
  const meant = await meantContainer(lookups, context);
  return meant === undefined ? null : read(meant);
}

/**
 * The division whose balance is meant where none is named: the only one that is seen, or the root for a caller who sees all.
 * Null for an account without divisions, undefined for a caller who sees none.
 *
 * @throws BadUserInput for a caller who sees several
 */
async function meantContainer(
  lookups: Lookups,
  { principal }: RequestContext,
): Promise<ContainerId | null | undefined> {
  const { containers } = principal.scope;
  if (containers === 'all') {
    const all = await lookups.containers();
    return all.find(({ parentId }) => parentId === null)?.id ?? null;
  }
  const [only, another] = containers;
  if (another === undefined) return only;
  throw new BadUserInput('This key sees several divisions; say whose balance is meant (containerId).');
}

/** Whether nothing but these fields is selected below the field itself. */
function selectsOnly(info: SelectionInfo, names: readonly string[]): boolean {
  let isOnly = true;
  walkSelection(info, ([name]) => {
    if (name !== '__typename' && !names.includes(name!)) isOnly = false;
  });
  return isOnly;
}

const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
const byName = (a: { readonly name: string; readonly id: number }, b: { readonly name: string; readonly id: number }) =>
  byText(a.name, b.name) || a.id - b.id;

/** Rows without a time come last; ties are decided by the id. */
const newestFirst =
  <T extends { readonly id: number }>(timeOf: (row: T) => string | null) =>
  (a: T, b: T) =>
    byText(timeOf(b) ?? '', timeOf(a) ?? '') || b.id - a.id;

/** An id that nothing can have finds nothing, like one that nothing has. */
function loadBy<T>(id: string, load: (number: number) => Promise<T | null>): Promise<T | null> | null {
  return /^\d{1,15}$/.test(id) ? load(Number(id)) : null;
}
