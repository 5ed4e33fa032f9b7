import { fieldOfCustomName, factsOf, type SensitiveGroup } from '@certfolio/core';

const typed: readonly (readonly [string, SensitiveGroup])[] = [
  ['Order.cost', 'cost'],
  ['Order.currency', 'cost'],
  ['Order.contactsEmail', 'email'],
  ['Order.email', 'email'],
  ['Order.additionalEmails', 'email'],
  ['Order.userAssignments', 'email'],
  ['Order.customFields', 'customFields'],
  ['OrderUser.email', 'email'],
  ['Contact.email', 'email'],
  ['VerifiedContact.email', 'email'],
  ['Certificate.csr', 'csr'],
  ['CertificateCopy.csr', 'csr'],
  ['OrderBucket.costSum', 'cost'],
  ['OrderBucket.costMin', 'cost'],
  ['OrderBucket.costMax', 'cost'],
];

/** `Type.field` to the right it needs, for both halves of the schema. */
export const sensitiveOrderFields: ReadonlyMap<string, SensitiveGroup> = new Map([
  ...typed,
  ...[...fieldOfCustomName].flatMap(([name, field]) => {
    const { sensitive } = factsOf(field);
    return sensitive === null ? [] : [[`OrderDetails.${name}`, sensitive] as const];
  }),
]);
