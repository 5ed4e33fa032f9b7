import { displayName, type Contact, type Organization } from '../account/organizations.ts';
import { validationText } from '../account/products.ts';
import { isoInstant } from '../dates.ts';
import { notFound } from '../http/api-error.ts';
import { json } from '../http/answer.ts';
import { type Call } from '../http/call.ts';
import { selectItems, type Properties } from '../http/filtering.ts';
import { pagedList } from '../http/paged-list.ts';
import { listTypes, type Route } from '../http/route.ts';
import { contactPart, divisionWithParent, userPart } from '../orders/render-parts.ts';
import { type World } from '../world.ts';

const properties: Properties<Organization> = new Map([
  ['id', { kind: 'number', read: ({ id }) => id }],
  ['name', { kind: 'text', read: ({ name }) => name }],
  ['status', { kind: 'text', read: ({ status }) => status }],
  ['country', { kind: 'text', read: ({ country }) => country }],
  ['city', { kind: 'text', read: ({ city }) => city }],
  ['container_id', { kind: 'number', read: ({ divisionId }) => divisionId }],
  ['search', { kind: 'names', read: ({ id, name }) => [String(id), name] }],
]);

function contactInfo(contact: Contact) {
  return { id: contact.id, ...contactPart(contact) };
}

/** Sources: vendor pages "List organizations" and "Organization info". */
export function organizationRoutes({ account, emptyLists }: World): readonly Route[] {
  const approver = account.users[0];

  const validationsOf = (organization: Organization) =>
    organization.validations.map(({ type, status, createdMs, validUntilMs }) => ({
      type,
      ...validationText(type),
      ...(createdMs !== undefined && { date_created: isoInstant(createdMs) }),
      ...(validUntilMs !== undefined && { validated_until: isoInstant(validUntilMs) }),
      status,
      ...(type === 'ev' && status === 'active' && { verified_users: approver ? [userPart(approver)] : [] }),
    }));

  const render = (organization: Organization, includeValidation: boolean) => {
    const { id, status, name, assumedName, address, address2, zip, city, state, country, telephone } = organization;
    const division = account.division(organization.divisionId);
    const hasEv = organization.validations.some(({ type }) => type === 'ev');
    return {
      id,
      status,
      name,
      ...(assumedName !== undefined && { assumed_name: assumedName }),
      display_name: displayName(organization),
      is_active: status === 'active',
      ...(address !== undefined && { address }),
      ...(address2 !== undefined && { address2 }),
      ...(zip !== undefined && { zip }),
      ...(city !== undefined && { city }),
      ...(state !== undefined && { state }),
      country,
      ...(telephone !== undefined && { telephone }),
      ...(division && { container: divisionWithParent(division) }),
      container_id_assignments: organization.assignedDivisionIds.map(String),
      ...(includeValidation && { validations: validationsOf(organization) }),
      ...(includeValidation &&
        hasEv &&
        approver && {
          ev_approvers: [{ id: approver.id, first_name: approver.firstName, last_name: approver.lastName }],
        }),
    };
  };

  const asked = ({ param }: Call): Organization => {
    const organization = account.organization(Number(param('id')));
    if (organization === undefined) throw notFound('organization');
    return organization;
  };

  const ofDivision = (divisionId: string | undefined) =>
    account.organizations.filter((organization) => {
      return (
        divisionId === undefined ||
        organization.divisionId === Number(divisionId) ||
        organization.assignedDivisionIds.includes(Number(divisionId))
      );
    });

  return [
    {
      method: 'GET',
      pattern: '/organization',
      types: listTypes,
      answer: (call) => {
        const selected = selectItems(ofDivision(call.query.value('container_id')), call.query, properties, call.nowMs);
        const includeValidation = call.query.flag('include_validation');
        return pagedList(
          'organizations',
          selected,
          (organization) => render(organization, includeValidation),
          call,
          emptyLists,
        );
      },
    },
    {
      method: 'GET',
      pattern: '/organization/{id}',
      answer: (call) => {
        const organization = asked(call);
        const { contact } = organization;
        return json({
          ...render(organization, call.query.flag('include_validation')),
          organization_contact: contactInfo(contact),
          verified_contacts: [{ id: contact.id + 1_000, first_name: contact.firstName, last_name: contact.lastName }],
          contacts: [
            {
              ...contactInfo(contact),
              name: `${contact.firstName} ${contact.lastName}`,
              contact_type: 'organization_contact',
            },
          ],
        });
      },
    },
    {
      method: 'GET',
      pattern: '/organization/{id}/validation',
      answer: (call) => json({ validations: validationsOf(asked(call)) }),
    },
    {
      method: 'GET',
      pattern: '/container/{id}/order/organization',
      answer: ({ param }) => {
        if (account.division(Number(param('id'))) === undefined) throw notFound('container');
        return json({ organizations: ofDivision(param('id')).map((organization) => render(organization, true)) });
      },
    },
  ];
}
