import {
  execute,
  GraphQLError,
  NoSchemaIntrospectionCustomRule,
  parse,
  ScalarLeafsRule,
  specifiedRules,
  validate,
  type DocumentNode,
  type GraphQLFieldResolver,
  type GraphQLSchema,
} from 'graphql';
import { type OrderFiles } from '../certificates/make-files.ts';
import { createOrderColumns, type ReadColumn } from '../orders/order-columns.ts';
import { type Order } from '../orders/order.ts';
import { type World } from '../world.ts';
import { json, type Answer } from '../http/answer.ts';
import { type ReportsRequest } from './read-request.ts';
import { createSchema } from './schema.ts';
import { selectedFields } from './selected-fields.ts';
import { selectRows, type OrderDetailsArguments } from './select-rows.ts';

interface Row {
  readonly order: Order;
  readonly files: OrderFiles;
}

interface Root {
  readonly nowMs: number;
}

const fileColumns = ['csr', 'thumbprint'] as const;

function refusal(errors: readonly GraphQLError[]): Answer {
  return json({ errors: errors.map(({ message }) => ({ message })) }, 400);
}

/** An empty selection counts as a syntax error here, whichever of the two ways it was written. */
function parseDocument(
  schema: GraphQLSchema,
  text: string,
): { document: DocumentNode } | { errors: readonly GraphQLError[] } {
  let document: DocumentNode;
  try {
    document = parse(text);
  } catch (error) {
    if (error instanceof GraphQLError) return { errors: [error] };
    throw error;
  }
  const withoutFields = validate(schema, document, [ScalarLeafsRule]);
  if (withoutFields.length > 0)
    return { errors: withoutFields.map(({ message }) => new GraphQLError(`Syntax Error: ${message}`)) };
  const errors = validate(schema, document, [...specifiedRules, NoSchemaIntrospectionCustomRule]);
  return errors.length > 0 ? { errors } : { document };
}

export type RunQuery = (request: ReportsRequest, nowMs: number) => Promise<Answer>;

/** The Custom Reports API: one endpoint, two queries. Source: vendor pages on `order_details` and `order_details_by_id`. */
export function createReportsQuery(world: World): RunQuery {
  const columns = createOrderColumns(world.account.id);
  const schema = createSchema(columns.keys());

  const withFiles = async (orders: readonly Order[], selected: ReadonlySet<string>): Promise<readonly Row[]> => {
    if (!fileColumns.some((name) => selected.has(name))) return orders.map((order) => ({ order, files: {} }));
    const rows: Row[] = [];
    for await (const batch of world.certificates.streamFiles(orders)) rows.push(...batch);
    return rows;
  };

  const resolvers = new Map<string, GraphQLFieldResolver<Root, unknown>>([
    [
      'order_details',
      async ({ nowMs }, given, _context, info) => {
        const args = given as OrderDetailsArguments;
        const orders = await selectRows(world.orders.all(), args, columns, world.certificates, nowMs);
        return withFiles(orders, selectedFields(info));
      },
    ],
    [
      'order_details_by_id',
      ({ nowMs: _nowMs }, given, _context, info) => {
        const order = world.orders.find(Number((given as { id: number }).id));
        const needsFiles = fileColumns.some((name) => selectedFields(info).has(name));
        return order && { order, files: needsFiles ? world.certificates.filesOf(order) : {} };
      },
    ],
  ]);

  const readField = (columnName: string, { order, files }: Row, nowMs: number) => {
    const read: ReadColumn | undefined = columns.get(columnName);
    return read?.(order, files, nowMs) ?? null;
  };

  return async ({ text, variables, operationName }, nowMs) => {
    const parsed = parseDocument(schema, text);
    if ('errors' in parsed) return refusal(parsed.errors);
    const result = await execute({
      schema,
      document: parsed.document,
      rootValue: { nowMs } satisfies Root,
      ...(variables !== undefined && { variableValues: variables }),
      ...(operationName !== undefined && { operationName }),
      fieldResolver: (source: unknown, args: Record<string, unknown>, context: unknown, info) => {
        const resolve = resolvers.get(info.fieldName);
        if (info.parentType.name === 'Query' && resolve !== undefined)
          return resolve(source as Root, args, context, info);
        return readField(info.fieldName, source as Row, nowMs);
      },
    });
    // Both fields may be null, so missing data means that nothing was executed.
    if (result.data == null) return refusal(result.errors ?? []);
    return json(
      result.errors === undefined
        ? { data: result.data }
        : { data: result.data, errors: result.errors.map(({ message }) => ({ message })) },
    );
  };
}
