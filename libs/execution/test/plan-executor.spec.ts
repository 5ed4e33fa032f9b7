process.env['APOLLO_TELEMETRY_DISABLED'] = 'true';
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parse, validate } from 'graphql';
import { orderId, organizationId, type Order } from '@certfolio/core';
import { FakeClock } from '@certfolio/core/testing';
import type {
  ExecutionAnswer,
  LocalSubgraph,
  OperationRunner,
  PreparedOperation,
  SubgraphRunner,
  Supergraph,
} from '../src/index.ts';
import { drawFrom, randomOperation } from './random-operation.ts';
import { contextOf, loggerAtHand } from './request-context.ts';
import { DataAtHand, organization } from './subgraphs-at-hand.ts';
import { wovenSubgraphs } from './woven-subgraphs.ts';

// Loaded after the line above has told Apollo's gateway to send nothing anywhere.
const { composeSupergraph, createOperationRunner, createSupergraph } = await import('../src/index.ts');

const clock = new FakeClock();
const logger = loggerAtHand();
const data = new DataAtHand();

/** A gateway over subgraphs at hand. */
interface World {
  readonly supergraph: Supergraph;
  readonly operations: OperationRunner;
}

/** @param elsewhere runners that take the place of subgraphs of their name */
async function worldOf(
  local: readonly LocalSubgraph[],
  elsewhere: ReadonlyMap<string, SubgraphRunner> = new Map(),
): Promise<World> {
  const definitions = local.map(({ name, typeDefs }) => ({ name, typeDefs, url: '' }));
  const runners = new Map<string, SubgraphRunner>([
    ...local.map((subgraph) => [subgraph.name, subgraph] as const),
    ...elsewhere,
  ]);
  const supergraph = createSupergraph({ supergraphSdl: composeSupergraph(definitions), runners, logger });
  return { supergraph, operations: await createOperationRunner(supergraph, logger) };
}

let ours: World;
let woven: World;

const order = (id: number, organizationOf: number | null, facts: Partial<Order> = {}): Order => ({
  commonName: `host${id}.acme.test`,
  containerId: 14 as Order['containerId'] & number,
  containerName: 'Retail',
  dateCreated: '2026-02-10T09:12:00Z' as Order['dateCreated'] & string,
  productNameId: id % 2 === 0 ? 'ssl_plus' : null,
  ...facts,
  id: orderId(id),
  organizationId: organizationOf === null ? null : organizationId(organizationOf),
  organizationName: organizationOf === null ? null : `Organization ${organizationOf}`,
});

beforeAll(async () => {
  ours = await worldOf(data.subgraphs(clock, logger));
  woven = await worldOf(wovenSubgraphs(logger));
  data.orders = [
    order(1, 5001, { status: 'issued', dnsNames: ['a.acme.test', 'b.acme.test'] }),
    order(2, 5002, { status: 'nonsense' }),
    order(3, null),
    order(4, 5001, { customFields: [{ id: null, label: 'Cost center', value: '4711' }] }),
    // Unknown to the organizations subgraph.
    order(5, 5009),
    // Two whose organization has a null where none may be.
    order(6, 5003),
    order(7, 5003),
  ];
  data.organizations = [
    organization(5001, { validations: [{ type: 'ov', name: 'OV', description: null } as never] }),
    organization(5002, { assignedContainerIds: [14 as never] }),
    organization(5003, { isActive: null as never, validations: [{ type: null } as never] }),
  ];
});
afterAll(async () => {
  await ours.operations.stop();
  await woven.operations.stop();
});

const prepared = (source: string): PreparedOperation => ({
  document: parse(source),
  source,
  hash: createHash('sha256').update(source).digest('hex'),
  operationName: null,
});

const told = ({ data: answer, errors }: ExecutionAnswer, isOrdered: boolean) => ({
  data: isOrdered ? JSON.stringify(answer) : (JSON.parse(JSON.stringify(answer)) as unknown),
  errors: errors.map(({ path, extensions }) => JSON.stringify({ path, code: extensions?.['code'] })).sort(),
});

