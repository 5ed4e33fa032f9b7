import {
  mayRead,
  type CertCentral,
  type Clock,
  type Domain,
  type DomainId,
  type DomainReader,
  type Organization,
  type OrganizationId,
  type OrganizationReader,
  type Read,
} from '@certfolio/core';
import { mapConcurrently } from './bounded.ts';
import { allOrganizations, allPages } from './joins.ts';
import { listPageRows } from './source-abilities.ts';

/** Up to this many ids are read one by one; from there the list is one call per 1,000. */
const maxSingleReads = 1;

export function createLiveOrganizationReader(certCentral: CertCentral, clock: Clock): OrganizationReader {
  const visible = (read: Read) => (organization: Organization) =>
    [organization.containerId, ...organization.assignedContainerIds].some((container) =>
      mayRead(read.scope, container),
    ) || read.scope.containers === 'all';
  const noted = <T>(read: Read, value: T): T => {
    read.ledger.readFrom('live', clock.nowMs());
    return value;
  };
  return {
    async findByIds(ids, read) {
      const wanted = new Set(ids);
      const found =
        wanted.size <= maxSingleReads
          ? (await mapConcurrently([...wanted], maxSingleReads, (id) => certCentral.organization(id, read))).filter(
              (organization) => organization !== null,
            )
          : (await allOrganizations(certCentral, read)).filter(({ id }) => wanted.has(id as OrganizationId));
      return noted(read, found.filter(visible(read)));
    },
    async findAll(read) {
      return noted(read, (await allOrganizations(certCentral, read)).filter(visible(read)));
    },
  };
}

export function createLiveDomainReader(certCentral: CertCentral, clock: Clock): DomainReader {
  const all = async (read: Read): Promise<readonly Domain[]> => {
    const domains = await allPages('GET /domain', (offset) =>
      certCentral.listDomains({ limit: listPageRows, offset }, read),
    );
    read.ledger.readFrom('live', clock.nowMs());
    return domains.filter((domain) => mayRead(read.scope, domain.containerId));
  };
  return {
    async findByIds(ids, read) {
      const wanted = new Set<DomainId>(ids);
      const [only] = wanted;
      if (wanted.size > 1 || only === undefined) return (await all(read)).filter(({ id }) => wanted.has(id));
      const domain = await certCentral.domain(only, read);
      read.ledger.readFrom('live', clock.nowMs());
      return domain !== null && mayRead(read.scope, domain.containerId) ? [domain] : [];
    },
    async findAll(read, organizationIds) {
      const domains = await all(read);
      if (organizationIds === undefined) return domains;
      const wanted = new Set(organizationIds);
      return domains.filter(({ organizationId }) => organizationId !== null && wanted.has(organizationId));
    },
  };
}
