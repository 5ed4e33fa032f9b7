import { describe, expect, it } from '@jest/globals';
import { AppError } from '@certfolio/core';
import { getIntrospectionQuery, parse, validate } from 'graphql';
import { ordersSchema } from '../test/orders-schema.ts';
import { assertCostWithinLimits, assertShapeWithinLimits } from './complexity-limits.ts';
import { estimateCost, type CostOptions } from './operation-cost.ts';
import { operationShape } from './operation-depth.ts';
import { resolveOperation } from './resolve-operation.ts';

const operationOf = (text: string) => {
  const document = parse(text);
  return { document, operation: resolveOperation(document, null) };
};
const costOf = (text: string, variables: Record<string, unknown> = {}, options?: CostOptions) => {
  const { document, operation } = operationOf(text);
  expect(validate(ordersSchema, document)).toEqual([]);
  return estimateCost(ordersSchema, document, operation, variables, options);
};
const shapeOf = (text: string) => {
  const { document, operation } = operationOf(text);
  return operationShape(document, operation);
};
const codeOf = (check: () => unknown) => {
  try {
    check();
    return null;
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
};
const limited = (text: string) => {
  const { document, operation } = operationOf(text);
  assertShapeWithinLimits(document, operation);
  return assertCostWithinLimits(ordersSchema, document, operation, {});
};

describe('the estimated cost', () => {
  it('counts objects and no scalars', () => {
    expect(costOf('{ order(id: 1) { id status certificate { commonName dnsNames } } }')).toBe(2);
    expect(costOf('{ orders { totalCount } }')).toBe(1);
  });

  it('multiplies lists by the page size, whoever says it', () => {
    expect(costOf('{ orders(first: 10) { nodes { certificate { commonName } } } }')).toBe(21);
    expect(costOf('{ orders(first: 10) { edges { node { id } } pageInfo { endCursor } } }')).toBe(22);
    expect(costOf('query($n: Int) { orders(first: $n) { nodes { id } } }', { n: 7 })).toBe(8);
    expect(costOf('query($n: Int = 5) { orders(first: $n) { nodes { id } } }')).toBe(6);
    expect(costOf('query($n: Int) { orders(first: $n) { nodes { id } } }')).toBe(101);
    expect(costOf('{ orders { nodes { id } } }')).toBe(101);
    expect(costOf('{ order_details(limit: 3) { id } }')).toBe(3);
  });

  it('assumes a size where nothing says it, or takes what is known', () => {
    expect(costOf('{ order_details { id } }')).toBe(100);
    expect(costOf('{ orders(first: 2) { nodes { duplicates { serialNumber } } } }')).toBe(1 + 2 * 101);
    expect(costOf('{ order_details { id } }', {}, { assumedListSize: 7 })).toBe(7);
    expect(
      costOf(
        '{ order(id: 1) { duplicates { keySize } } }',
        {},
        { listSize: (type, field) => (type === 'Order' && field === 'duplicates' ? 2 : null) },
      ),
    ).toBe(3);
  });

  it('counts what is selected twice once, and aliases each', () => {
    expect(
      costOf(
        '{ order(id: 1) { ...A ...B } } fragment A on Order { container { id } } fragment B on Order { container { name } }',
      ),
    ).toBe(2);
    expect(costOf('{ a: order(id: 1) { id } b: order(id: 2) { id } }')).toBe(2);
    expect(costOf('{ node(id: 1) { id ... on Order { certificate { commonName } } } }')).toBe(2);
  });

  it('is not fooled by odd sizes', () => {
    expect(costOf('{ orders(first: -5) { nodes { id } } }')).toBe(1);
    expect(costOf('query($n: Int) { orders(first: $n) { nodes { id } } }', { n: 'x' })).toBe(1 + 100);
    expect(
      costOf(
        '{ orders(first: 2147483647) { nodes { duplicates { order { duplicates { order { duplicates { order { id } } } } } } } } }',
      ),
    ).toBeLessThanOrEqual(Number.MAX_SAFE_INTEGER);
  });

  it('is nothing for introspection', () => {
    expect(costOf(getIntrospectionQuery())).toBe(0);
  });

  it('ends for fragments that spread themselves or each other many times', () => {
    const { document, operation } = operationOf(
      '{ order(id: 1) { ...A } } fragment A on Order { id ...B } fragment B on Order { container { id } ...A }',
    );
    expect(estimateCost(ordersSchema, document, operation, {})).toBe(2);
    const doubling = Array.from(
      { length: 40 },
      (_, n) => `fragment F${n} on Container { a: parent { ...F${n + 1} } b: parent { ...F${n + 1} } }`,
    );
    const text = `{ order(id: 1) { container { ...F0 } } } ${doubling.join(' ')} fragment F40 on Container { id }`;
    expect(codeOf(() => limited(text))).toBe('MAX_DEPTH_LIMIT');
    const wide = operationOf(text);
    expect(codeOf(() => assertCostWithinLimits(ordersSchema, wide.document, wide.operation, {}))).toBe(
      'GRAPHQL_VALIDATION_FAILED',
    );
  });
});

describe('the shape of an operation', () => {
  it('counts the longest way, through fragments', () => {
    expect(shapeOf('{ a { b { c } } d }')).toEqual({ depth: 3, rootFields: 2 });
    expect(
      shapeOf('{ a { ...F ... on B { c { d } } } ...R } fragment F on A { x { y { z } } } fragment R on Query { p q }'),
    ).toEqual({ depth: 4, rootFields: 3 });
  });

  it('is measured in no time however fragments multiply or circle', () => {
    const fragments = Array.from({ length: 60 }, (_, n) => `fragment F${n} on T { ...F${n + 1} ...F${n + 1} }`).join(
      ' ',
    );
    expect(shapeOf(`{ ...F0 } ${fragments} fragment F60 on T { a }`).rootFields).toBe(2 ** 60);
    expect(shapeOf('{ a { ...A } } fragment A on T { b { ...B } } fragment B on T { c { ...A } }').depth).toBe(3);
  });
});

describe('the limits', () => {
  it('let through fifty reports in one request and the introspection query', () => {
    const fifty = Array.from(
      { length: 50 },
      (_, n) =>
        `r${n}: orders(first: 1000) { nodes { id name: userEmail certificate { commonName until: validTill } container { name } } }`,
    );
    expect(limited(`{ ${fifty.join(' ')} }`)).toBe(50 * (1 + 1_000 * 3));
    expect(limited(getIntrospectionQuery({ inputValueDeprecation: true, directiveIsRepeatable: true }))).toBe(0);
  });

  it.each<[string, string, string, RegExp]>([
    [
      'too deep',
      `{ order(id: 1) ${'{ container { parent '.repeat(8)} { id } ${'}}'.repeat(8)} }`,
      'MAX_DEPTH_LIMIT',
      /18 fields deep; 15/,
    ],
    [
      'too many at the root',
      `{ ${'__typename '.repeat(61)} }`,
      'GRAPHQL_VALIDATION_FAILED',
      /61 fields at the root; 60/,
    ],
    [
      'too many aliases',
      `{ order(id: 1) { ${Array.from({ length: 1_001 }, (_, n) => `a${n}: id`).join(' ')} } }`,
      'GRAPHQL_VALIDATION_FAILED',
      /1001 aliases; 1000/,
    ],
    ['too many directives', `{ __typename ${'@a '.repeat(51)} }`, 'GRAPHQL_VALIDATION_FAILED', /51 directives; 50/],
    [
      'too expensive',
      `{ orders(first: 300000) { nodes { id } } }`,
      'COST_ESTIMATED_TOO_EXPENSIVE',
      /300001 points; 300000/,
    ],
  ])('refuse what is %s, with both numbers', (_what, text, code, message) => {
    expect(codeOf(() => limited(text))).toBe(code);
    expect(() => limited(text)).toThrow(message);
  });
});

describe('the operation meant', () => {
  const two = parse('query A { a } query B { b }');

  it('is the one named, or the only one', () => {
    expect(resolveOperation(two, 'B').name?.value).toBe('B');
    expect(resolveOperation(parse('query A { a }'), null).name?.value).toBe('A');
  });

  it('must exist and be clear', () => {
    for (const [document, name] of [
      [two, 'C'],
      [two, null],
      [two, 'constructor'],
      [parse('fragment F on A { a }'), null],
    ] as const) {
      expect(codeOf(() => resolveOperation(document, name))).toBe('OPERATION_RESOLUTION_FAILURE');
    }
  });
});
