import {
  factsOf,
  UpstreamUnavailable,
  type CertCentral,
  type Order,
  type OrderField,
  type Organization,
  type UpstreamCall,
} from '@certfolio/core';
import { mapConcurrently } from './bounded.ts';
import { listPageRows } from './source-abilities.ts';

/** Fields that one cheap list for the whole account gives, instead of a call per order. */
export interface Joins {
  gives(field: OrderField): boolean;
  /** Fills the joined ones among `fields` that an order lacks. */
  add(orders: readonly Order[], fields: ReadonlySet<OrderField>, call: UpstreamCall): Promise<readonly Order[]>;
}

const organizationValues = new Map<OrderField, (organization: Organization) => string | null>([
  ['organizationAddress1', ({ address }) => address],
  ['organizationAddress2', ({ address2 }) => address2],
  ['organizationCity', ({ city }) => city],
  ['organizationCountry', ({ country }) => country],
  ['organizationState', ({ state }) => state],
]);

const joinedFields: readonly OrderField[] = ['accountId', ...organizationValues.keys()];

export function createJoins(certCentral: CertCentral): Joins {
  // The account of a key never changes, so its id is read once.
  let account: Promise<number> | null = null;
  const accountIdOf = (call: UpstreamCall): Promise<number> => {
    if (account !== null) {
      // The caller who asks may leave while others wait for the same answer; then one of them asks for itself.
      return account.catch((error: unknown) => (call.signal.aborted ? Promise.reject(error) : accountIdOf(call)));
    }
    const asking = certCentral.account(call).then(
      ({ id }) => id,
      (error: unknown) => {
        if (account === asking) account = null;
        throw error;
      },
    );
    return (account = asking);
  };

  return {
    gives: (field) => factsOf(field).sources.has('account') || factsOf(field).sources.has('organizations'),
    async add(orders, fields, call) {
      if (!joinedFields.some((field) => fields.has(field))) return orders;
      const isMissing = (field: OrderField) => orders.some((order) => order[field] === undefined);
      const needsAccount = fields.has('accountId') && isMissing('accountId');
      const fromOrganization = [...organizationValues].filter(([field]) => fields.has(field) && isMissing(field));
      const needsOrganizations = fromOrganization.length > 0 && orders.some((order) => order.organizationId != null);
      const [accountId, organizations] = await Promise.all([
        needsAccount ? accountIdOf(call) : undefined,
        needsOrganizations ? allOrganizations(certCentral, call) : [],
      ]);
      if (!needsAccount && fromOrganization.length === 0) return orders;
      const byId = new Map<number, Organization>(organizations.map((organization) => [organization.id, organization]));
      return orders.map((order) => {
        const organization = order.organizationId == null ? undefined : byId.get(order.organizationId);
        const joined = fromOrganization
          .filter(([field]) => order[field] === undefined)
          .map(([field, valueOf]) => [field, organization === undefined ? null : valueOf(organization)] as const);
        return {
          ...order,
          ...(needsAccount ? { accountId: order.accountId ?? accountId! } : {}),
          ...Object.fromEntries(joined),
        };
      });
    },
  };
}

/** Every organization of the account, in pages of 1,000. */
export async function allOrganizations(certCentral: CertCentral, call: UpstreamCall): Promise<readonly Organization[]> {
  return allPages('GET /organization', (offset) =>
    certCentral.listOrganizations({ limit: listPageRows, offset }, call),
  );
}

/**
 * Reads the first page for the total, then the others side by side; rows that stand on two pages count once.
 *
 * @throws UpstreamUnavailable when the pages twice give fewer rows than they count
 */
export async function allPages<T extends { readonly id: number }>(
  route: string,
  readPage: (offset: number) => Promise<{ readonly items: readonly T[]; readonly total: number }>,
): Promise<readonly T[]> {
  for (let look = 1; ; look += 1) {
    const first = await readPage(0);
    const offsets = Array.from(
      { length: Math.max(0, Math.ceil(first.total / listPageRows) - 1) },
      (_, index) => (index + 1) * listPageRows,
    );
    const pages = await mapConcurrently(offsets, 8, readPage);
    const rows = new Map<number, T>();
    for (const { items } of [first, ...pages]) for (const item of items) rows.set(item.id, item);
    const total = Math.min(...[first, ...pages].map((page) => page.total));
    if (rows.size >= total) return [...rows.values()];
    if (look === 2)
      throw new UpstreamUnavailable(route, `its pages gave ${rows.size} of the ${total} rows it counts, twice`);
  }
}
