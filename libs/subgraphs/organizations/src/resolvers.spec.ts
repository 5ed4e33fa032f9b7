import { buildSubgraphSchema } from '@apollo/subgraph';
import { describe, expect, it } from '@jest/globals';
import { graphql, isObjectType } from 'graphql';
import {
  containerId,
  domainId,
  everything,
  orderId,
  organizationId,
  ReadLedger,
  UpstreamUnavailable,
  type Domain,
  type Order,
  type OrderBucket,
  type Organization,
  type OrganizationContacts,
  type OrganizationId,
  type Principal,
  type Read,
  type RequestContext,
} from '@certfolio/core';
import { FakeClock } from '@certfolio/core/testing';
import { appErrorOf } from '@certfolio/graph-kit';
import { createOrganizationsSubgraph, sensitiveOrganizationFields } from './index.ts';

const clock = new FakeClock('2026-11-23T12:00:00Z');

const organization = (id: number, name: string, facts: Partial<Organization> = {}): Organization => ({
  id: organizationId(id), name, assumedName: null, displayName: name, status: 'active', isActive: true, address: '1 Main St', address2: null, zip: '84043', city: 'Lehi', state: 'Utah',
  country: 'us', telephone: null, containerId: containerId(10), containerName: 'Acme', assignedContainerIds: [containerId(14)], validations: [], ...facts,
}); // prettier-ignore
const domain = (id: number, name: string, facts: Partial<Domain> = {}): Domain => ({
  id: domainId(id), name, isActive: true, dateCreated: null, organizationId: organizationId(1), organizationName: 'Acme', containerId: null, containerName: null,
  dcvMethod: 'email', dcvApprovedAt: null, dcvExpiresOv: null, dcvExpiresEv: null, dcvExpiresOvShortened: null, dcvStatusOv: null, dcvStatusEv: null, validations: [], ...facts,
}); // prettier-ignore
const at = (text: string) => text as Domain['dcvExpiresOv'] & string;

const person = (id: number) => ({ id, firstName: 'Ada', lastName: 'Ray', email: `ada${id}@acme.test` });
const organizations = [
  organization(2, 'Beta'),
  organization(1, 'Acme Test', {
    validations: [
      {
        type: 'ov',
        name: 'OV',
        description: null,
        dateCreated: null,
        validatedUntil: at('2026-02-05T10:00:00Z'),
        status: 'active',
        dcvStatus: null,
        verifiedUsers: [person(7)],
      },
    ],
  }),
  organization(3, 'acme old', { isActive: false, containerId: null, assignedContainerIds: [] }),
];
const domains = [
  domain(11, 'b.test', { dcvExpiresOv: at('2026-12-03T12:00:00Z') }),
  domain(12, 'a.test', { dcvExpiresOv: at('2026-11-23T11:59:59Z'), organizationId: organizationId(2) }),
  domain(13, 'c.test', { isActive: false, organizationId: null }),
  domain(14, 'a.test', {
    dcvExpiresOv: at('2026-12-23T11:59:59Z'),
    dcvExpiresOvShortened: at('2026-12-01T00:00:00Z'),
    dcvStatusOv: 'valid',
    dcvStatusEv: 'expired',
    validations: [
      {
        type: 'ov',
        name: 'OV',
        description: null,
        dateCreated: null,
        validatedUntil: null,
        status: 'active',
        dcvStatus: 'complete',
        verifiedUsers: [],
      },
    ],
  }),
];

const contactsOf = (id: number): OrganizationContacts => {
  const contact = {
    ...person(id * 100),
    jobTitle: 'Buyer',
    telephone: null,
    telephoneExtension: '5',
    contactType: null,
  };
  return { organizationContact: contact, verifiedContacts: [person(id * 100 + 1)], contacts: [contact] };
};

const waitingOrders: readonly Order[] = [
  { id: orderId(1), commonName: 'www.a.test', dnsNames: ['b.test'] },
  { id: orderId(2), commonName: '*.a.test', dnsNames: null },
];
const orderBucket = (id: number, status: string, count: number): OrderBucket => ({
  values: [id, status],
  count,
  costSum: null,
  costMin: null,
  costMax: null,
  validTillMin: null,
  validTillMax: null,
});
const orderBuckets = [orderBucket(1, 'issued', 5), orderBucket(1, 'pending', 2), orderBucket(1, 'processing', 1)];

