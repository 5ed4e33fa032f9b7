import { buildSubgraphSchema } from '@apollo/subgraph';
import { expect } from '@jest/globals';
import { execute, parse, validate, type ExecutionResult, type GraphQLError } from 'graphql';
import { compileQuery, isCompiledQuery } from 'graphql-jit';
import {
  everything,
  orderId,
  ReadLedger,
  type CertificateRef,
  type Order,
  type OrderCertificate,
  type OrderField,
  type OrderId,
  type BucketQuery,
  type CertificateMatch,
  type OrderBucket,
  type OrderHistory,
  type OrderPage,
  type OrderPart,
  type OrderPartReader,
  type OrderPartsOf,
  type OrderQuery,
  type OrderRead,
  type OrderReader,
  type Read,
  type Principal,
  type RequestContext,
  type User,
} from '@certfolio/core';
import { FakeClock } from '@certfolio/core/testing';
import { appErrorOf } from '@certfolio/graph-kit';
import { createOrdersSubgraph } from '../src/index.ts';

export const clock = new FakeClock('2026-11-23T12:00:00Z');

/** A reader of parts that answers from maps and writes down what it was asked. */
export class PartsAtHand implements OrderPartReader {
  readonly asked: { readonly part: OrderPart; readonly ids: readonly OrderId[]; readonly read: Read }[] = [];
  readonly #parts: { readonly [P in OrderPart]?: Readonly<Record<number, OrderPartsOf[P]>> };

  constructor(parts: { readonly [P in OrderPart]?: Readonly<Record<number, OrderPartsOf[P]>> } = {}) {
    this.#parts = parts;
  }

  async find<P extends OrderPart>(part: P, ids: readonly OrderId[], read: Read) {
    this.asked.push({ part, ids, read });
    const known: Readonly<Record<number, OrderPartsOf[P]>> = this.#parts[part] ?? {};
    return new Map(ids.flatMap((id) => (known[id] === undefined ? [] : [[id, known[id]] as const])));
  }
}

/** A reader that answers from an array and writes down what it was asked. */
export class OrdersAtHand implements OrderReader {
  readonly orders: readonly Order[];
  readonly many: { readonly query: OrderQuery; readonly read: OrderRead }[] = [];
  readonly byIds: { readonly ids: readonly OrderId[]; readonly read: OrderRead }[] = [];
  readonly byCertificate: { readonly ref: CertificateRef; readonly read: OrderRead }[] = [];
  readonly byBuckets: { readonly query: BucketQuery; readonly read: Read }[] = [];
  readonly parts: PartsAtHand;
  /** What any query for buckets is answered with. */
  bucketsAtHand: readonly OrderBucket[] = [];
  history: OrderHistory | null = null;
  users: readonly User[] = [];

  constructor(orders: readonly Order[] = [], parts = new PartsAtHand()) {
    this.orders = orders;
    this.parts = parts;
  }

  async findByIds(ids: readonly OrderId[], read: OrderRead) {
    this.byIds.push({ ids, read });
    // In another order than asked, as the port allows.
    return this.orders.filter(({ id }) => ids.includes(id)).toReversed();
  }

  async findByCertificate(ref: CertificateRef, read: OrderRead): Promise<CertificateMatch | null> {
    this.byCertificate.push({ ref, read });
    const order = this.orders.find((candidate) =>
      'serialNumber' in ref ? candidate.serialNumber === ref.serialNumber : candidate.thumbprint === ref.thumbprint,
    );
    return order === undefined ? null : { order, copy: null };
  }

  async buckets(query: BucketQuery, read: Read): Promise<readonly OrderBucket[]> {
    this.byBuckets.push({ query, read });
    return this.bucketsAtHand;
  }

  async findMany(query: OrderQuery, read: OrderRead): Promise<OrderPage> {
    this.many.push({ query, read });
    const after = query.after === null ? 0 : this.orders.findIndex(({ id }) => id === query.after!.id) + 1;
    const rows = this.orders.slice(after + query.offset);
    const end = query.limit ?? rows.length;
    return {
      orders: rows.slice(0, end),
      hasNext: rows.length > end,
      total: query.withTotal ? this.orders.length : null,
      positionOf: ({ id }) => ({ sortValues: query.sort.map(() => null), id }),
    };
  }

  /** The fields that the one read was asked for. */
  get fields(): OrderField[] {
    const reads = [...this.many, ...this.byIds, ...this.byCertificate];
    expect(reads).toHaveLength(1);
    return [...reads[0]!.read.fields].sort();
  }
}

