import { containerId, orderId, type CalendarDate, type Decimal, type Timestamp } from '@certfolio/core';
import { accountId, organizations, randomOf, type FullOrder } from './vendor-double.ts';

const statuses = ['issued', 'issued', 'issued', 'expired', 'pending', 'revoked', 'needs_approval', 'canceled'];
const names = [
  'shop.acme.test',
  'Shop.acme.test',
  '*.acme.test',
  'acme.test',
  'mail.acme.test',
  'a_b.acme.test',
  'api.shop.acme.test',
];

/** Orders as an account has them: divisions, few distinct days (so that sorts meet ties), missing values, ids with gaps. */
export function makeOrders(count: number, seed = 1): FullOrder[] {
  const random = randomOf(seed);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  const digits = (value: number, length: number) => String(value).padStart(length, '0');
  const day = () =>
    `202${5 + Math.floor(random() * 3)}-0${1 + Math.floor(random() * 3)}-1${Math.floor(random() * 3)}` as CalendarDate;
  let id = 730_000;
  return Array.from({ length: count }, (_, index) => {
    id += 1 + Math.floor(random() * 3);
    const status = pick(statuses);
    const isIssued = !['pending', 'needs_approval', 'canceled'].includes(status);
    const organization = random() < 0.85 ? pick(organizations) : null;
    const container = pick([10, 14, 15]);
    const user = 3_000 + Math.floor(random() * 4);
    const hex = (length: number) =>
      Array.from({ length }, () => '0123456789ABCDEF'[Math.floor(random() * 16)]).join('');
    const maybe = <T>(value: T): T | null => (random() < 0.7 ? value : null);
    const order: Required<FullOrder> = {
      id: orderId(id),
      accountId,
      additionalEmails: pick([['ops@acme.test', 'pki@acme.test'], []]),
      agreementId: 41,
      autoRenew: random() < 0.5,
      caCertId: pick(['3A5E6F7089BC0D12', '77AA']),
      certificateId: 880_000 + index,
      commonName: random() < 0.95 ? pick(names) : null,
      contactsEmail: maybe('ada@acme.test'),
      containerId: containerId(container),
      containerName: `Division ${container}`,
      cost: maybe(pick(['99.00', '238.00', '1200.50', '9.90']) as Decimal),
      csr: `-----BEGIN CERTIFICATE REQUEST-----\n${hex(8)}\n-----END CERTIFICATE REQUEST-----\n`,
      currency: 'USD',
      customFields: maybe([{ id: 112, label: 'Cost center', value: pick(['4711', '4712']) }]),
      customRenewalMessage: null,
      customerOrderId: maybe(`PO-${index % 5}`),
      dateCreated: `202${5 + (index % 2)}-1${index % 3}-0${1 + (index % 9)}T0${index % 10}:00:00Z` as Timestamp,
      dateIssued: isIssued ? ('2026-02-12T11:00:00Z' as Timestamp) : null,
      dcvMethod: pick(['email', 'dns-txt-token']),
      disableIssuanceEmail: false,
      disableRenewalNotifications: random() < 0.2,
      dnsNames: pick([['www.acme.test'], ['*.shop.acme.test', 'cdn.acme.test'], [], ['shop.acme.test', '*.acme.test']]),
      email: maybe(pick(['bo@acme.test', 'cy@acme.test'])),
      hasDuplicates: random() < 0.1,
      hasReissues: random() < 0.1,
      isOutOfContract: false,
      isRenewal: random() < 0.3,
      isRenewed: random() < 0.3,
      issuingCa: 'Acme Issuing CA G2',
      keyAlgorithm: index % 5 === 0 ? 'ECDSA' : 'RSA',
      keySize: pick([2048, 3072, 4096]),
      locale: pick(['en', 'de']),
      orderValidTill: isIssued ? day() : null,
      organizationAddress1: organization?.address ?? null,
      organizationAddress2: organization?.address2 ?? null,
      organizationCity: organization?.city ?? null,
      organizationCountry: organization?.country ?? null,
      organizationId: organization?.id ?? null,
      organizationName: organization?.name ?? null,
      organizationState: organization?.state ?? null,
      organizationUnit: maybe(['Sales']),
      payType: 'balance',
      plusFeature: random() < 0.1,
      productId: 1,
      productName: 'Basic OV',
      productNameId: pick(['ssl_basic', 'ssl_plus', 'ssl_wildcard']),
      productType: 'ssl_certificate',
      purchasedDnsNames: 1,
      receiptId: 6_000 + index,
      renewalOfOrderId: null,
      renewedOrderId: null,
      restListItem: JSON.stringify({ id, list: true }),
      restOrderInfo: JSON.stringify({ id, info: true }),
      serialNumber: isIssued ? digits(index, 6) + hex(4) : null,
      serverType: pick([2, -1]),
      signatureHash: pick(['sha256', 'sha384']),
      status,
      techEmail: 'ada@acme.test',
      techFirstName: 'Ada',
      techLastName: 'Ray',
      techTelephone: '555-0101',
      techTitle: 'Buyer',
      thumbprint: isIssued ? digits(index, 8) + hex(32) : null,
      userAssignments: [],
      userEmail: `user${user}@acme.test`,
      userFirstName: 'Bo',
      userId: user,
      userLastName: 'Lind',
      validFrom: isIssued ? day() : null,
      validTill: isIssued ? day() : null,
      validityYears: 1,
    };
    return order;
  });
}