/** The subgraph over arrays; `asked` is every read that was made. */
function subgraphAtHand() {
  const asked: { readonly what: string; readonly ids: readonly number[] | null; readonly read: Read }[] = [];
  const noted = <T>(what: string, ids: readonly number[] | null | undefined, read: Read, rows: T): T => {
    asked.push({ what, ids: ids == null ? null : [...ids], read });
    return rows;
  };
  const subgraph = createOrganizationsSubgraph({
    clock,
    organizationsOf: (account) => ({
      findByIds: async (ids, read) =>
        noted(
          `${account} organizations by id`,
          ids,
          read,
          organizations.filter(({ id }) => ids.includes(id)),
        ),
      findAll: async (read) => noted(`${account} organizations`, null, read, organizations),
    }),
    contactsOf: (account) => ({
      find: async (ids, read) =>
        noted(
          `${account} contacts`,
          ids,
          read,
          new Map(ids.filter((id) => id !== 2).map((id) => [id, contactsOf(id)])),
        ),
    }),
    ordersOf: (account) => ({
      findByIds: async () => [],
      findByCertificate: async () => null,
      findMany: async (_query, read) => ({
        orders: noted(`${account} orders that wait`, null, read, waitingOrders),
        hasNext: false,
        total: null,
        positionOf: ({ id }) => ({ sortValues: [], id }),
      }),
      buckets: async (_query, read) => noted(`${account} orders by organization`, null, read, orderBuckets),
    }),
    domainsOf: (account) => ({
      findByIds: async (ids, read) =>
        noted(
          `${account} domains by id`,
          ids,
          read,
          domains.filter(({ id }) => ids.includes(id)),
        ),
      findAll: async (read, of?: readonly OrganizationId[]) =>
        noted(
          `${account} domains`,
          of,
          read,
          domains.filter(({ organizationId: id }) => of === undefined || (id !== null && of.includes(id))),
        ),
    }),
  });
  const schema = buildSubgraphSchema([{ typeDefs: subgraph.typeDefs, resolvers: subgraph.resolvers as never }]);
  const run = async (source: string, variableValues: Record<string, unknown> = {}, context = contextOf()) => {
    const { data, errors = [] } = await graphql({ schema, source, variableValues, contextValue: context });
    return {
      data: JSON.parse(JSON.stringify(data ?? null)),
      codes: errors.map((error) => appErrorOf(error)?.code ?? error.message),
    };
  };
  const emailFields = Object.values(schema.getTypeMap()).flatMap((type) =>
    isObjectType(type) && 'email' in type.getFields() ? [`${type.name}.email`] : [],
  );
  return { run, asked, emailFields };
}

function contextOf(): RequestContext {
  const principal = { keyId: 'caller0001', account: 'default', scope: everything, lane: 'interactive' } as Principal;
  return {
    requestId: 'r',
    principal,
    deadline: new Date(clock.nowMs() + 10_000),
    signal: new AbortController().signal,
    maxAgeMs: 0,
    planOnly: false,
    run: null,
    ledger: new ReadLedger(),
  };
}

const names = async (source: string) => {
  const { data, codes } = await subgraphAtHand().run(source);
  expect(codes).toEqual([]);
  return (Object.values(data)[0] as { name: string }[]).map(({ name }) => name);
};

describe('organizations', () => {
  it.each([
    ['{ organizations { name } }', ['Acme Test', 'Beta', 'acme old']],
    ['{ organizations(filter: {isActive: true}) { name } }', ['Acme Test', 'Beta']],
    ['{ organizations(filter: {nameContains: "ACME"}) { name } }', ['Acme Test', 'acme old']],
    ['{ organizations(filter: {ids: ["2", "1", "9", "x", "2"]}) { name } }', ['Acme Test', 'Beta']],
    ['{ organizations(filter: {ids: []}) { name } }', []],
    ['{ organizations(filter: null) { name } }', ['Acme Test', 'Beta', 'acme old']],
  ])('of %s are %j', async (source, expected) => {
    // An id that is named twice is one organization.
    expect(await names(source)).toEqual(expected);
  });

  it('show their divisions and validations', async () => {
    const { data } = await subgraphAtHand().run(
      '{ a: organization(id: "1") { id container { id name } assignedContainers { id } validations { type validatedUntil status dcvStatus verifiedUsers { id email } } } b: organization(id: "3") { container { id } assignedContainers { id } validations { type } } }',
    );
    expect(data).toEqual({
      a: {
        id: '1',
        container: { id: '10', name: 'Acme' },
        assignedContainers: [{ id: '14' }],
        validations: [
          {
            type: 'ov',
            validatedUntil: '2026-02-05T10:00:00Z',
            status: 'active',
            dcvStatus: null,
            verifiedUsers: [{ id: '7', email: 'ada7@acme.test' }],
          },
        ],
      },
      b: { container: null, assignedContainers: [], validations: [] },
    });
  });

  it('have people, read for all of them in one batch', async () => {
    const { run, asked } = subgraphAtHand();
    const { data } = await run(
      '{ organizations { id organizationContact { id email telephoneExtension } verifiedContacts { id firstName } contacts { jobTitle } } }',
    );
    expect(data.organizations.slice(0, 2)).toEqual([
      {
        id: '1',
        organizationContact: { id: '100', email: 'ada100@acme.test', telephoneExtension: '5' },
        verifiedContacts: [{ id: '101', firstName: 'Ada' }],
        contacts: [{ jobTitle: 'Buyer' }],
      },
      { id: '2', organizationContact: null, verifiedContacts: null, contacts: null },
    ]);
    expect(asked.map(({ what, ids }) => [what, ids])).toEqual([
      ['default organizations', null],
      ['default contacts', [1, 2, 3]],
    ]);
  });

  it('keep addresses for keys that may see them', () => {
    const { emailFields } = subgraphAtHand();
    expect([...sensitiveOrganizationFields.keys()].toSorted()).toEqual(emailFields.toSorted());
  });

  it('are null where there is none', async () => {
    const { run, asked } = subgraphAtHand();
    expect(
      (await run('{ a: organization(id: "9") { id } b: organization(id: "x") { id } c: domain(id: "-1") { id } }'))
        .data,
    ).toEqual({ a: null, b: null, c: null });
    expect(asked).toHaveLength(1);
  });
});

