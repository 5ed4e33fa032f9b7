/**
 * Objects in lists that hang on one record and take no size: a generous guess of each, since 100, which is assumed of any other
 * list, would refuse a few of them below each other.
 */
const sizes: ReadonlyMap<string, number> = new Map([
  ['BrokenTemplate.keys', 20],
  ['Container.children', 20],
  ['Domain.validations', 4],
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

/** `Type.field` of every list whose size is known. */
export const sizedLists: readonly string[] = [...sizes.keys()];
