import { fieldOfCustomName, orderFields, type OrderField } from '@certfolio/core';
import { rememberSelection, walkSelection } from '@certfolio/graph-kit';

/** Fields of an order that the schema's fields need, by dotted path below an `Order`. Paths not listed need what their leaf is named. */
const needs: ReadonlyMap<string, readonly OrderField[]> = new Map<string, readonly OrderField[]>([
  ['ageDays', ['dateCreated']],
  ['certificate.id', ['certificateId']],
  ['certificate.names', ['commonName', 'dnsNames']],
  ['certificate.wildcardNames', ['commonName', 'dnsNames']],
  ['certificate.daysLeft', ['validTill']],
  ['certificate.serverPlatformId', ['serverType']],
  ['certificate.organizationUnits', ['organizationUnit']],
  ['organization', ['organizationId']],
  ['organization.id', ['organizationId']],
  ['organization.name', ['organizationName']],
  ['container', ['containerId']],
  ['container.id', ['containerId']],
  ['container.name', ['containerName']],
  ['product', ['productNameId']],
  ['product.nameId', ['productNameId']],
  ['product.name', ['productName']],
  ['product.type', ['productType']],
  ['user', ['userId']],
  ['user.id', ['userId']],
  ['user.firstName', ['userFirstName']],
  ['user.lastName', ['userLastName']],
  ['user.email', ['userEmail']],
  ['technicalContact.firstName', ['techFirstName']],
  ['technicalContact.lastName', ['techLastName']],
  ['technicalContact.email', ['techEmail']],
  ['technicalContact.telephone', ['techTelephone']],
  ['technicalContact.jobTitle', ['techTitle']],
]);

const objectFields = new Set([
  'certificate',
  'technicalContact',
  'certificate.order',
  'customFields.id',
  'customFields.label',
  'customFields.value',
]);

function fieldsAt(path: readonly string[]): readonly OrderField[] {
  if (path.at(-1) === '__typename') return [];
  const dotted = path.join('.').replace(/^(?:certificate\.order\.)+/, '');
  const known = needs.get(dotted);
  if (known !== undefined) return known;
  if (objectFields.has(dotted)) return [];
  const leaf = path.at(-1) as OrderField;
  return orderFields.has(leaf) ? [leaf] : [];
}

/** Fields needed below a resolver of `Order`, or of something that leads to orders by the path given. */
function fieldsBelow(leadsToOrder: readonly (readonly string[])[]) {
  return rememberSelection((info) => {
    const fields = new Set<OrderField>(['id']);
    walkSelection(info, (path) => {
      const lead = leadsToOrder.find(
        (names) => names.length < path.length && names.every((name, index) => path[index] === name),
      );
      if (lead !== undefined) for (const field of fieldsAt(path.slice(lead.length))) fields.add(field);
    });
    return fields as ReadonlySet<OrderField>;
  });
}

export const fieldsOfOrder = fieldsBelow([[]]);
export const fieldsOfConnection = fieldsBelow([['nodes'], ['edges', 'node']]);

/** Below a `Certificate` that was reached without its order. */
export const fieldsOfCertificate = rememberSelection((info) => {
  const fields = new Set<OrderField>(['id']);
  walkSelection(info, (path) => {
    for (const field of fieldsAt(path[0] === 'order' ? path.slice(1) : ['certificate', ...path])) fields.add(field);
  });
  return fields as ReadonlySet<OrderField>;
});

/** Below `order_details`: every field is one of DigiCert's names. */
export const fieldsOfDetails = rememberSelection((info) => {
  const fields = new Set<OrderField>(['id']);
  walkSelection(info, ([name]) => {
    const field = fieldOfCustomName.get(name!);
    if (field !== undefined) fields.add(field);
  });
  return fields as ReadonlySet<OrderField>;
});

export const selectsTotal = rememberSelection((info) => {
  let selected = false;
  walkSelection(info, (path) => (selected ||= path.length === 1 && path[0] === 'totalCount'));
  return selected;
});
