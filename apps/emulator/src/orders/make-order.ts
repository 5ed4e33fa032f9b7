import { createHash } from 'node:crypto';
import { type Account } from '../account/account.ts';
import { customFields } from '../account/custom-fields.ts';
import { divisions, type Division } from '../account/divisions.ts';
import { dcvMethods } from '../account/domains.ts';
import { issuingCas, type IssuingCa } from '../account/issuing-cas.ts';
import { type Organization } from '../account/organizations.ts';
import { productByNameId, type Product } from '../account/products.ts';
import { randomFor, type Random } from '../account/random.ts';
import { serverPlatforms } from '../account/server-platforms.ts';
import { addDays, addYears, DAY_MS, isoDay, SECOND_MS, startOfDay } from '../dates.ts';
import { keyShape, type SignatureHash } from '../pki/keys.ts';
import { type TestKeyLabel } from '../pki/test-keys.ts';
import { drawNames, type CertificateNames } from './order-names.ts';
import { excludesCertificate, needsCertificate } from './order-status.ts';
import { drawTraits, type OrderTraits } from './order-traits.ts';
import {
  paymentMethods,
  type CustomFieldValue,
  type Issuance,
  type Order,
  type OrderStatus,
  type Validity,
} from './order.ts';

/** Orders were placed over this long before the anchor; one-year certificates then run out evenly over 25 months. */
const SPAN_DAYS = 760;
/** How far behind an order its renewal was placed, as a share of all orders: 0.49 × 760 days is a bit over a year. */
const RENEWAL_SHARE = 0.49;
const RECENT_DAYS = 45;

const FIRST_ORDER_ID = 730_000;
const FIRST_CERTIFICATE_ID = 1_000_000;
const FIRST_REQUEST_ID = 4_000_000;

export interface OrderFactory {
  readonly count: number;
  /** The order at a place in the generated data, 0 to count - 1; ids and creation times ascend with the place. */
  readonly make: (position: number) => Order;
  /** A plain order beyond the generated ones, placed at `createdMs`; the `extra`-th of its kind. */
  readonly makeExtra: (extra: number, createdMs: number) => Order;
}

/** What an order keeps when it is renewed. */
interface Purpose {
  readonly product: Product;
  readonly organization: Organization;
  readonly division: Division;
  readonly names: CertificateNames;
}

/** Ids leave gaps, as those of an account that shares its counter with others. */
export const orderIdAt = (position: number) => FIRST_ORDER_ID + position * 3 + (position % 2);

