import { type Contact } from '../account/organizations.ts';
import { validationText } from '../account/products.ts';
import { isoInstant } from '../dates.ts';
import { json } from '../http/answer.ts';
import { type Route } from '../http/route.ts';
import { orderById } from '../orders/find-order.ts';
import { statusAt } from '../orders/order-status.ts';
import { contactPart } from '../orders/render-parts.ts';
import { dnsNamesOf, type Order } from '../orders/order.ts';
import { type World } from '../world.ts';

const steps = [
  'organization_type',
  'organization_status',
  'address_verification',
  'blacklist_fraud',
  'request_authenticity',
] as const;

/** The registered domain a name belongs to, as far as the account's domains tell. */
function domainOf(world: World, name: string) {
  const bare = name.replace(/^\*\./, '');
  const fitting = world.account.domains.filter(({ name: domain }) => bare === domain || bare.endsWith(`.${domain}`));
  return fitting.toSorted((one, other) => one.name.length - other.name.length)[0];
}

/** Who answers for an organization in validations that ask for a person. */
function verifiedContact(contact: Contact, isDone: boolean) {
  return {
    user_id: contact.id + 1_000,
    name: `${contact.firstName} ${contact.lastName}`,
    ...contactPart(contact),
    status: isDone ? 'complete' : 'pending',
  };
}

function organizationValidations(order: Order, isDone: boolean) {
  const { organizationContact: contact } = order;
  const validations = order.organization?.validations ?? [];
  return validations
    .filter(({ type }) => type === order.product.validationType)
    .map(({ type, createdMs, validUntilMs }) => ({
      type,
      ...validationText(type),
      ...(createdMs !== undefined && { date_created: isoInstant(createdMs) }),
      ...(validUntilMs !== undefined && { validated_until: isoInstant(validUntilMs) }),
      status: isDone ? 'complete' : 'pending',
      ...(type !== 'ov' && contact && { verified_contacts: [verifiedContact(contact, isDone)] }),
      verification_details: Object.fromEntries(
        steps.map((step, at) => [step, isDone || at < 2 ? 'complete' : 'pending']),
      ),
    }));
}

/** Ids are texts here. Source: vendor page "Validation status". */
export function orderValidationRoutes(world: World): readonly Route[] {
  return [
    {
      method: 'GET',
      pattern: '/order/certificate/{id}/validation',
      answer: ({ param, nowMs }) => {
        const order = orderById(world, param('id'));
        const { organization } = order;
        const isDone = order.issuance !== undefined;
        const scopes = Map.groupBy(dnsNamesOf(order), (name) => domainOf(world, name));
        return json({
          order_id: String(order.id),
          order_status: statusAt(order, nowMs),
          order_name_scope: 'base_domain',
          ...(order.dcvMethod !== undefined && { order_dcv_method: order.dcvMethod }),
          ...(organization && { organization_id: String(organization.id), organization_name: organization.name }),
          ...(organization && { organization_validations: organizationValidations(order, isDone) }),
          dns_name_validations: [...scopes].flatMap(([domain, names]) =>
            domain === undefined
              ? []
              : {
                  domain_id: String(domain.id),
                  name_scope: domain.name,
                  approval_scope: 'subdomains',
                  status: isDone ? 'approved' : 'pending',
                  method: domain.dcvMethod,
                  dns_names: names,
                },
          ),
        });
      },
    },
  ];
}
