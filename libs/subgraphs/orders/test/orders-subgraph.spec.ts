import { describe, expect, it } from '@jest/globals';
import { fieldOfCustomName, ReadLedger, UpstreamBudgetExhausted, type Order, type OrderField } from '@certfolio/core';
import { decodeCursor } from '@certfolio/graph-kit';
import { contextOf, interpret, OrdersAtHand, principal, row, run } from './run-document.ts';

const fieldsFor = async (text: string, variables: Record<string, unknown> = {}): Promise<OrderField[]> => {
  const reader = new OrdersAtHand([row(1), row(2)]);
  const { errors } = await run(reader, text, variables);
  expect(errors).toEqual([]);
  return reader.fields;
};

describe('order_details', () => {
  it('hands the arguments to the reader and gives its rows in its order', async () => {
    const reader = new OrdersAtHand([
      row(730044, { commonName: 'mail.acme.test' }),
      row(730011, { commonName: 'shop.acme.test', cost: '238.00' as Order['cost'] & string }),
    ]);
    const { data, errors } = await run(
      reader,
      '{ order_details(status: "issued", common_name: "%acme.test", limit: 2, sort: ["valid_till", "ASC"]) { id common_name cost } }',
    );
    expect(errors).toEqual([]);
    expect(data).toEqual({
      order_details: [
        { id: '730044', common_name: 'mail.acme.test', cost: null },
        { id: '730011', common_name: 'shop.acme.test', cost: '238.00' },
      ],
    });
    expect(reader.many[0]!.query).toEqual({
      conditions: [
        { op: 'in', field: 'status', values: ['issued'] },
        { op: 'like', field: 'commonName', pattern: '%acme.test' },
      ],
      sort: [{ field: 'validTill', direction: 'asc' }],
      limit: 2,
      offset: 0,
      after: null,
      withTotal: false,
    });
  });

  it('answers every field, and both spellings of the purchased names', async () => {
    const names = [...fieldOfCustomName.keys()];
    const reader = new OrdersAtHand([row(1, { purchasedDnsNames: 4, autoRenew: false })]);
    const { data, errors } = await run(reader, `{ order_details { ${names.join(' ')} } }`);
    expect(errors).toEqual([]);
    const [answer] = (data as { order_details: Record<string, unknown>[] }).order_details;
    expect(Object.keys(answer!)).toEqual(names);
    expect(answer).toMatchObject({
      id: '1',
      purchased_dns_names: '4',
      purchase_dns_names: '4',
      auto_renew: '0',
      csr: null,
    });
    expect(reader.fields).toHaveLength(62);
  });

  it('reads no more fields than are selected', async () => {
    expect(
      await fieldsFor(
        '{ order_details { a: common_name ...more } } fragment more on OrderDetails { purchase_dns_names __typename }',
      ),
    ).toEqual(['commonName', 'id', 'purchasedDnsNames']);
  });

  it('takes limit 0 for no rows, without a read', async () => {
    const reader = new OrdersAtHand([row(1)]);
    expect(await run(reader, '{ order_details(limit: 0) { id } }')).toEqual({
      data: { order_details: [] },
      errors: [],
    });
    expect(reader.many).toEqual([]);
  });

  it.each([
    ['', 3, 2, true],
    ['(limit: 2)', 3, 2, false],
    ['(limit: 1)', 3, 1, false],
    ['(limit: 3)', 3, 2, true],
    ['(limit: 5)', 2, 2, false],
    ['', 2, 2, false],
  ])(
    'with a row cap of 2, order_details%s over %i rows gives %i and says truncated: %s',
    async (args, rows, given, truncated) => {
      const reader = new OrdersAtHand(Array.from({ length: rows }, (_, index) => row(index + 1)));
      const context = contextOf({
        principal: { ...principal, limits: { ...principal.limits, rows: 2 } },
        ledger: new ReadLedger(),
      });
      const { data } = await run(reader, `{ order_details${args} { id } }`, {}, context);
      expect((data as { order_details: unknown[] }).order_details).toHaveLength(given);
      expect(context.ledger.truncated).toBe(truncated);
    },
  );

  it('reads with the scope, deadline and age of the caller', async () => {
    const reader = new OrdersAtHand();
    const context = contextOf({ maxAgeMs: 60_000, run: { id: 'run-1', rowCap: 10, startedAtMs: 0, zone: 'UTC' } });
    await run(reader, '{ order_details { id } }', {}, context);
    expect(reader.many[0]!.read).toMatchObject({
      scope: principal.scope,
      deadline: context.deadline,
      maxAgeMs: 60_000,
      onBehalfOf: 'caller0001',
      lane: 'interactive',
      run: { id: 'run-1' },
    });
    expect(reader.many[0]!.read.signal).toBe(context.signal);
    expect(reader.many[0]!.read.ledger).toBe(context.ledger);
  });

  it('resolves relative dates for every page of a run as at its start', async () => {
    const reader = new OrdersAtHand();
    const run1 = { id: 'run-1', rowCap: 10, startedAtMs: Date.parse('2026-01-31T23:59:59Z'), zone: 'UTC' };
    await run(
      reader,
      '{ orders(filter: { validTill: { gte: "today" } }) { nodes { id } } }',
      {},
      contextOf({ run: run1 }),
    );
    expect(reader.many[0]!.query.conditions).toEqual([{ op: 'range', field: 'validTill', gte: '2026-01-31' }]);
  });

  it('names the argument that cannot be used', async () => {
    const { data, errors } = await run(new OrdersAtHand(), '{ order_details(valid_till: "soon") { id } }');
    expect(data).toEqual({ order_details: null });
    expect(errors).toMatchObject([
      {
        message: 'valid_till is "soon"; it must be a day as yyyy-MM-dd.',
        code: 'BAD_USER_INPUT',
        path: ['order_details'],
      },
    ]);
  });
});

