process.env['APOLLO_TELEMETRY_DISABLED'] = 'true';
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse, validate } from 'graphql';
import { orderId, organizationId, UpstreamBudgetExhausted, type Order } from '@certfolio/core';
import { FakeClock } from '@certfolio/core/testing';
import type { OperationRunner, PreparedOperation, Supergraph } from '../src/index.ts';
import { contextOf, loggerAtHand } from './request-context.ts';
import { DataAtHand, organization } from './subgraphs-at-hand.ts';

// Loaded after the line above has told Apollo's gateway to send nothing anywhere.
const { composeSupergraph, createOperationRunner, createSupergraph } = await import('../src/index.ts');

const clock = new FakeClock();
const logger = loggerAtHand();
const data = new DataAtHand();
const subgraphs = data.subgraphs(clock, logger);
const definitions = subgraphs.map(({ name, typeDefs }) => ({ name, typeDefs, url: '' }));
const runners = new Map(subgraphs.map((subgraph) => [subgraph.name, subgraph]));

let supergraph: Supergraph;
let operations: OperationRunner;

beforeAll(async () => {
  supergraph = createSupergraph({ supergraphSdl: composeSupergraph(definitions), runners, logger });
  operations = await createOperationRunner(supergraph, logger);
});
afterAll(() => operations.stop());

function prepared(source: string, operationName: string | null = null): PreparedOperation {
  const document = parse(source);
  expect(validate(supergraph.schema(), document).map(({ message }) => message)).toEqual([]);
  return { document, source, hash: createHash('sha256').update(source).digest('hex'), operationName };
}

/** Runs a text both ways, which must give the same answer. */
async function answerOf(source: string, variables: Record<string, unknown> = {}, operationName: string | null = null) {
  const byText = await operations.runText(source, operationName, variables, contextOf(clock.nowMs()));
  const byPlan = await operations.runPrepared(prepared(source, operationName), variables, contextOf(clock.nowMs()));
  const told = ({ data, errors }: typeof byText) => ({
    data,
    errors: errors.map(({ message, path, extensions }) => ({ message, path, code: extensions?.['code'], extensions })),
  });
  expect(told(byPlan)).toEqual(told(byText));
  return JSON.parse(JSON.stringify(told(byText))) as ReturnType<typeof told>;
}

const order = (id: number, organizationOf: number | null, facts: Partial<Order> = {}): Order => ({
  ...facts,
  id: orderId(id),
  organizationId: organizationOf === null ? null : organizationId(organizationOf),
  organizationName: organizationOf === null ? null : `Organization ${organizationOf}`,
});

beforeAll(() => {
  data.orders = [order(1, 5001, { status: 'issued' }), order(2, 5002), order(3, null), order(4, 5001), order(5, 5009)];
  data.organizations = [organization(5001), organization(5002)];
});

