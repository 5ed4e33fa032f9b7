import { documentRights, fieldOfCustomName, factsOf, type FieldRights, type SensitiveGroup } from '@certfolio/core';

const typed: readonly (readonly [string, SensitiveGroup])[] = [
  ['Order.cost', 'cost'],
  ['Order.currency', 'cost'],
  ['Order.contactsEmail', 'email'],
  ['Order.email', 'email'],
  ['Order.additionalEmails', 'email'],
  ['Order.userAssignments', 'email'],
  ['Order.customFields', 'customFields'],
  // Which orders lack an owner or an address, values or not, is asked of sensitive fields.
  ['Order.ownershipGaps', 'customFields'],
  ['OrderUser.email', 'email'],
  ['Contact.email', 'email'],
  ['VerifiedContact.email', 'email'],
  ['Certificate.csr', 'csr'],
  ['CertificateCopy.csr', 'csr'],
  ['OrderBucket.costSum', 'cost'],
  ['OrderBucket.costMin', 'cost'],
  ['OrderBucket.costMax', 'cost'],
];

/** What can be filtered, sorted and counted by, and DigiCert's arguments of the same meaning. */
const asked: readonly (readonly [string, SensitiveGroup])[] = [
  ['OrderFilter.userEmail', 'email'],
  ['OrderFilter.email', 'email'],
  ['OrderFilter.contactsEmail', 'email'],
  ['OrderFilter.additionalEmails', 'email'],
  ['OrderFilter.userAssignments', 'email'],
  ['OrderFilter.techEmail', 'email'],
  ['OrderFilter.search', 'email'],
  ['OrderFilter.customField', 'customFields'],
  ['OrderFilter.cost', 'cost'],
  ['OrderSortField.userEmail', 'email'],
  ['OrderSortField.email', 'email'],
  ['OrderSortField.techEmail', 'email'],
  ['OrderSortField.cost', 'cost'],
  ['OrderBucketDimension.userEmail', 'email'],
  ['Query.order_details(email:)', 'email'],
  ['Query.order_details(search:)', 'email'],
];

/** Coordinates of the schema's sensitive fields, arguments, input fields and enum values to the rights they need. */
export const sensitiveOrderFields: ReadonlyMap<string, FieldRights> = new Map<string, FieldRights>([
  ...typed,
  ['CertificateCopy.restDocument', ['csr', 'cost', 'email', 'customFields']],
  ...asked,
  ...[...documentRights].map(([field, groups]) => [`Order.${field}`, groups] as const),
  ...[...fieldOfCustomName].flatMap(([name, field]) => {
    const { sensitive } = factsOf(field);
    return sensitive === null ? [] : [[`OrderDetails.${name}`, sensitive] as const];
  }),
]);