describe('one order', () => {
  it('is null when there is none, by either query and by an id that nothing has', async () => {
    const reader = new OrdersAtHand([row(7)]);
    const text =
      '{ known: order_details_by_id(id: 7) { id } unknown: order_details_by_id(id: 8) { id } order(id: "8") { id } word: order(id: "x") { id } huge: order(id: "99999999999999999999") { id } }';
    expect(await run(reader, text)).toEqual({
      data: { known: { id: '7' }, unknown: null, order: null, word: null, huge: null },
      errors: [],
    });
  });

  it('is read in one batch for fifty aliases, each id once', async () => {
    const reader = new OrdersAtHand(Array.from({ length: 40 }, (_, index) => row(index + 1)));
    const aliases = Array.from(
      { length: 50 },
      (_, index) => `o${index}: order_details_by_id(id: ${(index % 40) + 1}) { id }`,
    );
    const { data } = await run(reader, `{ ${aliases.join(' ')} typed: order(id: "3") { id certificate { csr } } }`);
    expect(reader.byIds).toHaveLength(1);
    expect([...reader.byIds[0]!.ids].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 40 }, (_, index) => index + 1),
    );
    expect(data).toMatchObject({
      o0: { id: '1' },
      o39: { id: '40' },
      o40: { id: '1' },
      o49: { id: '10' },
      typed: { id: '3', certificate: { csr: null } },
    });
  });

  it('is given by representations, in their order, null for an unknown one', async () => {
    const reader = new OrdersAtHand([row(1, { status: 'issued' }), row(2, { status: 'pending' })]);
    const text =
      'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Order { id status certificate { keySize } } } }';
    const representations = ['2', '9', '1', '2', 'x'].map((id) => ({ __typename: 'Order', id }));
    const { data, errors } = await run(reader, text, { r: representations });
    expect(errors).toEqual([]);
    expect(data).toEqual({
      _entities: [
        { id: '2', status: 'pending', certificate: { keySize: null } },
        null,
        { id: '1', status: 'issued', certificate: { keySize: null } },
        { id: '2', status: 'pending', certificate: { keySize: null } },
        null,
      ],
    });
    expect(reader.byIds.map(({ ids }) => ids)).toEqual([[2, 9, 1]]);
    expect(reader.fields).toEqual(['id', 'keySize', 'status']);
  });

  it('is not kept for the next request', async () => {
    const reader = new OrdersAtHand([row(1)]);
    await run(reader, '{ order(id: "1") { id } }', {}, contextOf());
    await run(reader, '{ order(id: "1") { id } }', {}, contextOf());
    expect(reader.byIds).toHaveLength(2);
  });

  it('fails with the code of the reader', async () => {
    const reader = new OrdersAtHand();
    reader.findByIds = () => Promise.reject(new UpstreamBudgetExhausted(1_000));
    const { data, errors } = await run(reader, '{ order(id: "1") { id } }');
    expect(data).toEqual({ order: null });
    expect(errors).toMatchObject([{ code: 'UPSTREAM_BUDGET_EXHAUSTED', path: ['order'] }]);
  });
});

