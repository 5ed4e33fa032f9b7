process.env['APOLLO_TELEMETRY_DISABLED'] = 'true';
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parse, validate } from 'graphql';
import { orderId, organizationId, type Order } from '@certfolio/core';
import { FakeClock } from '@certfolio/core/testing';
import type { ExecutionAnswer, OperationRunner, PreparedOperation, Supergraph } from '../src/index.ts';
import { drawFrom, randomOperation } from './random-operation.ts';
import { contextOf, loggerAtHand } from './request-context.ts';
import { DataAtHand, organization } from './subgraphs-at-hand.ts';

// Loaded after the line above has told Apollo's gateway to send nothing anywhere.
const { composeSupergraph, createOperationRunner, createSupergraph } = await import('../src/index.ts');

const clock = new FakeClock();
const logger = loggerAtHand();
const data = new DataAtHand();
const subgraphs = data.subgraphs(clock, logger);
const runners = new Map(subgraphs.map((subgraph) => [subgraph.name, subgraph]));

let supergraph: Supergraph;
let operations: OperationRunner;

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
  const definitions = subgraphs.map(({ name, typeDefs }) => ({ name, typeDefs, url: '' }));
  supergraph = createSupergraph({ supergraphSdl: composeSupergraph(definitions), runners, logger });
  operations = await createOperationRunner(supergraph, logger);
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
afterAll(() => operations.stop());

const prepared = (source: string): PreparedOperation => ({
  document: parse(source),
  source,
  hash: createHash('sha256').update(source).digest('hex'),
  operationName: null,
});

const told = ({ data: answer, errors }: ExecutionAnswer) => ({
  // As text, since the order of fields counts.
  data: JSON.stringify(answer),
  errors: errors.map(({ path, extensions }) => JSON.stringify({ path, code: extensions?.['code'] })).sort(),
});

/** The first run is Apollo's, and tells the plan; the second is ours. */
async function bothWays(source: string, variables: Record<string, unknown> = {}) {
  const operation = prepared(source);
  const run = () => operations.runPrepared(operation, variables, contextOf(clock.nowMs()));
  const byApollo = await run();
  const plan = supergraph.plans.find(operation.hash, null);
  const byUs = await run();
  return { byApollo, byUs, by: plan?.kind ?? 'apollo' };
}

async function expectAlike(source: string, variables: Record<string, unknown> = {}) {
  const { byApollo, byUs, by } = await bothWays(source, variables);
  expect({ source, variables, ...told(byUs) }).toEqual({ source, variables, ...told(byApollo) });
  return { ...byUs, by };
}

describe('a prepared plan', () => {
  it('answers what Apollo answers, byte for byte, for any query', async () => {
    const seen = new Map<string, number>();
    let failed = 0;
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const { source, variables } = randomOperation(supergraph.schema(), drawFrom(seed), ['1', '5001', '5003', '99']);
        fc.pre(validate(supergraph.schema(), parse(source)).length === 0);
        const { by, errors } = await expectAlike(source, variables);
        seen.set(by, (seen.get(by) ?? 0) + 1);
        if (by === 'plan' && errors.length > 0) failed += 1;
      }),
      { numRuns: 300, seed: 20_261_123 },
    );
    // The property says something only if the queries do take this way, with errors and without.
    expect(seen.get('plan')).toBeGreaterThan(50);
    expect(failed).toBeGreaterThan(5);
  }, 120_000);
});