/** The first run is Apollo's, and tells the plan; the second is ours. Both must say the same. */
async function runBothWays({ supergraph, operations }: World, source: string, variables: Record<string, unknown> = {}) {
  const operation = prepared(source);
  const run = () => operations.runPrepared(operation, variables, contextOf(clock.nowMs()));
  const byApollo = await run();
  const plan = supergraph.plans.find(operation.hash, null);
  const byUs = await run();
  const by = plan?.kind ?? 'apollo';
  // A subgraph that answers alone keeps the order of the specification, where Apollo puts equal fragments together.
  const isOrdered = by !== 'subgraph';
  expect({ source, variables, ...told(byUs, isOrdered) }).toEqual({ source, variables, ...told(byApollo, isOrdered) });
  return { ...byUs, by } as const;
}

/** Random queries of a world, and how they were run. */
async function compareMany(world: World, ids: readonly string[], numRuns: number) {
  const seen = { plan: 0, subgraph: 0, apollo: 0, withErrors: 0 };
  await fc.assert(
    fc.asyncProperty(fc.integer(), async (seed) => {
      const schema = world.supergraph.schema();
      const { source, variables } = randomOperation(schema, drawFrom(seed), ids);
      fc.pre(validate(schema, parse(source)).length === 0);
      const { by, errors } = await runBothWays(world, source, variables);
      seen[by] += 1;
      if (by === 'plan' && errors.length > 0) seen.withErrors += 1;
    }),
    { numRuns, seed: 20_261_123 },
  );
  return seen;
}

describe('a prepared plan', () => {
  it('answers what Apollo answers, byte for byte, for any query of subgraphs that get much wrong', async () => {
    const seen = await compareMany(woven, ['1', '2', '5'], 150);
    // It says something only if the queries do take this way, with errors and without.
    expect(seen.plan).toBeGreaterThan(60);
    expect(seen.withErrors).toBeGreaterThan(30);
  }, 120_000);

  it('merges what two subgraphs give of one object or list', async () => {
    const { data: answer, by } = await runBothWays(
      woven,
      '{ item(id: 6) { part { shape { width height } layers { width height } } } }',
    );
    expect(by).toBe('plan');
    const layers = [
      { width: 1, height: 5 },
      { width: 2, height: 6 },
    ];
    expect(answer).toEqual({ item: { part: { shape: { width: 3, height: 4 }, layers } } });
  });

  it.each([
    ['equal fragments', '{ items { id ... on Item { label } kind ... on Item { part { name } } } }'],
    [
      'a field under two conditions',
      'query($a: Boolean = true) { items { part { name } part @skip(if: $a) { size } } }',
    ],
    ['names of JavaScript', '{ items { constructor: label part { name } } }'],
  ])("leaves to Apollo's executor %s", async (_what, source) => {
    expect((await runBothWays(woven, source)).by).toBe('apollo');
  });

  it.each<[string, unknown]>([
    ['another number of entities', { _entities: [] }],
    ['texts for entities', { _entities: ['a', 'b'] }],
    ['a text for a list', { _entities: [{ tags: 'a' }, { tags: 'b' }] }],
    ['entities of another type', { _entities: [{ __typename: 'Item' }, { __typename: 'Item' }] }],
    ['nothing', null],
  ])('gives what Apollo gives when a subgraph elsewhere answers with %s', async (_what, given) => {
    const odd: SubgraphRunner = { run: async () => ({ data: given as Record<string, unknown> | null }) };
    const world = await worldOf(wovenSubgraphs(logger), new Map([['names', odd]]));
    const { by } = await runBothWays(world, '{ strict { part { tags } } }');
    expect(by).toBe('plan');
    await world.operations.stop();
  });

  it('does the same for any query of the product', async () => {
    const seen = await compareMany(ours, ['1', '5001', '5003', '99'], 60);
    expect(seen.plan).toBeGreaterThan(10);
  }, 120_000);
});
