import {
  mayRead,
  type AccountLists,
  type CertCentral,
  type CertCentralAccount,
  type Clock,
  type Domain,
  type DomainReader,
  type Organization,
  type OrganizationContactReader,
  type OrganizationReader,
  type Read,
} from '@certfolio/core';
import { mapConcurrently } from './bounded.ts';
import { planCalls } from './planned-calls.ts';

/** Organizations whose people are read at the same time. */
const contactsInParallel = 25;

/** Organizations of the account's list, whoever keeps it; a single one that has to be live is a call of its own. */
export function createOrganizationReader(
  lists: AccountLists,
  certCentral: Pick<CertCentral, 'organization'>,
  clock: Clock,
): OrganizationReader {
  const within = (organizations: readonly Organization[], { scope }: Read) =>
    scope.containers === 'all'
      ? organizations
      : organizations.filter(({ containerId, assignedContainerIds }) =>
          [containerId, ...assignedContainerIds].some((id) => mayRead(scope, id)),
        );
  return {
    async findByIds(ids, read) {
      const found = await findAmong(ids, read, clock, {
        one: (id) => certCentral.organization(id, read),
        all: () => lists.all('organizations', read),
      });
      return within(found, read);
    },
    findAll: async (read) => (isEmpty(read) ? [] : within(await lists.all('organizations', read), read)),
  };
}

/** Domains of the account's list, as `createOrganizationReader` reads organizations. */
export function createDomainReader(
  lists: AccountLists,
  certCentral: Pick<CertCentral, 'domain'>,
  clock: Clock,
): DomainReader {
  const within = (domains: readonly Domain[], { scope }: Read) =>
    scope.containers === 'all' ? domains : domains.filter(({ containerId }) => mayRead(scope, containerId));
  return {
    async findByIds(ids, read) {
      const found = await findAmong(ids, read, clock, {
        one: (id) => certCentral.domain(id, read),
        all: () => lists.all('domains', read),
      });
      return within(found, read);
    },
    async findAll(read, organizationIds) {
      if (isEmpty(read)) return [];
      const domains = within(await lists.all('domains', read), read);
      if (organizationIds === undefined) return domains;
      const wanted = new Set(organizationIds);
      return domains.filter(({ organizationId }) => organizationId !== null && wanted.has(organizationId));
    },
  };
}

/** The people of organizations as CertCentral has them now; no list carries them. */
export function createLiveContactReader(
  certCentral: Pick<CertCentralAccount, 'organizationContacts'>,
  clock: Clock,
): OrganizationContactReader {
  return {
    async find(ids, read) {
      const wanted = [...new Set(ids)];
      if (read.planOnly) {
        planCalls(read, `the people of ${wanted.length} organizations`, wanted.length, clock);
        return new Map();
      }
      const found = await mapConcurrently(wanted, contactsInParallel, async (id) => {
        const contacts = await certCentral.organizationContacts(id, read);
        read.ledger.readFrom('live', clock.nowMs());
        return contacts === null ? [] : [[id, contacts] as const];
      });
      return new Map(found.flat());
    },
  };
}

/** A list is one call per 1,000 rows and may be kept; only a single row that has to be live is cheaper alone. */
async function findAmong<Id extends number, T extends { readonly id: Id }>(
  ids: readonly Id[],
  read: Read,
  clock: Clock,
  from: { readonly one: (id: Id) => Promise<T | null>; readonly all: () => Promise<readonly T[]> },
): Promise<readonly T[]> {
  const wanted = new Set(ids);
  const [only] = wanted;
  if (only === undefined || isEmpty(read)) return [];
  if (wanted.size > 1 || read.maxAgeMs > 0) return (await from.all()).filter(({ id }) => wanted.has(id));
  if (read.planOnly) {
    planCalls(read, 'one row by its id', 1, clock);
    return [];
  }
  const row = await from.one(only);
  read.ledger.readFrom('live', clock.nowMs());
  return row === null ? [] : [row];
}

const isEmpty = ({ scope }: Read): boolean => scope.containers !== 'all' && scope.containers.size === 0;
