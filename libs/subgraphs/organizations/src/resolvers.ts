import DataLoader from 'dataloader';
import {
  domainId,
  everything,
  mayRead,
  organizationId,
  readOf,
  type Clock,
  type Domain,
  type DomainId,
  type DomainReader,
  type OrderReader,
  type Organization,
  type OrganizationContactReader,
  type OrganizationContacts,
  type OrganizationId,
  type OrganizationReader,
  type ReadScope,
  type RequestContext,
  type Validation,
} from '@certfolio/core';
import { counted, dateTimeScalar, oneIf, perRequest, reference, type Resolvers } from '@certfolio/graph-kit';
import { createOrderCounts } from './order-counts.ts';

export interface OrganizationsPorts {
  organizationsOf(account: string): OrganizationReader;
  domainsOf(account: string): DomainReader;
  contactsOf(account: string): OrganizationContactReader;
  /** The orders that lean on organizations and domains. */
  ordersOf(account: string): OrderReader;
  readonly clock: Clock;
}

interface Loaders {
  readonly organization: DataLoader<OrganizationId, Organization | null>;
  /** Of a row that the caller sees, whatever division the organization itself belongs to. */
  readonly organizationOfRow: DataLoader<OrganizationId, Organization | null>;
  readonly domain: DataLoader<DomainId, Domain | null>;
  readonly domainsOf: DataLoader<OrganizationId, readonly Domain[]>;
  readonly contactsOf: DataLoader<OrganizationId, OrganizationContacts | null>;
}

interface OrganizationFilter {
  readonly ids?: readonly string[] | null;
  readonly isActive?: boolean | null;
  readonly nameContains?: string | null;
}

interface DomainFilter {
  readonly organizationIds?: readonly string[] | null;
  readonly isActive?: boolean | null;
  readonly nameContains?: string | null;
  readonly dcvExpiresWithinDays?: number | null;
  readonly needsDcvWithinDays?: number | null;
  readonly containerIds?: readonly string[] | null;
}

interface OrganizationValidationFilter extends Pick<OrganizationFilter, 'isActive' | 'nameContains'> {
  readonly endsWithinDays?: number | null;
  readonly types?: readonly string[] | null;
  readonly organizationIds?: readonly string[] | null;
  readonly containerIds?: readonly string[] | null;
}

interface OrganizationValidation extends Validation {
  readonly organization: Organization;
}

const dayMs = 86_400_000;