export const principal: Principal = {
  keyId: 'caller0001',
  keyName: 'a caller',
  owner: 'pki-team',
  level: 'open',
  templates: 'all',
  scopes: new Set(['templates:run'] as const),
  scope: everything,
  fields: 'all',
  limits: { requestsPerMinute: 60, burst: 60, costPerMinute: 5_000_000, rows: 10_000, concurrent: 4, mode: 'enforce' },
  account: 'default',
  lane: 'interactive',
};

export function contextOf(overrides: Partial<RequestContext> = {}): RequestContext {
  return {
    requestId: 'request-1',
    principal,
    deadline: new Date(clock.nowMs() + 10_000),
    signal: new AbortController().signal,
    maxAgeMs: 0,
    planOnly: false,
    run: null,
    ledger: new ReadLedger(),
    ...overrides,
  };
}

const schemas = new WeakMap<OrdersAtHand, ReturnType<typeof buildSubgraphSchema>>();

export function schemaOver(reader: OrdersAtHand) {
  let schema = schemas.get(reader);
  if (schema === undefined) {
    const { typeDefs, resolvers } = createOrdersSubgraph({
      ordersOf: () => reader,
      partsOf: () => reader.parts,
      historyOf: () => reader.history,
      usersOf: () => ({ users: async () => reader.users }),
      clock,
    });
    schemas.set(reader, (schema = buildSubgraphSchema([{ typeDefs, resolvers: resolvers as never }])));
  }
  return schema;
}

export interface Answer {
  readonly data: unknown;
  readonly errors: readonly {
    readonly message: string;
    readonly code: string | undefined;
    readonly details: unknown;
    readonly path: unknown;
  }[];
}

/** Runs a document compiled, as the subgraph does in production. */
export async function run(
  reader: OrdersAtHand,
  text: string,
  variables: Record<string, unknown> = {},
  context = contextOf(),
): Promise<Answer> {
  const schema = schemaOver(reader);
  const document = parse(text);
  expect(validate(schema, document).map(({ message }) => message)).toEqual([]);
  const compiled = compileQuery(schema, document, undefined, { disablingCapturingStackErrors: true });
  if (!isCompiledQuery(compiled)) throw new Error('The document was not compiled.');
  return answerOf((await compiled.query(undefined, context, variables)) as ExecutionResult);
}

/** Runs a document by graphql-js itself. */
export async function interpret(
  reader: OrdersAtHand,
  text: string,
  variables: Record<string, unknown> = {},
  context = contextOf(),
): Promise<Answer> {
  return answerOf(
    await execute({
      schema: schemaOver(reader),
      document: parse(text),
      variableValues: variables,
      contextValue: context,
    }),
  );
}

function answerOf({ data, errors = [] }: ExecutionResult): Answer {
  const told = errors.map((error: GraphQLError) => ({
    message: error.message,
    code: appErrorOf(error)?.code,
    details: appErrorOf(error)?.details,
    path: error.path,
  }));
  return { data: data === undefined ? null : JSON.parse(JSON.stringify(data)), errors: told };
}

export const row = (id: number, facts: Partial<Order> = {}): Order => ({ ...facts, id: orderId(id) });

/** Asks for a certificate for a P-256 key. Made with `openssl req -new`; the key was thrown away. */
export const ecRequest = `-----BEGIN CERTIFICATE REQUEST-----
MIHTMHsCAQAwGTEXMBUGA1UEAwwOc2hvcC5hY21lLnRlc3QwWTATBgcqhkjOPQIB
BggqhkjOPQMBBwNCAATB7Iz1qo9WKkKqCPOAtHX1jYcQ8BDm/2X1sbZp2boSBP11
nvV0x0AcVYmWzc+EhzsOXGsJu1oIyxZBQbR9gi/joAAwCgYIKoZIzj0EAwIDSAAw
RQIhAOySEOTt781HpY/eSxhB0jVzxnx0OHZfwyjue7HEOifiAiBVShxqybbdq/nb
pI82mMv7VmYyy85rUQu5J37A7Rtt9g==
-----END CERTIFICATE REQUEST-----
`;

export const copy = (id: number, facts: Partial<OrderCertificate> = {}): OrderCertificate => ({
  id, thumbprint: null, serialNumber: null, commonName: null, dnsNames: null, status: null, dateCreated: null, dateIssued: null,
  validFrom: null, validTill: null, csr: null, signatureHash: null, keySize: null, isArchived: false, userId: null, userFirstName: null,
  userLastName: null, userEmail: null, receiptId: null, purchasedDnsNames: null, restDocument: '{}', ...facts,
}); // prettier-ignore
