import { orderObjects } from '@certfolio/core';

/**
 * Objects in lists that hang on one record and take no size: a generous guess of each, since 100, which is assumed of any other
 * list, would refuse a few of them below each other.
 */
const sizes: ReadonlyMap<string, number> = new Map([
  ['BrokenTemplate.keys', 20],
  ['Container.children', 20],
  ['Domain.validations', 4],
  ['LimitState.buckets', 2],
  ['FieldTemplateUse.usedBy', 20],
  ['Order.duplicates', 5],
  ['Order.notes', 5],
  ['Order.reissues', 5],
  ['Order.requests', 5],
  ['OrderBucket.values', 4],
  ['OrderOrganizationValidation.verificationDetails', 10],
  ['OrderOrganizationValidation.verifiedContacts', 5],
  ['OrderValidation.dnsNameValidations', 20],
  ['OrderValidation.organizationValidations', 4],
  ['Organization.assignedContainers', 10],
  ['Organization.contacts', 5],
  ['Organization.validations', 4],
  ['Organization.verifiedContacts', 5],
  ['Product.allowedContainers', 20],
  ['SchemaChange.unlisted', 20],
  ['Template.ids', 10],
  ['Template.usedBy', 20],
  ['UnitOrder.bundles', 10],
  ['User.assignedContainers', 5],
  ['User.roles', 2],
  ['Validation.verifiedUsers', 5],
]);

/** For the estimate of what an operation costs; null where nothing is known. */
export const listSize = (typeName: string, fieldName: string): number | null =>
  sizes.get(`${typeName}.${fieldName}`) ?? null;

/**
 * Objects of a field for each object above it until the first runs have told: what the bundled emulator's account holds, which
 * was made to be like a real one. For the estimate of what a run comes to; what a text may come to at most is `sizes`.
 */
const typicalSizes: ReadonlyMap<string, number> = new Map([
  ['Container.children', 0.9],
  ['Container.parent', 0.9],
  ['Domain.validations', 1.7],
  ['Order.customFields', 1.87],
  ['Order.duplicates', 0.07],
  ['Order.notes', 0.1],
  ['Order.organization', 0.93],
  ['Order.reissues', 0.45],
  ['Order.requests', 1.1],
  ['Order.technicalContact', 0.93],
  ['OrderBucket.values', 1],
  ['Organization.contacts', 1],
  ['Organization.validations', 1.7],
  ['Product.allowedContainers', 8],
  ['UnitOrder.bundles', 1.6],
  ['User.assignedContainers', 0.3],
  ['User.roles', 1],
]);

/** What the mirror counts below orders for the estimate of a first run. */
export const countedBelow: ReadonlySet<string> = new Set([...orderObjects.keys()].map((field) => `Order.${field}`));

/** By `Type.field`; null where nothing is known. */
export const typicalSize = (coordinate: string): number | null => typicalSizes.get(coordinate) ?? null;

/** `Type.field` of every list whose size is known. */
export const sizedLists: readonly string[] = [...sizes.keys()];