export function createOrganizationsResolvers(ports: OrganizationsPorts): Resolvers {
  const loadersOf = perRequest((context) => createLoaders(ports, context));
  const countsOf = perRequest((context) => createOrderCounts(ports.ordersOf, context));
  const daysUntil = (end: string | null) =>
    end === null ? null : Math.floor((Date.parse(end) - ports.clock.nowMs()) / dayMs);
  const daysLeft = ({ dcvExpiresOv }: Domain) => daysUntil(dcvExpiresOv);

  return {
    Query: {
      organizations: async (_root, { filter }: { filter?: OrganizationFilter | null }, context, info) => {
        const found = await readOrganizations(filter, ports, context, loadersOf(context));
        const wanted = found.filter((organization) => isWanted(organization, filter)).sort(byName);
        return counted(wanted, 'organizations', info, context, {
          'Organization.container': (organization) => oneIf(seesContainerOf(organization, context)),
          'Organization.assignedContainers': (organization) => seenContainers(organization, context).length,
          'Organization.validations': ({ validations }) => validations.length,
        });
      },
      organization: (_root, { id }: { id: string }, context) =>
        loadBy(id, (number) => loadersOf(context).organization.load(organizationId(number))),
      domains: async (_root, { filter }: { filter?: DomainFilter | null }, context, info) => {
        const organizations = filter?.organizationIds?.flatMap(parseId).map(organizationId);
        const found = await ports.domainsOf(context.principal.account).findAll(readOf(context), organizations);
        const within = filter?.dcvExpiresWithinDays;
        const needed = filter?.needsDcvWithinDays;
        const wanted = found
          .filter((domain) => isWanted(domain, filter))
          .filter((domain) => within == null || (daysLeft(domain) ?? Number.POSITIVE_INFINITY) <= within)
          .filter((domain) => needed == null || (daysLeft(domain) ?? Number.NEGATIVE_INFINITY) <= needed)
          .filter(({ containerId }) => isOneOf(filter?.containerIds, [containerId]))
          .sort(byName);
        return counted(wanted, 'domains', info, context, {
          'Domain.organization': (domain) => oneIf(domain.organizationId !== null),
          'Domain.container': (domain) => oneIf(seesContainerOf(domain, context)),
          'Domain.validations': ({ validations }) => validations.length,
        });
      },
      domain: (_root, { id }: { id: string }, context) =>
        loadBy(id, (number) => loadersOf(context).domain.load(domainId(number))),
      organizationValidations: async (
        _root,
        { filter }: { filter?: OrganizationValidationFilter | null },
        context,
        info,
      ): Promise<readonly OrganizationValidation[]> => {
        const ids = filter?.organizationIds;
        const organizations = await readOrganizations({ ids: ids ?? null }, ports, context, loadersOf(context));
        const validations = organizations
          .filter((organization) => isWanted(organization, filter))
          .filter(({ containerId, assignedContainerIds }) =>
            isOneOf(filter?.containerIds, [containerId, ...assignedContainerIds]),
          )
          .flatMap((organization) => organization.validations.map((one) => ({ ...one, organization })))
          .filter(({ type }) => filter?.types == null || filter.types.includes(type))
          .filter(({ validatedUntil }) => {
            const within = filter?.endsWithinDays;
            return within == null || (daysUntil(validatedUntil) ?? Number.NEGATIVE_INFINITY) <= within;
          })
          .sort(byEnd);
        return counted(validations, 'organizations', info, context, {
          'Organization.container': ({ organization }) => oneIf(seesContainerOf(organization, context)),
          'Organization.assignedContainers': ({ organization }) => seenContainers(organization, context).length,
        });
      },
    },
    OrganizationValidation: {
      daysLeft: ({ validatedUntil }: OrganizationValidation) => daysUntil(validatedUntil),
    },
    Organization: {
      // References come from rows that were read within the scope; the certificate on such a row names its organization.
      __resolveReference: reference(({ id }: { readonly id: string }, context) =>
        loadBy(id, (number) => loadersOf(context).organizationOfRow.load(organizationId(number))),
      ),
      container: visibleContainer,
      assignedContainers: (organization: Organization, _args, context) =>
        seenContainers(organization, context).map((id) => ({ id })),
      organizationContact: async ({ id }: Organization, _args, context) =>
        (await loadersOf(context).contactsOf.load(id))?.organizationContact ?? null,
      verifiedContacts: async ({ id }: Organization, _args, context) =>
        (await loadersOf(context).contactsOf.load(id))?.verifiedContacts ?? null,
      contacts: async ({ id }: Organization, _args, context) =>
        (await loadersOf(context).contactsOf.load(id))?.contacts ?? null,
      domains: ({ id }: Organization, _args, context) => loadersOf(context).domainsOf.load(id),
      waitingOrders: async ({ id }: Organization, _args, context) =>
        (await countsOf(context).ofOrganization(id)).waiting,
      issuedOrders: async ({ id }: Organization, _args, context) => (await countsOf(context).ofOrganization(id)).issued,
    },
    Domain: {
      __resolveReference: reference(({ id }: { readonly id: string }, context) =>
        loadBy(id, (number) => loadersOf(context).domain.load(domainId(number))),
      ),
      organization: ({ organizationId: id }: Domain, _args, context) =>
        id === null ? null : loadersOf(context).organizationOfRow.load(id),
      container: visibleContainer,
      dcvDaysLeft: daysLeft,
      waitingOrders: ({ name }: Domain, _args, context) => countsOf(context).waitingOnDomain(name),
    },
    DateTime: dateTimeScalar,
  };
}