describe('certificate', () => {
  const orders = [
    row(1, { serialNumber: '0C1F', commonName: 'shop.acme.test' }),
    row(2, { thumbprint: '5B1F', commonName: 'mail.acme.test' }),
  ];

  it('is found by serial number or thumbprint, in either case of letters', async () => {
    const reader = new OrdersAtHand(orders);
    const { data } = await run(
      reader,
      '{ a: certificate(serialNumber: "0c1f") { commonName } b: certificate(thumbprint: "5b1f") { commonName order { id } } c: certificate(thumbprint: "00") { commonName } }',
    );
    expect(data).toEqual({
      a: { commonName: 'shop.acme.test' },
      b: { commonName: 'mail.acme.test', order: { id: '2' } },
      c: null,
    });
    expect(reader.byCertificate.map(({ ref }) => ref)).toEqual([
      { serialNumber: '0C1F' },
      { thumbprint: '5B1F' },
      { thumbprint: '00' },
    ]);
  });

  it.each([
    '(serialNumber: "0C", thumbprint: "5B")',
    '',
    '(serialNumber: "")',
    '(serialNumber: "0C:1F")',
    '(thumbprint: "../account")',
  ])('refuses certificate%s', async (args) => {
    const { errors } = await run(new OrdersAtHand(), `{ certificate${args} { commonName } }`);
    expect(errors).toMatchObject([{ code: 'BAD_USER_INPUT' }]);
  });
});

