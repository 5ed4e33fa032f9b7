import {
  BadUserInput,
  dimensionFacts,
  orderId,
  readOf,
  type CertificateRef,
  type Order,
  type OrderChange,
  type OrderField,
  type OrderObjects,
  type OrderPage,
  type OrderSort,
  type RequestContext,
} from '@certfolio/core';
import {
  counted,
  dateScalar,
  dateTimeScalar,
  decodeCursor,
  encodeCursor,
  moneyScalar,
  noteExpected,
  oneIf,
  perRequest,
  reference,
  type Resolvers,
  type SelectionInfo,
} from '@certfolio/graph-kit';
import { certificateOf, createCertificateResolvers, type CertificateParent } from './certificates.ts';
import { assertMayAskBy } from './filter-rights.ts';
import {
  expirationDimensions,
  expirationPeriod,
  expirationWeeks,
  withinPeriod,
  type ExpirationWeek,
  type ExpirationWeeksArgs,
} from './expiration-weeks.ts';
import { lookUpFor } from './filter-lookups.ts';
import { conditionsOf, knownStatuses, sortOf, type OrderByInput, type OrderFilterInput } from './filters.ts';
import { createHistoryLoader } from './history-loader.ts';
import {
  checkedDimensions,
  orderBucketResolvers,
  selectsCost,
  type BucketParent,
  type OrderBucketsArgs,
} from './order-buckets.ts';
import { findOrderChanges, orderChangeResolvers, type ChangesPage, type OrderChangesArgs } from './order-changes.ts';
import { OrderDetailsRow, orderDetailsQuery, type OrderDetailsArgs } from './order-details.ts';
import { createOrderLoader, type OrderLoader } from './order-loader.ts';
import { userOf } from './order-user.ts';
import { isActiveUser, ownershipGapsOf } from './ownership.ts';
import { createPartLoader, type PartLoader } from './part-loader.ts';
import { orderPartResolvers } from './part-resolvers.ts';
import type { OrdersPorts } from './ports.ts';
import { renewalAutomationOf, renewalRiskLevelOf, renewalRisksOf } from './renewal.ts';
import {
  fieldsOfCertificate,
  fieldsOfChanged,
  fieldsOfConnection,
  fieldsOfDetails,
  fieldsOfFinding,
  fieldsOfOrder,
  objectsOfConnection,
  objectsOfFinding,
  selectsTotal,
} from './selected-fields.ts';
import { createUserLoader } from './user-loader.ts';
import { findingByName, findingByRef, lookedFor, queryForName, type WhereIsArgs } from './where-is.ts';

/** Most orders that one page of the connection has. */
export const maxPageRows = 1_000;

interface OrdersArgs {
  readonly filter?: OrderFilterInput | null;
  readonly orderBy?: readonly OrderByInput[] | null;
  readonly first?: number | null;
  readonly after?: string | null;
  readonly offset?: number | null;
}

interface CertificateArgs {
  readonly serialNumber?: string | null;
  readonly thumbprint?: string | null;
}

/** A page on its way through the connection's fields. */
interface ConnectionValue {
  readonly page: OrderPage;
  readonly sort: readonly OrderSort[];
  readonly isFirst: boolean;
}