describe('an operation over both subgraphs', () => {
  it('joins organizations to orders in one batch, each id once', async () => {
    data.organizationBatches.length = 0;
    const { data: answer, errors } = await answerOf('{ orders { nodes { id organization { id name city } } } }');
    expect(errors).toEqual([]);
    const nodes = (answer as { orders: { nodes: { organization: unknown }[] } }).orders.nodes;
    expect(nodes.map((node) => node.organization)).toEqual([
      { id: '5001', name: 'Organization 5001', city: 'City 5001' },
      { id: '5002', name: 'Organization 5002', city: 'City 5002' },
      null,
      { id: '5001', name: 'Organization 5001', city: 'City 5001' },
      // Unknown to the other subgraph: what the order says of it stays.
      { id: '5009', name: 'Organization 5009', city: null },
    ]);
    // One batch for each of the two ways that the document was run.
    expect(data.organizationBatches.map((ids) => [...ids].sort())).toEqual([
      [5001, 5002, 5009],
      [5001, 5002, 5009],
    ]);
  });

  it('asks the organizations subgraph nothing for what the orders subgraph knows', async () => {
    data.organizationBatches.length = 0;
    await answerOf('{ orders { nodes { organization { id name } } } }');
    expect(data.organizationBatches).toEqual([]);
  });

  it('takes variables, named operations, fragments and directives', async () => {
    const source = `
      query Some($first: Int!, $status: Boolean!) { orders(first: $first) { ...page } }
      query Other { organization(id: 5002) { name } }
      fragment page on OrderConnection { nodes { id status @include(if: $status) } }
    `;
    expect(await answerOf(source, { first: 1, status: true }, 'Some')).toEqual({
      data: { orders: { nodes: [{ id: '1', status: 'issued' }] } },
      errors: [],
    });
    expect(await answerOf(source, { first: 1, status: false }, 'Some')).toEqual({
      data: { orders: { nodes: [{ id: '1' }] } },
      errors: [],
    });
    expect(await answerOf(source, {}, 'Other')).toEqual({
      data: { organization: { name: 'Organization 5002' } },
      errors: [],
    });
  });

  it('takes a whole filter as a variable', async () => {
    data.queries.length = 0;
    const { errors } = await answerOf('query ($f: OrderFilter) { orders(filter: $f) { nodes { id } } }', {
      f: { anyOf: [{ isRenewed: true }, { not: { status: { in: ['issued'] } } }] },
    });
    expect(errors).toEqual([]);
    expect(data.queries).toHaveLength(2);
    expect(data.queries[0]!.conditions).toMatchObject([
      { op: 'anyOf', conditions: [{ op: 'in', field: 'isRenewed', values: [true] }, { op: 'not' }] },
    ]);
  });

  it("gives DigiCert's compatible query in the order of its fields", async () => {
    const { data: answer } = await answerOf('{ order_details(limit: 1) { status id organization_id } }');
    expect(JSON.stringify(answer)).toBe('{"order_details":[{"status":"issued","id":"1","organization_id":"5001"}]}');
  });
});

describe('errors of an operation', () => {
  it('stand beside the data of the parts that answered, with path and code', async () => {
    data.failOrders = new UpstreamBudgetExhausted(2_000);
    const { data: answer, errors } = await answerOf('{ bad: orders { nodes { id } } organization(id: 5001) { city } }');
    data.failOrders = null;
    expect(answer).toEqual({ bad: null, organization: { city: 'City 5001' } });
    expect(errors).toMatchObject([
      {
        path: ['bad'],
        code: 'UPSTREAM_BUDGET_EXHAUSTED',
        extensions: { code: 'UPSTREAM_BUDGET_EXHAUSTED', retryAfterMs: 2_000 },
      },
    ]);
    expect(Object.keys(errors[0]!.extensions!).sort()).toEqual(['code', 'retryAfterMs']);
  });

  it("hide a stranger's message", async () => {
    data.failOrders = new TypeError('postgres://user:password@db');
    const answer = await answerOf('{ orders { nodes { id } } }');
    data.failOrders = null;
    expect(answer.errors).toMatchObject([{ path: ['orders'], code: 'INTERNAL_SERVER_ERROR' }]);
    expect(JSON.stringify(answer)).not.toContain('password');
  });

  it('say of a wrong variable that it is bad input', async () => {
    for (const variables of [{ first: 'ten' }, {}]) {
      const { errors } = await answerOf('query ($first: Int!) { orders(first: $first) { nodes { id } } }', variables);
      expect(errors).toMatchObject([{ code: 'BAD_USER_INPUT' }]);
    }
    const { errors } = await answerOf('{ orders(first: 0) { nodes { id } } }');
    expect(errors).toMatchObject([{ code: 'BAD_USER_INPUT', path: ['orders'] }]);
  });

  it('of a text name what is wrong with it', async () => {
    const codeOf = async (source: string, name: string | null = null) =>
      (await operations.runText(source, name, {}, contextOf(clock.nowMs()))).errors.map(
        ({ extensions }) => extensions?.['code'],
      );
    expect(await codeOf('{ orders {')).toEqual(['GRAPHQL_PARSE_FAILED']);
    expect(await codeOf('{ nothing }')).toEqual(['GRAPHQL_VALIDATION_FAILED']);
    expect(await codeOf('query A { __typename } query B { __typename }')).toEqual(['OPERATION_RESOLUTION_FAILURE']);
  });
});