describe('orders', () => {
  it('asks for 100 orders by default, and for a total only when it is selected', async () => {
    const reader = new OrdersAtHand([row(1)]);
    await run(reader, '{ orders { nodes { id } } }');
    await run(
      reader,
      'query ($t: Boolean!) { orders(first: 7) { ...page } } fragment page on OrderConnection { totalCount @include(if: $t) nodes { id } }',
      { t: true },
    );
    await run(
      reader,
      'query ($t: Boolean!) { orders(first: 7) { ...page } } fragment page on OrderConnection { totalCount @include(if: $t) nodes { id } }',
      { t: false },
    );
    expect(reader.many.map(({ query }) => [query.limit, query.withTotal])).toEqual([
      [100, false],
      [7, true],
      [7, false],
    ]);
  });

  it.each([0, -1, 1_001])('refuses first: %i', async (first) => {
    const { errors } = await run(new OrdersAtHand(), `{ orders(first: ${first}) { nodes { id } } }`);
    expect(errors).toMatchObject([
      { code: 'BAD_USER_INPUT', message: `first is ${first}; it must be between 1 and 1000. Page on with "after".` },
    ]);
  });

  it('pages on from its cursors to the end', async () => {
    const reader = new OrdersAtHand(Array.from({ length: 5 }, (_, index) => row(index + 1)));
    const text =
      'query ($after: String) { orders(first: 2, after: $after, orderBy: [{field: validTill, direction: DESC}]) { edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount } }';
    const seen: string[] = [];
    let after: string | null = null;
    for (let page = 0; page < 3; page += 1) {
      const { data, errors } = await run(reader, text, { after });
      expect(errors).toEqual([]);
      const { edges, pageInfo, totalCount } = (
        data as {
          orders: {
            edges: { cursor: string; node: { id: string } }[];
            pageInfo: Record<string, unknown>;
            totalCount: number;
          };
        }
      ).orders;
      seen.push(...edges.map(({ node }) => node.id));
      expect(pageInfo).toEqual({
        hasNextPage: page < 2,
        hasPreviousPage: page > 0,
        startCursor: edges[0]!.cursor,
        endCursor: edges.at(-1)!.cursor,
      });
      expect(totalCount).toBe(5);
      after = pageInfo['endCursor'] as string;
    }
    expect(seen).toEqual(['1', '2', '3', '4', '5']);
    expect(decodeCursor(after!, reader.many[0]!.query.sort)).toMatchObject({ id: 5 });
    expect(await run(reader, '{ orders(after: "x") { nodes { id } } }')).toMatchObject({
      errors: [{ code: 'BAD_USER_INPUT' }],
    });
  });

  it('skips rows from the start for programs that count pages, and none beside a cursor', async () => {
    const reader = new OrdersAtHand([row(1), row(2), row(3)]);
    const page = async (args: string) => {
      const { data, errors } = await run(reader, `{ orders(${args}) { pageInfo { hasPreviousPage endCursor } } }`);
      return errors.length > 0 ? errors : (data as { orders: { pageInfo: Record<string, unknown> } }).orders.pageInfo;
    };
    const first = (await page('first: 1, offset: 2')) as { hasPreviousPage: boolean; endCursor: string };
    expect(first.hasPreviousPage).toBe(true);
    await page(`first: 1, offset: 2, after: "${first.endCursor}"`);
    expect(reader.many.map(({ query }) => query.offset)).toEqual([2, 0]);
    expect(await page('offset: -1')).toMatchObject([{ code: 'BAD_USER_INPUT' }]);
  });

  it('has no cursors on an empty page', async () => {
    const { data } = await run(
      new OrdersAtHand(),
      '{ orders { nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }',
    );
    expect(data).toEqual({
      orders: {
        nodes: [],
        pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
      },
    });
  });

  it('hands filter and orderBy to the reader, days of a nested filter in the zone of the outer one', async () => {
    const reader = new OrdersAtHand();
    const filter = {
      containerId: { in: ['14'] },
      timeZone: 'Europe/Berlin',
      anyOf: [{ dateCreated: { gte: '2026-11-20' } }],
    };
    // A filter as one variable is of a type that contains itself, which compiled queries cannot take.
    await interpret(
      reader,
      'query ($f: OrderFilter) { orders(filter: $f, orderBy: [{field: cost}]) { nodes { id } } }',
      {
        f: filter,
      },
    );
    await run(
      reader,
      '{ orders(filter: {containerId: {in: [14]}, timeZone: "Europe/Berlin", anyOf: [{dateCreated: {gte: "2026-11-20"}}]}, orderBy: [{field: cost}]) { nodes { id } } }',
    );
    for (const { query } of reader.many) {
      expect(query.conditions).toEqual([
        { op: 'in', field: 'containerId', values: [14] },
        { op: 'anyOf', conditions: [{ op: 'range', field: 'dateCreated', gte: '2026-11-19T23:00:00Z' }] },
      ]);
      expect(query.sort).toEqual([{ field: 'cost', direction: 'asc' }]);
    }
  });

  it('gives typed values', async () => {
    const order = row(730011, {
      status: 'issued', dateCreated: '2026-11-01T00:00:00Z', orderValidTill: '2027-11-01', commonName: '*.acme.test', dnsNames: ['acme.test', '*.acme.test'], validTill: '2026-11-25',
      organizationId: 5001, organizationName: 'Acme Test', containerId: 14, containerName: 'Retail', productNameId: 'ssl_basic', productName: 'Basic OV', productType: 'ssl_certificate',
      userId: 3001, userEmail: 'bo@acme.test', techFirstName: 'Ada', cost: '238.00', customFields: [{ id: 112, label: 'Cost center', value: '4711' }], serverType: -1, keyAlgorithm: 'ECDSA', validFrom: '2026-11-01', organizationUnit: ['Sales'], certificateId: 880021, renewedOrderId: 730044, isRenewed: false,
    } as unknown as Partial<Order>); // prettier-ignore
    const text = `{ orders { nodes {
      id status ageDays dateCreated orderValidTill cost isRenewed renewedOrderId
      certificate { id kind names wildcardNames daysLeft validityDays keyAlgorithm validTill serverPlatformId organizationUnits dnsNames order { id } }
      organization { id name } container { id name } product { nameId name type } user { id email firstName user { __typename id } } technicalContact { firstName email } customFields { id label value }
    } } }`;
    const { data, errors } = await run(new OrdersAtHand([order]), text);
    expect(errors).toEqual([]);
    expect((data as { orders: { nodes: unknown[] } }).orders.nodes).toEqual([
      {
        id: '730011', status: 'issued', ageDays: 22, dateCreated: '2026-11-01T00:00:00Z', orderValidTill: '2027-11-01', cost: '238.00', isRenewed: false, renewedOrderId: '730044',
        certificate: { id: '880021', kind: 'primary', validityDays: 24, keyAlgorithm: 'ECDSA', names: ['*.acme.test', 'acme.test'], wildcardNames: ['*.acme.test'], daysLeft: 2, validTill: '2026-11-25', serverPlatformId: -1, organizationUnits: ['Sales'], dnsNames: ['acme.test', '*.acme.test'], order: { id: '730011' } },
        organization: { id: '5001', name: 'Acme Test' }, container: { id: '14', name: 'Retail' }, product: { nameId: 'ssl_basic', name: 'Basic OV', type: 'ssl_certificate' }, user: { id: '3001', email: 'bo@acme.test', firstName: null, user: { __typename: 'User', id: '3001' } },
        technicalContact: { firstName: 'Ada', email: null }, customFields: [{ id: '112', label: 'Cost center', value: '4711' }],
      },
    ]); // prettier-ignore
  });

  it('gives null for parts that an order has not, and "other" for a status it does not know', async () => {
    const text =
      '{ orders { nodes { status ageDays certificate { daysLeft names } organization { id } container { id } product { nameId } user { id } technicalContact { email } customFields { value } } } }';
    const { data } = await run(new OrdersAtHand([row(1, { status: 'frozen' }), row(2)]), text);
    const empty = {
      ageDays: null,
      certificate: { daysLeft: null, names: [] },
      organization: null,
      container: null,
      product: null,
      user: null,
      technicalContact: null,
      customFields: null,
    };
    expect(data).toEqual({
      orders: {
        nodes: [
          { status: 'other', ...empty },
          { status: null, ...empty },
        ],
      },
    });
  });
});

