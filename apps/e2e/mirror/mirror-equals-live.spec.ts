import { beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createStage, dataOf, toldFacts } from '../harness/index.ts';
import { askFresh, mirroredProduct, untilMirror, type Mirrored } from './mirrored.ts';

/** Queries that are asked of both; the long run asks more. */
const queries = process.env['CERTFOLIO_TEST_LONG'] ? 1_500 : 150;
/** Asked in one request, so that the calls of live reads are shared where they are the same. */
const perRequest = 10;

const stage = createStage();
let mirrored: Mirrored;

beforeAll(async () => {
  mirrored = await mirroredProduct(stage, { orders: 1_200, seed: 3 });
  await untilMirror(mirrored.product, ({ isFilled }) => isFilled);
}, 120_000);

const days = [
  '2025-06-01',
  '2026-01-15',
  '2026-11-27',
  '2027-03-01',
  'today',
  'today+30d',
  'today-90d',
  'start_of_year',
];
const oneOf = (...values: readonly string[]) => fc.constantFrom(...values);
const listOf = (...values: readonly string[]) =>
  fc.subarray([...values], { minLength: 1 }).map((list) => `[${list.join(', ')}]`);
const bounds = fc.record({ gte: oneOf(...days), lt: oneOf(...days) }, { requiredKeys: [] }).map(
  (given) =>
    `{ ${Object.entries(given)
      .map(([name, day]) => `${name}: "${day}"`)
      .join(', ')} }`,
);

const member = fc.oneof(
  listOf('issued', 'expired', 'pending', 'revoked', 'rejected', 'canceled').map((list) => `status: { in: ${list} }`),
  listOf('issued', 'pending').map((list) => `status: { not: ${list} }`),
  bounds.map((range) => `validTill: ${range}`),
  bounds.map((range) => `validFrom: ${range}`),
  bounds.map((range) => `dateCreated: ${range}`),
  listOf('10', '14', '20', '21').map((list) => `containerId: { in: ${list} }`),
  listOf('5001', '5002', '5003').map((list) => `organizationId: { not: ${list} }`),
  listOf('"ssl_basic"', '"ssl_plus"', '"ssl_wildcard"').map((list) => `productNameId: { in: ${list} }`),
  oneOf('%a%', '%.test', 'w_w%', '%É%', '%\\\\%').map((pattern) => `commonName: { like: "${pattern}" }`),
  oneOf('a', 'WWW', 'é', '"'.replaceAll('"', '\\"')).map((text) => `dnsName: { contains: "${text}" }`),
  oneOf('true', 'false').map((flag) => `isWildcard: ${flag}`),
  oneOf('true', 'false').map((flag) => `isRenewed: ${flag}`),
  oneOf('true', 'false').map((flag) => `autoRenew: ${flag}`),
  oneOf('true', 'false').map((flag) => `hasDuplicates: ${flag}`),
  oneOf('email', 'dns-txt-token').map((method) => `dcvMethod: { eq: "${method}" }`),
  oneOf('RSA', 'ECDSA').map((name) => `keyAlgorithm: { eq: "${name}" }`),
  oneOf('2048', '3072', '4096').map((bits) => `weakKey: { minRsaBits: ${bits}, minEcBits: 384 }`),
  oneOf('meridian.test', 'int.meridian.test', 'test').map((domain) => `underDomain: "${domain}"`),
  oneOf('true', 'false').map((flag) => `userIsActive: ${flag}`),
  fc.constant('excludeRenewed: true'),
);
const filter = fc
  .array(member, { maxLength: 3 })
  .map((members) => `{ ${[...new Map(members.map((one) => [one.split(':')[0], one])).values()].join(', ')} }`);
const sort = fc.array(
  fc
    .tuple(
      oneOf('validTill', 'commonName', 'dateCreated', 'containerName', 'userEmail', 'cost', 'status', 'id'),
      oneOf('ASC', 'DESC'),
    )
    .map(([field, direction]) => `{ field: ${field}, direction: ${direction} }`),
  { maxLength: 2 },
);
const fields = fc.subarray(
  [
    'status', 'dateCreated', 'cost', 'payType', 'autoRenew', 'isRenewed', 'renewedOrderId', 'customerOrderId', 'dcvMethod', 'email',
    'additionalEmails', 'userAssignments', 'customFields { label value }', 'organization { id name }', 'container { id name }',
    'product { nameId name type }', 'user { id email lastName }', 'technicalContact { email telephone }', 'contactsEmail', 'locale',
    'certificate { commonName dnsNames validFrom validTill serialNumber thumbprint signatureHash caCertId issuingCa keyAlgorithm csr }',
    'certificate { daysLeft daysPast validityDays baseDomain baseDomains wildcardNames postQuantum renewalsPerYear(maxDays: 47) outlives(day: "today+90d") }',
    'renewalRisk renewalRisks automation', 'ownershipGaps(ownerField: "Owner e-mail")', 'organization { waitingOrders issuedOrders }',
  ],
  { minLength: 1, maxLength: 6 },
); // prettier-ignore
const query = fc
  .tuple(filter, sort, fields, fc.integer({ min: 1, max: 40 }), fc.boolean())
  .map(
    ([conditions, orderBy, selected, first, withTotal]) =>
      `orders(filter: ${conditions}, orderBy: [${orderBy.join(', ')}], first: ${first}) { ${withTotal ? 'totalCount ' : ''}nodes { id ${selected.join(' ')} } pageInfo { hasNextPage } }`,
  );

it(
  'gives the answers that live reads give, whatever is filtered, sorted and selected',
  async () => {
    const asked = fc.sample(query, { numRuns: queries, seed: 20261127 });
    for (let at = 0; at < asked.length; at += perRequest) {
      const text = `{ ${asked
        .slice(at, at + perRequest)
        .map((one, index) => `q${at + index}: ${one}`)
        .join('\n')} }`;
      const live = await askFresh(mirrored.product, 'live', text);
      const mirror = await askFresh(mirrored.product, 'mirror', text);
      expect(toldFacts(mirror)).toMatchObject({ source: 'mirror', upstreamCalls: 0 });
      expect(toldFacts(live).source).toBe('live');
      const [left, right] = [dataOf<Record<string, unknown>>(mirror), dataOf<Record<string, unknown>>(live)];
      for (const name of Object.keys(right))
        expect({ query: asked[Number(name.slice(1))], answer: left[name] }).toEqual({
          query: asked[Number(name.slice(1))],
          answer: right[name],
        });
    }
  },
  queries * 1_000,
);