describe('a new schema', () => {
  it('takes the place of the old one, is told of, and a broken one changes nothing', async () => {
    const changes: number[] = [];
    supergraph.onChange(() => changes.push(changes.length + 1));
    const [orders] = definitions;
    await supergraph.update(composeSupergraph([orders!]), new Map([['orders', runners.get('orders')!]]));
    expect(changes).toEqual([1]);
    expect(supergraph.schema().getQueryType()!.getFields()).not.toHaveProperty('organization');
    expect(
      (await operations.runText('{ orders(first: 1) { nodes { id } } }', null, {}, contextOf(clock.nowMs()))).data,
    ).toMatchObject({ orders: {} });

    for (const broken of ['type Query {', 'type Query { x: Int }', '']) {
      await expect(supergraph.update(broken, new Map())).rejects.toThrow();
    }
    expect(
      (await operations.runText('{ orders(first: 1) { nodes { id } } }', null, {}, contextOf(clock.nowMs()))).errors,
    ).toEqual([]);
    expect(changes).toEqual([1]);

    await supergraph.update(composeSupergraph(definitions), runners);
    expect(changes).toEqual([1, 2]);
    expect((await answerOf('{ organization(id: 5001) { city } }')).data).toEqual({
      organization: { city: 'City 5001' },
    });
  });

  it('has an answer for a subgraph without a runner', async () => {
    await supergraph.update(
      `${composeSupergraph(definitions)}\n# the same`,
      new Map([['orders', runners.get('orders')!]]),
    );
    const { data: answer, errors } = await answerOf(
      '{ orders(first: 1) { nodes { id } } organization(id: 5001) { city } }',
    );
    await supergraph.update(composeSupergraph(definitions), runners);
    expect(answer).toMatchObject({ orders: { nodes: [{ id: '1' }] }, organization: null });
    expect(errors).toMatchObject([{ code: 'SUBGRAPH_UNAVAILABLE' }]);
  });
});

describe('a text that comes again and again', () => {
  it('runs its prepared plan from the third time on, with the same answer', async () => {
    const asApolloAsks: string[] = [];
    const watched = runners.get('orders')!;
    await supergraph.update(
      `${composeSupergraph(definitions)}\n# watched`,
      new Map([
        ...runners,
        [
          'orders',
          {
            ...watched,
            run: (...asked: Parameters<typeof watched.run>) => {
              asApolloAsks.push(asked[0]);
              return watched.run(...asked);
            },
          },
        ],
      ]),
    );
    const source = 'query Again($first: Int!) { orders(first: $first) { nodes { id organization { id city } } } }';
    const answers: string[] = [];
    for (let time = 1; time <= 4; time += 1) {
      const validated = prepared(source);
      const answer = await operations.runText(source, null, { first: 2 }, contextOf(clock.nowMs()), validated);
      answers.push(JSON.stringify(answer));
    }
    await supergraph.update(composeSupergraph(definitions), runners);
    expect(asApolloAsks).toHaveLength(2);
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toContain('"city":"City 5001"');
  });
});

describe('an operation by id', () => {
  const wayOf = async (source: string) => {
    await answerOf(source);
    // Once more, now that its plan is known: the answer has to stay what it was by text.
    await answerOf(source);
    return supergraph.plans.find(prepared(source).hash, null)?.kind ?? null;
  };

  it('is answered by its subgraph itself when its plan is one fetch', async () => {
    expect(await wayOf('{ orders(first: 2) { nodes { id status } } }')).toBe('subgraph');
    expect(await wayOf('{ a: order(id: 1) { id } b: order_details(limit: 1) { id } }')).toBe('subgraph');
  });

  it('runs its prepared plan when it takes more than one fetch', async () => {
    expect(await wayOf('{ order(id: 1) { id organization { city } } }')).toBe('plan');
    expect(await wayOf('{ order(id: 1) { id } organization(id: 5001) { id } }')).toBe('plan');
  });

  it("is Apollo's where only its executor knows what is meant", async () => {
    expect(await wayOf('{ __schema { queryType { fields { name } } } order(id: 1) { id } }')).toBeNull();
  });
});