/** One batch per tick and kind; one set per request. */
function createLoaders(
  { organizationsOf, domainsOf, contactsOf }: OrganizationsPorts,
  context: RequestContext,
): Loaders {
  const { account, scope } = context.principal;
  const organizationsWithin = (visible: ReadScope) =>
    new DataLoader<OrganizationId, Organization | null>(
      async (ids) => byKey(ids, await organizationsOf(account).findByIds(ids, { ...readOf(context), scope: visible })),
      { name: 'organization' },
    );
  const organization = organizationsWithin(scope);
  return {
    organization,
    organizationOfRow: scope.containers === 'all' ? organization : organizationsWithin(everything),
    domain: new DataLoader(async (ids) => byKey(ids, await domainsOf(account).findByIds(ids, readOf(context))), {
      name: 'domain',
    }),
    domainsOf: new DataLoader<OrganizationId, readonly Domain[]>(
      async (ids) => {
        const domains = await domainsOf(account).findAll(readOf(context), ids);
        return ids.map((id) => domains.filter((domain) => domain.organizationId === id).sort(byName));
      },
      { name: 'domainsOf' },
    ),
    contactsOf: new DataLoader(
      async (ids) => {
        const found = await contactsOf(account).find(ids, readOf(context));
        return ids.map((id) => found.get(id) ?? null);
      },
      { name: 'contactsOf' },
    ),
  };
}

function byKey<Id, T extends { readonly id: Id }>(ids: readonly Id[], found: readonly T[]): (T | null)[] {
  const byId = new Map(found.map((item) => [item.id, item]));
  return ids.map((id) => byId.get(id) ?? null);
}

function readOrganizations(
  filter: OrganizationFilter | null | undefined,
  { organizationsOf }: OrganizationsPorts,
  context: RequestContext,
  loaders: Loaders,
) {
  if (filter?.ids == null) return organizationsOf(context.principal.account).findAll(readOf(context));
  const ids = [...new Set(filter.ids.flatMap(parseId).map(organizationId))];
  return Promise.all(ids.map((id) => loaders.organization.load(id))).then((found) =>
    found.filter((organization) => organization !== null),
  );
}

function isWanted(
  { name, isActive }: { readonly name: string; readonly isActive: boolean },
  filter: Pick<OrganizationFilter, 'isActive' | 'nameContains'> | null | undefined,
): boolean {
  if (filter?.isActive != null && isActive !== filter.isActive) return false;
  return filter?.nameContains == null || name.toLowerCase().includes(filter.nameContains.toLowerCase());
}

const isOneOf = (wanted: readonly string[] | null | undefined, ids: readonly (number | null)[]): boolean =>
  wanted == null || ids.some((id) => id !== null && wanted.includes(String(id)));

const lastOfAll = '~';
const byEnd = (a: OrganizationValidation, b: OrganizationValidation) => {
  const [left, right] = [a.validatedUntil ?? lastOfAll, b.validatedUntil ?? lastOfAll];
  return left < right ? -1 : left > right ? 1 : byName(a.organization, b.organization);
};

const byName = (
  a: { readonly name: string; readonly id: number },
  b: { readonly name: string; readonly id: number },
) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.id - b.id);

/** Null for a division outside the scope. */
function visibleContainer(row: Organization | Domain, _args: unknown, context: RequestContext) {
  return seesContainerOf(row, context) ? { id: row.containerId, name: row.containerName } : null;
}

const seesContainerOf = ({ containerId }: Organization | Domain, { principal }: RequestContext): boolean =>
  containerId !== null && mayRead(principal.scope, containerId);

const seenContainers = ({ assignedContainerIds }: Organization, { principal }: RequestContext) =>
  assignedContainerIds.filter((id) => mayRead(principal.scope, id));

const parseId = (id: string): number[] => (/^\d{1,15}$/.test(id) ? [Number(id)] : []);

/** An id that nothing can have finds nothing, like one that nothing has. */
function loadBy<T>(id: string, load: (number: number) => Promise<T | null>): Promise<T | null> | null {
  const [number] = parseId(id);
  return number === undefined ? null : load(number);
}
