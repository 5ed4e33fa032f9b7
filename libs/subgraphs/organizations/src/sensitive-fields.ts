import type { SensitiveGroup } from '@certfolio/core';

/** `Type.field` to the right it needs. */
export const sensitiveOrganizationFields: ReadonlyMap<string, SensitiveGroup> = new Map([
  ['OrganizationContact.email', 'email'],
  ['Person.email', 'email'],
]);