export function createOrdersResolvers({ ordersOf, partsOf, historyOf, usersOf, clock }: OrdersPorts): Resolvers {
  const loaderOf = perRequest((context): OrderLoader =>
    createOrderLoader(ordersOf(context.principal.account), context),
  );
  const partLoaderOf = perRequest((context): PartLoader =>
    createPartLoader(partsOf(context.principal.account), context),
  );
  const historyLoaderOf = perRequest((context) => createHistoryLoader(historyOf, context));
  const userLoaderOf = perRequest((context) => createUserLoader(usersOf, context));
  const parts = orderPartResolvers(partLoaderOf, clock);
  const certificates = createCertificateResolvers(clock);
  /** Relative dates are resolved at one instant, and in one zone, for all pages of a run. */
  const nowOf = ({ run }: RequestContext) => run?.startedAtMs ?? clock.nowMs();
  const conditionsNow = async (filter: OrderFilterInput | null | undefined, context: RequestContext) => {
    const nowMs = nowOf(context);
    const users = () => userLoaderOf(context);
    const history = () => historyLoaderOf(context);
    return conditionsOf(filter, nowMs, await lookUpFor(filter, { users, history, context, nowMs }), context.run?.zone);
  };
  const findCertificate = async (ref: CertificateRef, context: RequestContext, info: SelectionInfo) => {
    const read = { ...readOf(context), fields: fieldsOfCertificate(info) };
    const match = await ordersOf(context.principal.account).findByCertificate(ref, read);
    return match === null ? null : certificateOf(match);
  };

  return {
    ...parts,
    ...orderBucketResolvers,
    ...certificates,
    Query: {
      order_details: async (_root, args: OrderDetailsArgs, context, info) => {
        const { rows } = context.principal.limits;
        const query = orderDetailsQuery(args);
        assertMayAskBy(context.principal, query);
        const limit = Math.min(query.limit ?? rows, rows);
        if (limit === 0) return [];
        const page = await ordersOf(context.principal.account).findMany(
          { ...query, limit },
          { ...readOf(context), fields: fieldsOfDetails(info) },
        );
        if (page.hasNext && query.limit !== limit) context.ledger.cutOff();
        notePage(page, info, context);
        return page.orders.map((order) => new OrderDetailsRow(order));
      },
      order_details_by_id: async (_root, { id }: { id: number }, context, info) => {
        const order = await loaderOf(context).load(orderId(id), fieldsOfDetails(info));
        return order === null ? null : new OrderDetailsRow(order);
      },
      orders: async (_root, args: OrdersArgs, context, info): Promise<ConnectionValue> => {
        const sort = sortOf(args.orderBy);
        const query = {
          conditions: await conditionsNow(args.filter, context),
          sort,
          offset: rowsToSkip(args),
          limit: pageRows(args.first),
          after: args.after == null ? null : decodeCursor(args.after, sort),
          withTotal: selectsTotal(info),
        };
        assertMayAskBy(context.principal, query);
        const page = await ordersOf(context.principal.account).findMany(query, {
          ...readOf(context),
          fields: fieldsOfConnection(info),
          ...countedIn(context, objectsOfConnection, info),
        });
        notePage(page, info, context);
        return { page, sort, isFirst: query.after === null && query.offset === 0 };
      },
      order: (_root, { id }: { id: string }, context, info) => {
        const number = parseOrderId(id);
        return number === null ? null : loaderOf(context).load(number, fieldsOfOrder(info));
      },
      certificate: async (_root, args: CertificateArgs, context, info) =>
        findCertificate(certificateRef(args), context, info),
      orderBuckets: async (_root, args: OrderBucketsArgs, context, info): Promise<readonly BucketParent[]> => {
        const groupBy = checkedDimensions(args);
        const conditions = await conditionsNow(args.filter, context);
        const groupedBy = groupBy.map((dimension) => dimensionFacts(dimension).field);
        assertMayAskBy(context.principal, { conditions, groupedBy });
        const query = { groupBy, conditions, withCost: selectsCost(info) };
        const buckets = await ordersOf(context.principal.account).buckets(query, readOf(context));
        const user = groupBy.indexOf('userId');
        counted(buckets, 'orders', info, context, {
          'OrderBucket.user': ({ values }) => oneIf(values[user] != null),
          'OrderBucket.values': () => groupBy.length,
        });
        return buckets.map((bucket) => ({ ...bucket, groupBy }));
      },
      whereIs: async (_root, args: WhereIsArgs, context, info) => {
        const ref = lookedFor(args);
        const read = {
          ...readOf(context),
          fields: fieldsOfFinding(info),
          ...countedIn(context, objectsOfFinding, info),
        };
        const reader = ordersOf(context.principal.account);
        if (!('name' in ref)) {
          const match = await reader.findByCertificate(ref, read);
          return counted(match === null ? [] : [findingByRef(ref, match)], 'orders', info, context);
        }
        const query = queryForName(ref.name, await conditionsNow(args.filter, context), pageRows(args.first));
        assertMayAskBy(context.principal, query);
        const page = await reader.findMany(query, read);
        notePage(page, info, context);
        if (page.hasNext) context.ledger.cutOff();
        return page.orders.map((order) => findingByName(ref.name, order));
      },
      expirationWeeks: async (_root, args: ExpirationWeeksArgs, context, info): Promise<readonly ExpirationWeek[]> => {
        const period = expirationPeriod(args, nowOf(context));
        const conditions = [withinPeriod(period), ...(await conditionsNow(args.filter, context))];
        assertMayAskBy(context.principal, { conditions });
        const query = { groupBy: expirationDimensions, conditions, withCost: false };
        const buckets = await ordersOf(context.principal.account).buckets(query, readOf(context));
        // A sample has no last day.
        const isSample = context.planOnly && context.ledger.isUnread('orders');
        return counted(isSample ? [] : expirationWeeks(buckets, period), 'orders', info, context, {
          'ExpirationWeek.container': ({ containerId }) => oneIf(containerId !== null),
        });
      },
      orderChanges: async (_root, args: OrderChangesArgs, context, info) => {
        const conditions = await conditionsNow(args.filter, context);
        assertMayAskBy(context.principal, { conditions });
        const history = historyLoaderOf(context);
        const page = await findOrderChanges(args, conditions, pageRows(args.first), history, context, nowOf(context));
        if (context.planOnly) noteChanges(page, info, context);
        return page === null ? null : { ...page, fields: fieldsOfChanged(info) };
      },
    },
    OrderConnection: {
      nodes: ({ page }: ConnectionValue) => page.orders,
      edges: ({ page, sort }: ConnectionValue) =>
        page.orders.map((node) => ({ node, cursor: encodeCursor(page.positionOf(node), sort) })),
      pageInfo: ({ page, sort, isFirst }: ConnectionValue) => ({
        hasNextPage: page.hasNext,
        hasPreviousPage: !isFirst,
        startCursor: cursorOf(page, page.orders[0], sort),
        endCursor: cursorOf(page, page.orders.at(-1), sort),
      }),
      totalCount: ({ page }: ConnectionValue) => page.total,
    },
    Order: {
      ...parts.Order,
      __resolveReference: reference(({ id }: { readonly id: string }, context, info) => {
        const number = parseOrderId(id);
        return number === null ? null : loaderOf(context).load(number, fieldsOfOrder(info));
      }),
      status: ({ status }: Order) => (status == null ? null : knownStatuses.has(status) ? status : 'other'),
      ageHours: ({ dateCreated }: Order) =>
        dateCreated == null ? null : Math.floor((clock.nowMs() - Date.parse(dateCreated)) / 3_600_000),
      automation: renewalAutomationOf,
      renewalRisks: renewalRisksOf,
      renewalRisk: renewalRiskLevelOf,
      ownershipGaps: async (order: Order, { ownerField }: { readonly ownerField: string }, context) => {
        const { userId } = order;
        const users = userId == null ? null : await userLoaderOf(context).all();
        const hasActiveUser = userId != null && isActiveUser(users?.get(userId));
        return ownershipGapsOf(order, { ownerField, hasActiveUser });
      },
      firstSeenRevoked: ({ id, status }: Order, _args, context) =>
        status === 'revoked' ? historyLoaderOf(context).firstSeenRevoked(id) : null,
      ageDays: ({ dateCreated }: Order) =>
        dateCreated == null ? null : Math.floor((clock.nowMs() - Date.parse(dateCreated)) / 86_400_000),
      certificate: (order: Order): CertificateParent => order,
      details: (order: Order) => new OrderDetailsRow(order),
      organization: ({ organizationId, organizationName }: Order) =>
        organizationId == null ? null : { __typename: 'Organization', id: organizationId, name: organizationName },
      container: ({ containerId, containerName }: Order) =>
        containerId == null ? null : { id: containerId, name: containerName },
      product: ({ productNameId, productName, productType }: Order) =>
        productNameId == null ? null : { nameId: productNameId, name: productName, type: productType },
      user: userOf,
      technicalContact: contactOf,
    },
    Certificate: {
      ...certificates.Certificate,
      // A certificate that is not issued yet has no serial number, so nothing refers to it.
      __resolveReference: reference(({ serialNumber }: { readonly serialNumber: string | null }, context, info) =>
        serialNumber !== null && isHex(serialNumber)
          ? findCertificate({ serialNumber: serialNumber.toUpperCase() }, context, info)
          : null,
      ),
    },
    ...orderChangeResolvers,
    OrderChange: {
      ...orderChangeResolvers.OrderChange,
      order: ({ orderId: id, fields }: OrderChange & { readonly fields: ReadonlySet<OrderField> }, _args, context) =>
        loaderOf(context).load(id, fields),
    },
    ExpirationWeek: {
      container: ({ containerId: id, containerName: name }: ExpirationWeek) => (id === null ? null : { id, name }),
    },
    Date: dateScalar,
    DateTime: dateTimeScalar,
    Money: moneyScalar,
  };
}