describe('domains', () => {
  it.each([
    ['{ domains { name } }', ['a.test', 'a.test', 'b.test', 'c.test']],
    ['{ domains(filter: {isActive: true, nameContains: "B."}) { name } }', ['b.test']],
    ['{ domains(filter: {organizationIds: ["2", "x"]}) { name } }', ['a.test']],
    // Validations that end within ten days, or have ended; those without an end are not among them.
    ['{ domains(filter: {dcvExpiresWithinDays: 10}) { name } }', ['a.test', 'b.test']],
    ['{ domains(filter: {dcvExpiresWithinDays: 0}) { name } }', ['a.test']],
    ['{ domains(filter: {dcvExpiresWithinDays: -2}) { name } }', []],
  ])('of %s are %j', async (source, expected) => {
    expect(await names(source)).toEqual(expected);
  });

  it('tell where the reuse of their validation stands', async () => {
    const { data } = await subgraphAtHand().run(
      '{ domain(id: "14") { dcvStatusOv dcvStatusEv dcvExpiresOvShortened validations { dcvStatus } } }',
    );
    expect(data.domain).toEqual({
      dcvStatusOv: 'valid',
      dcvStatusEv: 'expired',
      dcvExpiresOvShortened: '2026-12-01T00:00:00Z',
      validations: [{ dcvStatus: 'complete' }],
    });
  });

  it('count whole days to the end of their validation, negative when it has passed', async () => {
    const { data } = await subgraphAtHand().run('{ domains { id dcvDaysLeft dcvExpiresOv } }');
    expect(
      (data.domains as { id: string; dcvDaysLeft: number | null }[]).map(({ id, dcvDaysLeft }) => [id, dcvDaysLeft]),
    ).toEqual([
      ['12', -1],
      ['14', 29],
      ['11', 10],
      ['13', null],
    ]);
  });
});