/** 16 bytes, never with the top bit set, so the hexadecimal form is that of the DER integer. */
export function makeSerialNumber(...parts: readonly (string | number)[]): string {
  const bytes = createHash('sha256').update(parts.join('/')).digest().subarray(0, 16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x01;
  return bytes.toString('hex').toUpperCase();
}

const subjectKeys: readonly TestKeyLabel[] = [
  ...Array.from(
    { length: 4 },
    () => ['rsa-2048-a', 'rsa-2048-b', 'rsa-2048-c', 'rsa-2048-d', 'rsa-2048-e'] as const,
  ).flat(),
  'rsa-3072-a',
  'rsa-3072-a',
  'rsa-4096-a',
  'p256-a',
  'p256-b',
  'p384-a',
];

function chooseCa(product: Product, key: TestKeyLabel): IssuingCa {
  if (product.kind === 'private-tls') return issuingCas.privateTls;
  if (product.kind === 'client') return issuingCas.client;
  if (product.kind === 'code-signing') return issuingCas.codeSigning;
  if (product.validationType === 'ev') return issuingCas.ev;
  return keyShape(key).type === 'ec' ? issuingCas.tlsEc : issuingCas.tlsRsa;
}

function chooseHash(random: Random, product: Product): SignatureHash {
  if (product.kind === 'private-tls' && random.chance(0.35)) return 'sha1';
  return random.chance(0.06) ? 'sha384' : 'sha256';
}

function chooseValidity(random: Random, createdMs: number): { validity: Validity; days: number } {
  const draw = random.next();
  if (draw < 0.7) return { validity: { years: 1 }, days: 365 + random.int(33) };
  const days = random.pick([90, 199, 200, 300]);
  if (draw < 0.92) return { validity: { days }, days };
  return { validity: { custom_expiration_date: isoDay(createdMs + days * DAY_MS) }, days };
}

/** Of a plan that runs for years, the certificate at hand is the one issued at the last anniversary. */
function planIssuance(issuedMs: number, planYears: number, anchorMs: number) {
  const firstDay = isoDay(issuedMs);
  let years = 0;
  while (years + 1 < planYears && startOfDay(addYears(firstDay, years + 1)) + DAY_MS < anchorMs) years += 1;
  const validFrom = addYears(firstDay, years);
  const validTill = addDays(addYears(firstDay, years + 1), -1);
  return {
    years,
    validFrom,
    validTill,
    issuedMs: years === 0 ? issuedMs : startOfDay(validFrom) + 8 * 3_600 * SECOND_MS,
  };
}

const units = ['Web Shop', 'IT', 'Security "Ops"', '=Unit', 'F&E, Labor', 'Einkauf/Größe', '-', 'Tab\tUnit'] as const;
const renewalMessages = ['Please renew with the new CSR', '=Renew!', 'Call Ada,\nthen renew'] as const;
const noteTexts = ['moved to CDN', '+ approved by phone', 'see "ticket"\nCHG-1', '=1+1'] as const;
const customerIds = ['00042', '+PO-17', '-7', '12345678901234567890', '=PO(9)', 'PO "A", B'] as const;

function chooseCustomFields(random: Random): readonly CustomFieldValue[] {
  if (random.chance(0.35)) return [];
  return customFields
    .filter((field) => field.isRequired || random.chance(field.isActive ? 0.4 : 0.05))
    .map((field) => ({ field, value: field.make(random) }));
}

function firstStatusChange(
  status: OrderStatus,
  createdMs: number,
  issuedMs: number | undefined,
  closedMs: number,
): number {
  if (status === 'issued') return issuedMs ?? createdMs;
  const isOpen = excludesCertificate(status) && status !== 'rejected';
  return isOpen ? createdMs : Math.max(closedMs, issuedMs ?? createdMs);
}

/** Somebody asked to revoke the certificate, up to forty days ago; a stream of its own leaves all else as it was. */
function waitingRevocation(
  seed: number,
  place: number,
  issuedMs: number,
  anchorMs: number,
): Order['pendingRevocation'] {
  const random = randomFor(seed, 'revocation', place);
  if (!random.chance(0.02)) return undefined;
  const atMs = Math.max(issuedMs, anchorMs - random.int(40 * 24 * 3_600) * SECOND_MS);
  return { id: FIRST_REQUEST_ID + 3_000_000 + place, atMs, comments: random.pick(['key lost', 'server gone']) };
}

/** A repeatable, endless supply of orders for an account. Making one costs about 20 µs. */
export function createOrderFactory(account: Account, count: number): OrderFactory {
  const { seed, anchorMs, users, organizations } = account;
  const spanMs = SPAN_DAYS * DAY_MS;
  const renewalDistance = Math.floor(count * RENEWAL_SHARE);

  const createdAt = (position: number) => {
    const share = (position + randomFor(seed, 'created', position).next()) / count;
    return Math.floor((anchorMs - spanMs * (1 - share)) / SECOND_MS) * SECOND_MS;
  };

  const traitsAt = (position: number): OrderTraits => {
    const isRecent = (count - position) / count < RECENT_DAYS / SPAN_DAYS;
    return drawTraits(randomFor(seed, 'traits', position), count - 1 - position, isRecent);
  };

  const canTakePartInRenewal = ({ isFixed, status, planYears, product }: OrderTraits) =>
    !isFixed && status === 'issued' && planYears === 1 && product.kind === 'tls';

  const isRenewedAt = (position: number): boolean => {
    const successor = position + renewalDistance;
    if (renewalDistance === 0 || position < 0 || successor >= count) return false;
    if (!randomFor(seed, 'renewal', position).chance(0.75)) return false;
    return canTakePartInRenewal(traitsAt(position)) && canTakePartInRenewal(traitsAt(successor));
  };

  const purposeAt = (position: number, traits: OrderTraits): Purpose => {
    const predecessor = position - renewalDistance;
    if (isRenewedAt(predecessor)) return purposeAt(predecessor, traitsAt(predecessor));
    const random = randomFor(seed, 'purpose', position);
    const organization = random.pick(organizations);
    const division = random.chance(0.7) ? account.division(organization.divisionId) : random.pick(divisions);
    return {
      product: traits.product,
      organization,
      division: division ?? random.pick(divisions),
      names: drawNames(random, position, traits, organization),
    };
  };

  const build = (position: number | undefined, place: number, createdMs: number, traits: OrderTraits): Order => {
    const random = randomFor(seed, 'order', place);
    const purpose = purposeAt(place, traits);
    const { product, names } = purpose;
    const isDv = product.kind === 'dv';
    const organization = isDv ? undefined : purpose.organization;
    const subjectKey = random.pick(subjectKeys);
    const user = random.pick(users);
    const isPriced = traits.status !== 'needs_approval' && traits.status !== 'needs_csr';

    const { validity, days } = chooseValidity(random, createdMs);
    const isPlan = traits.planYears > 1;
    const firstIssuedMs = Math.min(createdMs + (600 + random.int(170_000)) * SECOND_MS, anchorMs - SECOND_MS);
    const plan = planIssuance(firstIssuedMs, traits.planYears, anchorMs);
    const issuance: Issuance | undefined = needsCertificate(traits.status)
      ? {
          issuedMs: plan.issuedMs,
          validFrom: plan.validFrom,
          validTill: isPlan ? plan.validTill : addDays(plan.validFrom, days),
          serialNumber: makeSerialNumber(seed, 'primary', place),
        }
      : undefined;

    const closedMs = Math.min((issuance?.issuedMs ?? createdMs) + (1 + random.int(40)) * DAY_MS, anchorMs - SECOND_MS);
    const contact = organization?.contact;
    const duplicatesCount =
      issuance === undefined
        ? 0
        : (traits.duplicates ?? (product.isWildcard && random.chance(0.4) ? 1 + random.int(3) : 0));
    const chanceReissues = random.chance(0.08) ? 1 + random.int(2) : 0;
    const isRenewed = position !== undefined && isRenewedAt(position);
    const isRenewal = position !== undefined && isRenewedAt(position - renewalDistance);

    return {
      id: orderIdAt(place),
      position,
      certificateId: FIRST_CERTIFICATE_ID + place * 10,
      requestId: FIRST_REQUEST_ID + place,
      createdMs,
      status: traits.status,
      isStatusPinned: false,
      statusChangedMs: firstStatusChange(traits.status, createdMs, issuance?.issuedMs, closedMs),
      product,
      division: purpose.division,
      organization,
      user,
      assignees: random.chance(0.2)
        ? [random.pick(users), random.pick(users)].filter((one, at, all) => all.indexOf(one) === at)
        : [],
      approver: isPriced && random.chance(0.5) ? random.pick(users) : undefined,
      organizationContact: contact,
      technicalContact: contact,
      commonName: names.commonName,
      otherNames: names.otherNames,
      emails: names.emails,
      organizationUnits: organization !== undefined && random.chance(0.3) ? [random.pick(units)] : [],
      certificateValidity: isPlan ? { years: 1 } : validity,
      orderValidity: isPlan || 'years' in validity ? { years: traits.planYears } : { days },
      validityYears: traits.planYears,
      orderValidTill: issuance && (isPlan ? addYears(isoDay(firstIssuedMs), traits.planYears) : issuance.validTill),
      isMultiYearPlan: isPlan,
      issuance,
      signatureHash: chooseHash(random, product),
      subjectKey,
      hasCsr:
        traits.status !== 'needs_csr' &&
        (product.csrRequired || (random.chance(0.5) && traits.status !== 'waiting_pickup')),
      ca: chooseCa(product, subjectKey),
      serverPlatform: random.pick(serverPlatforms),
      dcvMethod: product.kind === 'tls' || isDv ? random.pick(dcvMethods) : undefined,
      isRenewed,
      renewedOrderId: isRenewed ? orderIdAt(place + renewalDistance) : undefined,
      renewalOfOrderId: isRenewal ? orderIdAt(place - renewalDistance) : undefined,
      duplicatesCount,
      reissuesCount: issuance === undefined ? 0 : Math.max(plan.years, traits.reissues ?? chanceReissues),
      price: isPriced ? product.price * traits.planYears : undefined,
      currency: 'USD',
      paymentMethod: isPriced ? random.pick(paymentMethods) : undefined,
      receiptId: isPriced ? 6_000_000 + place : undefined,
      agreementId: random.chance(0.8) ? 41 : undefined,
      additionalEmails: random.chance(0.25)
        ? ['pki@meridian.test', `team${random.int(20)}@meridian.test`].slice(0, 1 + random.int(2))
        : [],
      customFields: chooseCustomFields(random),
      notes: random.chance(0.12) ? [{ id: place + 1, text: random.pick(noteTexts) }] : [],
      alternativeOrderId: random.chance(0.15) ? random.pick(customerIds) : undefined,
      customRenewalMessage: random.chance(0.06) ? random.pick(renewalMessages) : undefined,
      locale: random.chance(0.7) ? 'en' : undefined,
      hasPlusFeature: product.nameId === 'ssl_plus' && random.chance(0.7),
      isAutoRenewed: random.chance(0.1),
      isAutoReissued: random.chance(0.05),
      isRenewalNoticeDisabled: random.chance(0.1),
      isIssuanceEmailDisabled: random.chance(0.1),
      isCtDisabled: product.kind === 'private-tls',
      areDuplicatesAllowed: product.isWildcard || product.maxExtraNames > 20,
      isOutOfContract: random.chance(0.02),
      isGuestAccessEnabled: random.chance(0.03),
      origin: random.chance(0.05) ? 'migrated' : 'certcentral',
      pendingRevocation:
        traits.status === 'issued' && !traits.isFixed && issuance !== undefined
          ? waitingRevocation(seed, place, issuance.issuedMs, anchorMs)
          : undefined,
    };
  };

  return {
    count,
    make: (position) => build(position, position, createdAt(position), traitsAt(position)),
    makeExtra: (extra, createdMs) => {
      const place = count + extra;
      return build(undefined, place, createdMs, {
        product: productByNameId('ssl_basic'),
        status: 'issued',
        planYears: 1,
        isFixed: true,
      });
    },
  };
}