/** What is to be counted for a request that only plans. */
const countedIn = (
  { planOnly }: RequestContext,
  objectsOf: (info: SelectionInfo) => readonly OrderObjects[],
  info: SelectionInfo,
) => (planOnly ? { counted: objectsOf(info) } : {});

/** Where nothing is known of the past there is no connection either. */
function noteChanges(page: ChangesPage | null, info: SelectionInfo, context: RequestContext): void {
  const { changes, withContainer } = page?.expected ?? { changes: 0, withContainer: 0 };
  const ratios = new Map([
    ...(page === null ? [['Query.orderChanges', 0] as const] : []),
    ...(changes === 0 ? [] : [['OrderChange.container', withContainer / changes] as const]),
  ]);
  const below = [...ratios].map(([coordinate, ratio]) => ({ coordinate, ratio, isGuess: false }));
  noteExpected(info, context, changes, below);
}

/** A request that only plans learns how many rows there are, and what they hold; the one row that it is given is a sample. */
function notePage({ expectedRows = null, expectedBelow }: OrderPage, info: SelectionInfo, context: RequestContext) {
  const below = [...(expectedBelow ?? [])].map(([kind, each]) => ({ coordinate: `Order.${kind}`, ...each }));
  noteExpected(info, context, expectedRows, below);
}

