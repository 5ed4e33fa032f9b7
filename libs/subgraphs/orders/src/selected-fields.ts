import {
  factsOf,
  fieldOfCustomName,
  orderFields,
  orderObjects,
  type OrderField,
  type OrderObjects,
  type OrderSource,
} from '@certfolio/core';
import { rememberSelection, walkSelection } from '@certfolio/graph-kit';

/** Fields of an order that the schema's fields need, by dotted path below an `Order`. Paths not listed need what their leaf is named. */
const needs: ReadonlyMap<string, readonly OrderField[]> = new Map<string, readonly OrderField[]>([
  ['ageDays', ['dateCreated']],
  ['ageHours', ['dateCreated']],
  ['automation', ['autoRenew', 'dcvMethod']],
  ['firstSeenRevoked', ['status']],
  ['liveCertificates', ['status', 'certificateId', 'validTill']],
  ['ownershipGaps', ['userId', 'additionalEmails', 'customFields']],
  ['renewalRisk', ['autoRenew', 'disableRenewalNotifications', 'dcvMethod']],
  ['renewalRisks', ['autoRenew', 'disableRenewalNotifications', 'dcvMethod']],
  ['certificate.id', ['certificateId']],
  ['certificate.names', ['commonName', 'dnsNames']],
  ['certificate.wildcardNames', ['commonName', 'dnsNames']],
  ['certificate.kind', []],
  ['certificate.baseDomain', ['commonName']],
  ['certificate.baseDomains', ['commonName', 'dnsNames']],
  ['certificate.daysLeft', ['validTill']],
  ['certificate.daysPast', ['validTill']],
  ['certificate.outlives', ['validTill']],
  ['certificate.postQuantum', ['keyAlgorithm']],
  ['certificate.renewalsPerYear', ['validFrom', 'validTill']],
  ['certificate.weaknesses', ['keyAlgorithm', 'keySize', 'signatureHash']],
  ['certificate.validityDays', ['validFrom', 'validTill']],
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
  ['user.user', ['userId']],
  ['user.user.id', ['userId']],
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

/** Parts that are read by calls of their own, and what is made of them, with the flags that say whether an order has any. */
const parts: ReadonlyMap<string, readonly OrderField[]> = new Map<string, readonly OrderField[]>([
  ['duplicates', ['hasDuplicates']],
  ['reissues', ['hasReissues']],
  ['liveCertificates', ['hasDuplicates', 'hasReissues']],
  ['requests', []],
  ['notes', []],
  ['validation', []],
]);

/** What a selection needs of an order. */
class NeededFields {
  readonly #fields = new Set<OrderField>(['id']);
  readonly #flags = new Set<OrderField>();

  /** @param path below an `Order` */
  add(path: readonly string[]): void {
    if (path.at(-1) === '__typename') return;
    if (path[0] === 'details') return this.#addDetail(path[1]);
    const dotted = path.join('.').replace(/^(?:certificate\.order\.)+/, '');
    const [first] = dotted.split('.', 1);
    const flags = parts.get(first!);
    for (const flag of flags ?? []) this.#flags.add(flag);
    const fields = flags === undefined ? fieldsAt(dotted) : (needs.get(dotted) ?? []);
    for (const field of fields) this.#fields.add(field);
  }

  /** Below `details` every field is one of DigiCert's names. */
  #addDetail(name: string | undefined): void {
    const field = name === undefined ? undefined : fieldOfCustomName.get(name);
    if (field !== undefined) this.#fields.add(field);
  }

  /** A flag spares calls for parts and is not worth a value: it is left out where no source gives it with all the rest. */
  all(): ReadonlySet<OrderField> {
    const all = new Set(this.#fields);
    for (const flag of this.#flags) {
      const comesWith = (source: OrderSource) => [...this.#fields].every((field) => isGiven(field, source));
      if ([...factsOf(flag).sources].some(comesWith)) all.add(flag);
    }
    return all;
  }
}

/** The source itself, or what completes it row by row or by one list. */
function isGiven(field: OrderField, source: OrderSource): boolean {
  const { sources } = factsOf(field);
  return ([source, 'info', 'account', 'organizations'] as const).some((one) => sources.has(one));
}

/** @param dotted path below an `Order` */
function fieldsAt(dotted: string): readonly OrderField[] {
  const known = needs.get(dotted);
  if (known !== undefined) return known;
  if (objectFields.has(dotted)) return [];
  const leaf = dotted.split('.').at(-1) as OrderField;
  return orderFields.has(leaf) ? [leaf] : [];
}

/** Fields needed below a resolver of `Order`, or of something that leads to orders by the path given. */
function fieldsBelow(leadsToOrder: readonly (readonly string[])[]) {
  return rememberSelection((info) => {
    const needed = new NeededFields();
    walkSelection(info, (path) => {
      const lead = leadsToOrder.find(
        (names) => names.length < path.length && names.every((name, index) => path[index] === name),
      );
      if (lead !== undefined) needed.add(path.slice(lead.length));
    });
    return needed.all();
  });
}

export const fieldsOfOrder = fieldsBelow([[]]);
export const fieldsOfConnection = fieldsBelow([['nodes'], ['edges', 'node']]);

/** What of the objects that can be counted is selected below orders. */
function objectsBelow(leadsToOrder: readonly (readonly string[])[]) {
  return rememberSelection((info): readonly OrderObjects[] => {
    const selected = new Set<OrderObjects>();
    walkSelection(info, (path) => {
      const kind = path.at(-1) as OrderObjects;
      const leads = leadsToOrder.some((names) => names.join('.') === path.slice(0, -1).join('.'));
      if (leads && orderObjects.has(kind)) selected.add(kind);
    });
    return [...selected];
  });
}

export const objectsOfConnection = objectsBelow([['nodes'], ['edges', 'node']]);
export const objectsOfFinding = objectsBelow([['certificate', 'order']]);

/** Below a `Certificate` that was reached without its order. */
export const fieldsOfCertificate = rememberSelection((info) => {
  const needed = new NeededFields();
  walkSelection(info, (path) => needed.add(path[0] === 'order' ? path.slice(1) : ['certificate', ...path]));
  return needed.all();
});

/** Below a finding, which has a certificate that was reached without its order. */
export const fieldsOfFinding = rememberSelection((info) => {
  const needed = new NeededFields();
  walkSelection(info, ([first, ...below]) => {
    if (first !== 'certificate') needed.add(['certificate', 'names']);
    else if (below.length > 0) needed.add(below[0] === 'order' ? below.slice(1) : ['certificate', ...below]);
  });
  return needed.all();
});

/** Below a change, which leads to the order as it is now. */
export const fieldsOfChanged = fieldsBelow([['nodes', 'order']]);

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
