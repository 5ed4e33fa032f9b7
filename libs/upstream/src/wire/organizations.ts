import {
  containerId,
  type Container,
  type ContainerId,
  type Domain,
  type DomainId,
  type Organization,
  type OrganizationId,
  type Page,
  type Validation,
} from '@certfolio/core';
import { parseWith } from './loose.ts';
import { listOf, parseList, parsePage } from './page.ts';
import { person } from './people.ts';
import { requiredInteger, requiredText } from './required.ts';
import { member, memberIfAny, toDate, toFlag, toInteger, toLowerText, toText, toTexts, toTimestamp } from './values.ts';

const isoTimestamp = toTimestamp('UTC');

/** GET /organization. @throws WrongShape */
export function parseOrganizations(body: unknown, offset: number): Page<Organization> {
  return parsePage(body, 'organizations', offset, parseOrganization);
}

/** GET /organization/{id}, and one entry of the list. @throws WrongShape */
export function parseOrganization(item: unknown): Organization {
  const text = (name: string) => toText(member(item, name, ''), name);
  const container = member(item, 'container', '');
  return {
    id: requiredInteger(member(item, 'id', ''), 'id') as OrganizationId,
    name: requiredText(member(item, 'name', ''), 'name'),
    assumedName: text('assumed_name'),
    displayName: text('display_name'),
    status: text('status'),
    isActive: toFlag(member(item, 'is_active', ''), 'is_active') ?? text('status') === 'active',
    address: text('address'),
    address2: text('address2'),
    zip: text('zip'),
    city: text('city'),
    state: text('state'),
    country: toLowerText(member(item, 'country', ''), 'country'),
    telephone: text('telephone'),
    containerId: toInteger(memberIfAny(container, 'id', 'container'), 'container.id') as ContainerId | null,
    containerName: toText(memberIfAny(container, 'name', 'container'), 'container.name'),
    assignedContainerIds: listOf(item, 'container_id_assignments', (id) => containerId(requiredInteger(id, ''))),
    validations: parseValidations(item),
  };
}

/** GET /organization/{id}/validation, and the same list in organizations and domains. @throws WrongShape */
export function parseValidations(body: unknown): readonly Validation[] {
  return listOf(body, 'validations', (item) => ({
    type: requiredText(member(item, 'type', ''), 'type'),
    name: toText(member(item, 'name', ''), 'name'),
    description: toText(member(item, 'description', ''), 'description'),
    dateCreated: isoTimestamp(member(item, 'date_created', ''), 'date_created'),
    validatedUntil: isoTimestamp(member(item, 'validated_until', ''), 'validated_until'),
    status: toText(member(item, 'status', ''), 'status'),
    dcvStatus: toText(member(item, 'dcv_status', ''), 'dcv_status'),
    verifiedUsers: listOf(item, 'verified_users', (user) => parseWith(person, user)),
  }));
}

/** GET /domain. @throws WrongShape */
export function parseDomains(body: unknown, offset: number): Page<Domain> {
  return parsePage(body, 'domains', offset, parseDomain);
}

/** GET /domain/{id}, and one entry of the list. @throws WrongShape */
export function parseDomain(item: unknown): Domain {
  const organization = member(item, 'organization', '');
  const container = member(item, 'container', '');
  const expiration = member(item, 'dcv_expiration', '');
  const expires = (name: string) =>
    dayOrInstant(memberIfAny(expiration, name, 'dcv_expiration'), `dcv_expiration.${name}`);
  const reuse = (name: string) => toText(memberIfAny(expiration, name, 'dcv_expiration'), `dcv_expiration.${name}`);
  return {
    id: requiredInteger(member(item, 'id', ''), 'id') as DomainId,
    name: requiredText(member(item, 'name', ''), 'name'),
    isActive: toFlag(member(item, 'is_active', ''), 'is_active') ?? false,
    dateCreated: isoTimestamp(member(item, 'date_created', ''), 'date_created'),
    organizationId: toInteger(
      memberIfAny(organization, 'id', 'organization'),
      'organization.id',
    ) as OrganizationId | null,
    organizationName: toText(memberIfAny(organization, 'name', 'organization'), 'organization.name'),
    containerId: toInteger(memberIfAny(container, 'id', 'container'), 'container.id') as ContainerId | null,
    containerName: toText(memberIfAny(container, 'name', 'container'), 'container.name'),
    dcvMethod: toText(
      member(item, 'dcv_method', '') ?? memberIfAny(member(item, 'dcv', ''), 'method', 'dcv'),
      'dcv_method',
    ),
    dcvApprovedAt: isoTimestamp(member(item, 'dcv_approval_datetime', ''), 'dcv_approval_datetime'),
    dcvExpiresOv: expires('ov'),
    dcvExpiresEv: expires('ev'),
    dcvExpiresOvShortened: expires('ov_shortened'),
    dcvStatusOv: reuse('ov_status'),
    dcvStatusEv: reuse('ev_status'),
    validations: parseValidations(item),
  };
}

/** We ask for instants; a service that answers with days anyway means them in Mountain Time, whose midnight this is. */
function dayOrInstant(value: unknown, at: string) {
  const isDay = typeof value === 'string' && value.length === 10;
  return isDay ? mountainTimestamp(`${toDate(value, at)} 00:00:00`, at) : isoTimestamp(value, at);
}
const mountainTimestamp = toTimestamp('America/Denver');

/** GET /container; a parent of 0 is none. @throws WrongShape */
export function parseContainers(body: unknown): readonly Container[] {
  return parseList(body, 'containers', parseContainer);
}

export function parseContainer(item: unknown): Container {
  return {
    id: requiredInteger(member(item, 'id', ''), 'id') as ContainerId,
    name: requiredText(member(item, 'name', ''), 'name'),
    description: toText(member(item, 'description', ''), 'description'),
    isActive: toFlag(member(item, 'is_active', ''), 'is_active') ?? true,
    allowedDomainNames: toTexts(member(item, 'allowed_domain_names', ''), 'allowed_domain_names') ?? [],
    parentId: (toInteger(member(item, 'parent_id', ''), 'parent_id') || null) as ContainerId | null,
  };
}