/** @throws BadUserInput outside 1 to 1,000 */
function pageRows(first: number | null | undefined): number {
  const rows = first ?? 100;
  if (rows >= 1 && rows <= maxPageRows) return rows;
  throw new BadUserInput(`first is ${rows}; it must be between 1 and ${maxPageRows}. Page on with "after".`);
}

/** None beside a cursor, which says by itself where the page begins. @throws BadUserInput for less than none */
function rowsToSkip({ offset, after }: OrdersArgs): number {
  if (offset == null || after != null) return 0;
  if (offset < 0) throw new BadUserInput(`offset is ${offset}; it must be 0 or more.`);
  return offset;
}

const isHex = (text: string) => /^[0-9A-Fa-f]{1,64}$/.test(text);

/** @throws BadUserInput unless there is exactly one of the two */
function certificateRef({ serialNumber, thumbprint }: CertificateArgs): CertificateRef {
  if (serialNumber != null && thumbprint == null && isHex(serialNumber))
    return { serialNumber: serialNumber.toUpperCase() };
  if (thumbprint != null && serialNumber == null && isHex(thumbprint)) return { thumbprint: thumbprint.toUpperCase() };
  throw new BadUserInput('certificate needs either serialNumber or thumbprint, as hexadecimal digits without colons.');
}

/** An id that no order can have finds nothing, like one that no order has. */
function parseOrderId(id: string) {
  return /^\d{1,15}$/.test(id) ? orderId(Number(id)) : null;
}

function cursorOf(page: OrderPage, order: Order | undefined, sort: readonly OrderSort[]): string | null {
  return order === undefined ? null : encodeCursor(page.positionOf(order), sort);
}

function contactOf(order: Order) {
  const fields = [
    'techFirstName',
    'techLastName',
    'techEmail',
    'techTelephone',
    'techTitle',
  ] as const satisfies readonly OrderField[];
  if (fields.every((field) => order[field] == null)) return null;
  return {
    firstName: order.techFirstName,
    lastName: order.techLastName,
    email: order.techEmail,
    telephone: order.techTelephone,
    jobTitle: order.techTitle,
  };
}