describe('batches', () => {
  it('are one per tick and kind, each id once', async () => {
    const { run, asked } = subgraphAtHand();
    const representations = ['1', '2', '9', '1'].map((id) => ({ __typename: 'Organization', id }));
    const { data } = await run(
      'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Organization { name domains { name organization { name } } } } organization(id: "2") { name } }',
      { r: representations },
    );
    const acme = {
      name: 'Acme Test',
      domains: [
        { name: 'a.test', organization: { name: 'Acme Test' } },
        { name: 'b.test', organization: { name: 'Acme Test' } },
      ],
    };
    const beta = { name: 'Beta', domains: [{ name: 'a.test', organization: { name: 'Beta' } }] };
    expect(data).toEqual({ _entities: [acme, beta, null, acme], organization: { name: 'Beta' } });
    expect(asked.map(({ what, ids }) => [what, ids?.toSorted((a, b) => a - b)])).toEqual([
      ['default organizations by id', [1, 2, 9]],
      ['default domains', [1, 2]],
    ]);
  });

  it('show the organization of a row that the caller sees, whatever its division, but no division outside the scope', async () => {
    const { run, asked } = subgraphAtHand();
    const scope = { containers: new Set([containerId(999)]) };
    const context = { ...contextOf(), principal: { ...contextOf().principal, scope } };
    const { data } = await run(
      'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Organization { name container { id } assignedContainers { id } } } }',
      { r: [{ __typename: 'Organization', id: '1' }] },
      context,
    );
    expect(data).toEqual({ _entities: [{ name: 'Acme Test', container: null, assignedContainers: [] }] });
    expect(asked[0]!.read.scope).toEqual(everything);
  });

  it('read with the caller’s own scope and deadline, and are not kept for the next request', async () => {
    const { run, asked } = subgraphAtHand();
    const context = {
      ...contextOf(),
      principal: { ...contextOf().principal, scope: { containers: new Set([containerId(14)]) }, account: 'eu' },
    };
    await run('{ organization(id: "1") { id } }', {}, context);
    await run('{ organization(id: "1") { id } }', {}, contextOf());
    expect(asked.map(({ what }) => what)).toEqual(['eu organizations by id', 'default organizations by id']);
    // What the scope shows is the reader's to decide.
    expect(asked[0]!.read).toMatchObject({ scope: context.principal.scope, deadline: context.deadline });
  });

  it('fail with the code of the reader', async () => {
    const subgraph = createOrganizationsSubgraph({
      clock,
      organizationsOf: () => ({
        findByIds: () => Promise.reject(new UpstreamUnavailable('GET /organization', 'status 500')),
        findAll: async () => [],
      }),
      domainsOf: () => ({ findByIds: async () => [], findAll: async () => [] }),
      contactsOf: () => ({ find: async () => new Map() }),
      ordersOf: () => {
        throw new Error('not asked');
      },
    });
    const schema = buildSubgraphSchema([{ typeDefs: subgraph.typeDefs, resolvers: subgraph.resolvers as never }]);
    const { errors, data } = await graphql({
      schema,
      source: '{ organization(id: "1") { id } organizations { id } }',
      contextValue: contextOf(),
    });
    expect(JSON.parse(JSON.stringify(data))).toEqual({ organization: null, organizations: [] });
    expect(errors!.map((error) => [error.path, appErrorOf(error)?.code])).toEqual([
      [['organization'], 'UPSTREAM_UNAVAILABLE'],
    ]);
  });
});

describe('validations of organizations', () => {
  const query = (filter: string) =>
    `{ organizationValidations${filter} { organization { id } type daysLeft validatedUntil } }`;

  it('come with the whole days until they end, and their organization', async () => {
    const { data } = await subgraphAtHand().run(query(''));
    expect(data.organizationValidations).toEqual([
      { organization: { id: '1' }, type: 'ov', daysLeft: -292, validatedUntil: '2026-02-05T10:00:00Z' },
    ]);
  });

  it('are found by their end, kind, organization and division', async () => {
    const count = async (filter: string) =>
      (await subgraphAtHand().run(query(`(filter: { ${filter} })`))).data.organizationValidations.length;
    expect(
      await Promise.all(
        [
          'endsWithinDays: 0',
          'endsWithinDays: -292',
          'endsWithinDays: -293',
          'types: ["ev"]',
          'organizationIds: ["2"]',
          'containerIds: ["14"]',
          'containerIds: ["15"]',
          'isActive: false',
          'nameContains: "TEST"',
        ].map(count),
      ),
    ).toEqual([1, 1, 0, 0, 0, 1, 0, 0, 1]);
  });
});

describe('orders that lean on domains and organizations', () => {
  it('are counted for all of them by one read', async () => {
    const { run, asked } = subgraphAtHand();
    const { data } = await run('{ domains { name waitingOrders } organizations { id waitingOrders issuedOrders } }');
    expect(data.domains.map((one: { name: string; waitingOrders: number }) => [one.name, one.waitingOrders])).toEqual([
      ['a.test', 2],
      ['a.test', 2],
      ['b.test', 1],
      ['c.test', 0],
    ]);
    expect(data.organizations).toContainEqual({ id: '1', waitingOrders: 3, issuedOrders: 5 });
    expect(data.organizations).toContainEqual({ id: '2', waitingOrders: 0, issuedOrders: 0 });
    expect(asked.map(({ what }) => what).filter((what) => what.includes('orders'))).toEqual([
      'default orders that wait',
      'default orders by organization',
    ]);
  });
});

it('domains that need their validation soon are those that lack it, too', async () => {
  expect(await names('{ domains(filter: { needsDcvWithinDays: 10 }) { name } }')).toEqual([
    'a.test',
    'b.test',
    'c.test',
  ]);
  expect(await names('{ domains(filter: { dcvExpiresWithinDays: 10 }) { name } }')).toEqual(['a.test', 'b.test']);
});
