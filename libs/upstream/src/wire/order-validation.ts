import type { DomainId, OrderId, OrderValidation, OrganizationId } from '@certfolio/core';
import { z } from 'zod';
import { looseInteger, looseText, looseTexts, looseTimestamp, parseWith, requiredLooseText } from './loose.ts';
import { person } from './people.ts';

const verifiedContact = z
  .object({ user_id: looseInteger, status: looseText })
  .and(person)
  .transform(({ user_id, status, id, firstName, lastName, email }) => ({
    id: user_id ?? id,
    firstName,
    lastName,
    email,
    status,
  }));

const validation = z.object({
  order_status: looseText,
  order_name_scope: looseText,
  order_dcv_method: looseText,
  organization_id: looseInteger, // ids are texts here
  organization_name: looseText,
  organization_validations: z
    .array(
      z.object({
        type: requiredLooseText,
        name: looseText,
        description: looseText,
        date_created: looseTimestamp,
        validated_until: looseTimestamp,
        status: looseText,
        verified_contacts: z.array(verifiedContact).nullish(),
        verification_details: z.record(z.string(), looseText).nullish(),
      }),
    )
    .nullish(),
  dns_name_validations: z
    .array(
      z.object({
        domain_id: looseInteger,
        name_scope: looseText,
        approval_scope: looseText,
        status: looseText,
        method: looseText,
        dns_names: looseTexts,
      }),
    )
    .nullish(),
});

/** GET /order/certificate/{order_id}/validation of the order with this id. @throws WrongShape */
export function parseOrderValidation(body: unknown, orderId: OrderId): OrderValidation {
  const wire = parseWith(validation, body);
  return {
    orderId,
    status: wire.order_status,
    nameScope: wire.order_name_scope,
    dcvMethod: wire.order_dcv_method,
    organizationId: wire.organization_id as OrganizationId | null,
    organizationName: wire.organization_name,
    organizationValidations: (wire.organization_validations ?? []).map((one) => ({
      type: one.type,
      name: one.name,
      description: one.description,
      dateCreated: one.date_created,
      validatedUntil: one.validated_until,
      status: one.status,
      dcvStatus: null,
      verifiedUsers: [],
      verifiedContacts: one.verified_contacts ?? [],
      verificationDetails: Object.entries(one.verification_details ?? {}).flatMap(([step, status]) =>
        status === null ? [] : [{ step, status }],
      ),
    })),
    dnsNameValidations: (wire.dns_name_validations ?? []).map((one) => ({
      domainId: one.domain_id as DomainId | null,
      nameScope: one.name_scope,
      approvalScope: one.approval_scope,
      status: one.status,
      method: one.method,
      dnsNames: one.dns_names,
    })),
  };
}