describe('the fields that are read', () => {
  it('are those of DigiCert below details, and documents only where they are selected', async () => {
    expect(await fieldsFor('{ orders { nodes { details { id common_name issuing_ca } } } }')).toEqual([
      'commonName',
      'id',
      'issuingCa',
    ]);
    expect(await fieldsFor('{ orders { nodes { id restListItem } } }')).toEqual(['id', 'restListItem']);
    expect(await fieldsFor('{ order(id: "1") { restOrderInfo } }')).toEqual(['id', 'restOrderInfo']);
  });

  it.each<[string, string[]]>([
    ['{ orders { nodes { id } } }', ['id']],
    ['{ orders { totalCount pageInfo { hasNextPage endCursor } } }', ['id']],
    ['{ orders { nodes { __typename certificate { __typename } } } }', ['id']],
    ['{ orders { edges { cursor node { certificate { commonName } } } } }', ['commonName', 'id']],
    ['{ orders { nodes { status } edges { node { cost } } } }', ['cost', 'id', 'status']],
    [
      '{ orders { nodes { ageDays certificate { daysLeft serverPlatformId id organizationUnits } } } }',
      ['certificateId', 'dateCreated', 'id', 'organizationUnit', 'serverType', 'validTill'],
    ],
    ['{ orders { nodes { certificate { wildcardNames } } } }', ['commonName', 'dnsNames', 'id']],
    ['{ orders { nodes { certificate { baseDomain daysPast } } } }', ['commonName', 'id', 'validTill']],
    [
      '{ orders { nodes { certificate { baseDomains postQuantum } } } }',
      ['commonName', 'dnsNames', 'id', 'keyAlgorithm'],
    ],
    ['{ orders { nodes { certificate { outlives(day: "today") } } } }', ['id', 'validTill']],
    ['{ orders { nodes { certificate { renewalsPerYear } } } }', ['id', 'validFrom', 'validTill']],
    ['{ orders { nodes { certificate { weaknesses } } } }', ['id', 'keyAlgorithm', 'keySize', 'signatureHash']],
    ['{ orders { nodes { ageHours automation } } }', ['autoRenew', 'dateCreated', 'dcvMethod', 'id']],
    ['{ orders { nodes { renewalRisk } } }', ['autoRenew', 'dcvMethod', 'disableRenewalNotifications', 'id']],
    ['{ orders { nodes { firstSeenRevoked } } }', ['id', 'status']],
    [
      '{ orders { nodes { ownershipGaps(ownerField: "Owner") } } }',
      ['additionalEmails', 'customFields', 'id', 'userId'],
    ],
    [
      '{ orders { nodes { liveCertificates } } }',
      ['certificateId', 'hasDuplicates', 'hasReissues', 'id', 'status', 'validTill'],
    ],
    [
      '{ whereIs(name: "a.test") { matchType certificate { validTill order { status container { name } } } } }',
      ['commonName', 'containerId', 'containerName', 'dnsNames', 'id', 'status', 'validTill'],
    ],
    ['{ whereIs(serialNumber: "0A") { certificate { thumbprint } } }', ['id', 'thumbprint']],
    ['{ orders { nodes { organization { id } } } }', ['id', 'organizationId']],
    [
      '{ orders { nodes { organization { name } container { name } } } }',
      ['containerId', 'containerName', 'id', 'organizationId', 'organizationName'],
    ],
    ['{ orders { nodes { product { nameId name type } } } }', ['id', 'productName', 'productNameId', 'productType']],
    ['{ orders { nodes { user { email } } } }', ['id', 'userEmail', 'userId']],
    ['{ orders { nodes { technicalContact { jobTitle telephone } } } }', ['id', 'techTelephone', 'techTitle']],
    ['{ orders { nodes { customFields { label value } currency } } }', ['currency', 'customFields', 'id']],
    [
      '{ orders { nodes { certificate { order { certificate { order { status certificate { csr } } } } } } } }',
      ['csr', 'id', 'status'],
    ],
    ['{ all: orders { rows: nodes { e: email } } }', ['email', 'id']],
    ['{ order(id: 1) { certificate { keySize } } }', ['id', 'keySize']],
    [
      '{ order(id: 1) { ...o } } fragment o on Order { certificate { ...c } } fragment c on Certificate { issuingCa }',
      ['id', 'issuingCa'],
    ],
    ['{ certificate(serialNumber: "0C") { validTill } }', ['id', 'validTill']],
    ['{ certificate(serialNumber: "0C") { order { id } } }', ['id']],
    [
      '{ certificate(serialNumber: "0C") { id names order { __typename status organization { name } certificate { keySize order { email } } } } }',
      [
        'certificateId',
        'commonName',
        'dnsNames',
        'email',
        'id',
        'keySize',
        'organizationId',
        'organizationName',
        'status',
      ],
    ],
    [
      '{ orders { nodes { duplicates { commonName csr } notes { text } requests { status } validation { status } } } }',
      ['hasDuplicates', 'id'],
    ],
    ['{ orders { nodes { reissues { id user { email } } } } }', ['hasReissues', 'id']],
    [
      '{ orders { nodes { certificate { order { reissues { id } keyAlgorithm: locale } } } } }',
      ['hasReissues', 'id', 'locale'],
    ],
    // No source gives these with `hasReissues`, which would only have spared calls.
    ['{ orders { nodes { agreementId reissues { id } duplicates { id } } } }', ['agreementId', 'hasDuplicates', 'id']],
    [
      '{ orders { nodes { certificate { kind keyAlgorithm validityDays } user { user { id } } } } }',
      ['id', 'keyAlgorithm', 'userId', 'validFrom', 'validTill'],
    ],
    ['{ certificate(serialNumber: "0C") { kind order { duplicates { serialNumber } } } }', ['hasDuplicates', 'id']],
    ['{ order_details_by_id(id: 1) { tech_email container_id } }', ['containerId', 'id', 'techEmail']],
  ])('of %s', async (text, expected) => {
    expect(await fieldsFor(text)).toEqual(expected);
  });

  it('leave out what variables leave out', async () => {
    const text = 'query ($csr: Boolean!) { orders { nodes { status certificate { csr @include(if: $csr) } } } }';
    expect(await fieldsFor(text, { csr: true })).toEqual(['csr', 'id', 'status']);
    expect(await fieldsFor(text, { csr: false })).toEqual(['id', 'status']);
  });
});

it('answers the same compiled and interpreted', async () => {
  const texts = [
    '{ orders(first: 2) { nodes { id status certificate { names } } totalCount } }',
    '{ a: order(id: 1) { id } b: order(id: 9) { id } order_details { id cost } }',
    '{ orders(first: 0) { nodes { id } } order_details(sort: ["x"]) { id } }',
    '{ certificate(serialNumber: "zz") { id } }',
  ];
  for (const text of texts) {
    const orders = [row(1, { status: 'issued', commonName: 'a.test', cost: '9.00' as never }), row(2)];
    const [compiled, interpreted] = [
      await run(new OrdersAtHand(orders), text),
      await interpret(new OrdersAtHand(orders), text),
    ];
    expect(compiled).toEqual(interpreted);
  }
});
