import type { TemplateAnswer, TemplateRunOptions } from '@certfolio/client';

export type Row = Readonly<Record<string, unknown>>;

/** As many of the rows as a page can show, and what the gateway says of all of them. */
export interface ShownReport {
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
  /** There are more rows than are shown; they are in the files. */
  readonly hasMore: boolean;
  /** Null where nobody counted them. */
  readonly totalRows: number | null;
  /** The gateway itself left rows out. */
  readonly isTruncated: boolean;
  readonly dataAsOf: string | null;
  readonly source: string | null;
  /** The data is older than was asked for. */
  readonly isStale: boolean;
  readonly unavailableFields: string | null;
  /** Errors that left parts of the answer out. */
  readonly errors: number;
  readonly requestId: string | null;
}

type AnsweredReport = Pick<TemplateAnswer, 'headers' | 'requestId' | 'body'>;

/** Of the gateway's client. */
export interface ReportSource {
  runTemplate(ref: string, options: TemplateRunOptions): Promise<AnsweredReport>;
}

export interface ReportRequest {
  readonly name: string;
  readonly variables: ReadonlyMap<string, string | readonly string[]>;
  /** `live` or `mirror`; null as the template says. */
  readonly fresh: string | null;
}

export const mostShownRows = 1_000;

/**
 * Reads a report line by line and stops when there is more than can be shown, so that a long one is not held whole.
 *
 * @throws GatewayError when it is refused or breaks off
 */
export async function readReport(
  client: ReportSource,
  { name, variables, fresh }: ReportRequest,
  signal: AbortSignal,
  mostRows: number = mostShownRows,
): Promise<ShownReport> {
  const options = { format: 'ndjson', variables, signal, ...(fresh === null ? {} : { fresh }) };
  const answer = await client.runTemplate(name, options);
  const rows: Row[] = [];
  let hasMore = false;
  for await (const line of linesOf(answer.body)) {
    hasMore = rows.length === mostRows;
    if (hasMore) break;
    rows.push(JSON.parse(line) as Row);
  }
  return { columns: columnsOf(rows), rows, hasMore, ...factsOf(answer) };
}

function factsOf({ headers, requestId }: AnsweredReport) {
  const total = headers.get('certfolio-total-rows');
  return {
    totalRows: total === null ? null : Number(total),
    isTruncated: headers.get('certfolio-truncated') === 'true',
    dataAsOf: headers.get('certfolio-data-as-of'),
    source: headers.get('certfolio-source'),
    isStale: headers.get('certfolio-stale') === 'true',
    unavailableFields: headers.get('certfolio-unavailable-fields'),
    errors: Number(headers.get('certfolio-errors') ?? 0),
    requestId,
  };
}

async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop()!;
    yield* lines.filter((line) => line !== '');
  }
  rest += decoder.decode();
  if (rest !== '') yield rest;
}

/** All rows have all columns, in the template's order. */
const columnsOf = ([first]: readonly Row[]): readonly string[] => (first === undefined ? [] : Object.keys(first));
