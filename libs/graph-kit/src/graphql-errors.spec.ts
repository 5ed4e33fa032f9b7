import { describe, expect, it } from '@jest/globals';
import { buildSchema, execute, GraphQLError, parse, validate } from 'graphql';
import { BadUserInput, errorCatalog, UpstreamBudgetExhausted, type ErrorCode } from '@certfolio/core';
import { appErrorOf, formatError } from './graphql-errors.ts';

/** The answer's form of an error, and whether it was masked. */
function formatted(error: GraphQLError) {
  let masked = 0;
  const answer = formatError(error, () => (masked += 1));
  return { answer, isMasked: masked === 1 };
}

const secret = 'postgres://user:password@db/certfolio';

describe('an error of ours', () => {
  it('keeps its sentence, code and facts, and says where it happened', () => {
    const error = new GraphQLError('wrapped', {
      path: ['orders', 0],
      originalError: new UpstreamBudgetExhausted(1_500),
    });
    expect(formatted(error)).toEqual({
      isMasked: false,
      answer: {
        message: "CertCentral allows no further call before this request's deadline; the next free one is in 1500 ms.",
        path: ['orders', 0],
        extensions: { code: 'UPSTREAM_BUDGET_EXHAUSTED', retryAfterMs: 1_500 },
      },
    });
  });

  it('is found under several wrappings, and told from others', () => {
    const ours = new BadUserInput('first is 0');
    expect(appErrorOf(ours)).toBe(ours);
    expect(appErrorOf(new GraphQLError('a', { originalError: new GraphQLError('b', { originalError: ours }) }))).toBe(
      ours,
    );
    for (const stranger of [new Error('x'), new GraphQLError('x'), null, 'text', { code: 'BAD_USER_INPUT' }])
      expect(appErrorOf(stranger)).toBeNull();
  });
});

describe("a stranger's error", () => {
  it('is masked when a resolver throws it', () => {
    for (const path of [['orders'], undefined]) {
      const error = new GraphQLError(secret, {
        ...(path === undefined ? {} : { path }),
        originalError: new TypeError(secret),
        extensions: { exception: secret },
      });
      const { answer, isMasked } = formatted(error);
      expect(isMasked).toBe(true);
      expect(answer.extensions).toEqual({ code: 'INTERNAL_SERVER_ERROR' });
      expect(JSON.stringify(answer)).not.toContain('password');
    }
  });

  it('is masked when it comes from another process as an internal one', () => {
    const { answer, isMasked } = formatted(
      new GraphQLError(secret, {
        path: ['orders'],
        extensions: { code: 'INTERNAL_SERVER_ERROR', stacktrace: [secret] },
      }),
    );
    expect(isMasked).toBe(true);
    expect(JSON.stringify(answer)).not.toContain('password');
  });

  it('keeps a code of the catalog and loses stacks and names of services', () => {
    for (const code of Object.keys(errorCatalog) as ErrorCode[]) {
      if (code === 'INTERNAL_SERVER_ERROR') continue;
      const error = new GraphQLError('told', {
        path: ['orders'],
        extensions: { code, policy: 'requests', serviceName: 'orders', stacktrace: ['at x'], exception: {} },
      });
      expect(formatted(error)).toEqual({
        isMasked: false,
        answer: { message: 'told', path: ['orders'], extensions: { code, policy: 'requests' } },
      });
    }
  });

  it('is masked with a code that the catalog does not have', () => {
    expect(
      formatted(new GraphQLError(secret, { path: ['orders'], extensions: { code: 'DOWNSTREAM_SERVICE_ERROR' } }))
        .isMasked,
    ).toBe(true);
  });

  it('never shows a stack', () => {
    const error = new GraphQLError('x', { path: ['a'], originalError: new Error('boom') });
    expect(JSON.stringify(formatted(error).answer)).not.toMatch(/ at |\.ts|stack/);
  });
});

describe("graphql-js's own errors", () => {
  const schema = buildSchema('type Query { orders(first: Int, id: ID!): [String!] }');
  const valid = parse('query ($first: Int, $id: ID!) { orders(first: $first, id: $id) }');

  it('of validation name what is wrong', () => {
    const [error] = validate(schema, parse('{ ordrs }', { noLocation: true }));
    expect(formatted(error!)).toMatchObject({
      isMasked: false,
      answer: { message: expect.stringContaining('ordrs'), extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } },
    });
  });

  it.each([
    [{ first: 'ten', id: '1' }, '$first'],
    [{ first: 1.5, id: '1' }, '$first'],
    [{ first: 1 }, '$id'],
    [{ id: null }, '$id'],
  ])('of the variables %j name the variable as bad input', (variableValues, name) => {
    const result = execute({ schema, document: valid, variableValues }) as { errors: GraphQLError[] };
    expect(formatted(result.errors[0]!)).toMatchObject({
      isMasked: false,
      answer: { message: expect.stringContaining(name), extensions: { code: 'BAD_USER_INPUT' } },
    });
  });

  it('of the operation name say that it names none', () => {
    const two = parse('query A { orders(id: 1) } query B { orders(id: 2) }');
    for (const operationName of [undefined, 'C']) {
      const result = execute({ schema, document: two, operationName }) as { errors: GraphQLError[] };
      expect(formatted(result.errors[0]!)).toMatchObject({
        isMasked: false,
        answer: { extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } },
      });
    }
  });

  it('of a null where none may be are ours to mend, so they are masked', () => {
    const result = execute({ schema, document: parse('{ orders(id: 1) }'), rootValue: { orders: () => [null] } }) as {
      errors: GraphQLError[];
    };
    expect(formatted(result.errors[0]!)).toMatchObject({
      isMasked: true,
      answer: { path: ['orders', 0], extensions: { code: 'INTERNAL_SERVER_ERROR' } },
    });
  });
});
