import { derivedFrom, fieldsFrom, type OrderField } from '@certfolio/core';
import { upstreamCode } from '../call-failure.ts';
import { customQuery } from '../custom-query.ts';
import { parseAccount } from '../wire/account.ts';
import { CsvRows } from '../wire/csv-rows.ts';
import { parseCustomReport } from '../wire/custom-report.ts';
import { parseOrderInfo } from '../wire/order-info.ts';
import { parseOrderList } from '../wire/order-list.ts';
import { createOrderReportParser } from '../wire/order-report-csv.ts';
import { columnName } from '../wire/order-row.ts';
import { parseContainers, parseOrganizations } from '../wire/organizations.ts';
import { parseStatusChanges } from '../wire/status-changes.ts';
import { WrongShape } from '../wire/wrong-shape.ts';
import { reportRoute, type PlainAnswer } from '../transport.http.ts';
import {
  accountShape,
  containersShape,
  currentUserShape,
  orderInfoShape,
  orderListShape,
  organizationsShape,
  statusChangesShape,
} from './assumed-shapes.ts';
import {
  judgeJson,
  look,
  mediaTypeOf,
  parsed,
  refusalOf,
  type FindingState,
  type JsonExpectation,
  type Look,
  type Looker,
} from './look.ts';
import { compareHeader } from './report-header.ts';

type Tell = (state: FindingState, found: string) => void;

/** A whole page of the list, which is what the product asks for. */
const listRows = 1_000;
const reportRows = 2;

/** Reads that are looked at for their shape alone. */
const shapeOnly: readonly (JsonExpectation & {
  readonly route: string;
  readonly path: string;
  /** The product does not read it, so a refusal is no fault. */
  readonly isInformative?: true;
})[] = [
  { route: 'GET /account', path: '/account', shape: accountShape, parse: parseAccount },
  { route: 'GET /user/me', path: '/user/me', shape: currentUserShape, parse: () => undefined, isInformative: true },
  {
    route: 'GET /order/certificate/status-changes',
    path: '/order/certificate/status-changes?minutes=1440',
    shape: statusChangesShape,
    parse: parseStatusChanges,
  },
  {
    route: 'GET /organization',
    path: '/organization?include_validation=true&limit=5&offset=0',
    shape: organizationsShape,
    parse: (body) => parseOrganizations(body, 0),
  },
  { route: 'GET /container', path: '/container', shape: containersShape, parse: parseContainers },
];

export function lookAtShapes(looker: Looker): Promise<Look>[] {
  return shapeOnly.map(({ route, path, isInformative, ...expectation }) =>
    look(looker, { route, path }, (answer, tell) => {
      if (answer.status !== 200) return refused(answer, tell, isInformative === true ? 'differs' : 'failed');
      return judgeJson(answer, expectation, tell)?.facts ?? {};
    }),
  );
}

export interface ListLook extends Look {
  /** CertCentral's count; null when it cannot be read. */
  readonly total: number | null;
  /** An order to look at, an issued one where there is one. */
  readonly orderId: number | null;
}

/** A full page of the order list: its members, its size, its count. */
export async function lookAtList(looker: Looker): Promise<ListLook> {
  let total: number | null = null;
  let orderId: number | null = null;
  const path = `/order/certificate?limit=${listRows}&offset=0`;
  const seen = await look(looker, { route: 'GET /order/certificate', path }, (answer, tell) => {
    if (answer.status !== 200) return refused(answer, tell, 'failed');
    const expectation = { shape: orderListShape, parse: (body: unknown) => parseOrderList(body, 0) };
    const judged = judgeJson(answer, expectation, tell);
    const page = judged === undefined ? null : listPage(judged.body);
    if (judged === undefined || page === null) return judged?.facts ?? {};
    ({ total } = page);
    orderId = (page.orders.find(({ status }) => status === 'issued') ?? page.orders[0])?.id ?? null;
    const rows = page.orders.length;
    const wanted = Math.min(page.total, listRows);
    if (rows !== wanted) tell('broken', `gives ${rows} rows for limit=${listRows} where it counts ${page.total}`);
    const ids = new Set(page.orders.map(({ id }) => id)).size;
    if (ids < rows) tell('broken', `has ${rows - ids} of ${rows} orders twice`);
    const { limit } = (judged.body as { page?: { limit?: unknown } }).page ?? {};
    if (limit !== listRows) tell('differs', `does not repeat limit=${listRows} in page.limit`);
    return { ...judged.facts, rows };
  });
  return { ...seen, total, orderId };
}

function listPage(body: unknown) {
  try {
    return parseOrderList(body, 0);
  } catch {
    return null;
  }
}

/** What an empty page looks like, which DigiCert does not document. */
export function lookPastTheEnd(looker: Looker, total: number): Promise<Look> {
  const path = `/order/certificate?limit=1&offset=${total}`;
  return look(looker, { route: 'GET /order/certificate (past the end)', path }, (answer, tell) => {
    if (answer.status !== 200) return refused(answer, tell, 'differs');
    const expectation = { shape: emptyPageShape, parse: (body: unknown) => parseOrderList(body, total) };
    const judged = judgeJson(answer, expectation, tell);
    if (judged === undefined) return {};
    const { orders } = (judged.body ?? {}) as { orders?: unknown };
    if (Array.isArray(orders) && orders.length > 0) tell('broken', `gives ${orders.length} rows where none is left`);
    else tell('ok', `is ${orders === undefined ? 'without a list' : 'an empty list'}`);
    return judged.facts;
  });
}
const emptyPageShape = new Map(
  [...orderListShape].map(([place, member]) => [place, place.includes('.') ? member : { ...member, isOptional: true }]),
);

export function lookAtOrderInfo(looker: Looker, id: number): Promise<Look> {
  const request = { route: 'GET /order/certificate/{order_id}', path: `/order/certificate/${id}` };
  return look(looker, request, (answer, tell) => {
    if (answer.status !== 200) return refused(answer, tell, 'failed');
    const judged = judgeJson(answer, { shape: orderInfoShape, parse: parseOrderInfo }, tell);
    if (judged === undefined) return {};
    const given = (judged.body as { id?: unknown } | null)?.id;
    if (given !== id && given !== String(id)) tell('broken', 'is another order than the one asked for');
    return judged.facts;
  });
}

/** The header of the order report against the documented columns, and two of its rows. */
export function lookAtReport(looker: Looker, settings: { readonly reportZone: string; readonly maxRowBytes: number }) {
  const request = { route: reportRoute, path: `/report/order?limit=${reportRows}&offset=0` };
  return look(looker, request, (answer, tell) => {
    if (answer.status !== 200) return refused(answer, tell, 'failed');
    const type = mediaTypeOf(answer);
    if (type !== 'text/csv') tell('differs', `is of type ${type ?? '(unreadable)'}, not text/csv`);
    const rows = new CsvRows(settings.maxRowBytes);
    rows.add(Buffer.from(answer.text));
    const header = rows.next(true) ? rows.texts() : [];
    const { isHeader, missing, unknown, isInOrder } = compareHeader(header);
    if (!isHeader) {
      tell('broken', `has no header: of ${header.length} values in its first row ${58 - missing.length} are columns`);
      return {};
    }
    if (missing.length > 0) tell('broken', `lacks the columns ${missing.join(', ')}`);
    if (unknown.length > 0) tell('differs', `has columns that are not documented: ${unknown.join(', ')}`);
    if (!isInOrder) tell('differs', 'has its columns in another order');
    const readable = givenBy('report').filter((field) => !missing.includes(columnName(field)));
    const count = readable.includes('id') ? rowsOf(answer.text, new Set(readable), settings, tell) : 0;
    if (count > reportRows) tell('broken', `gives ${count} rows for limit=${reportRows}`);
    return {
      columns: [...header.map((name) => name.trim()).filter((name) => /^[a-z][a-z0-9_]{0,39}$/.test(name))],
      rows: count,
    };
  });
}

function rowsOf(
  text: string,
  fields: ReadonlySet<OrderField>,
  settings: { readonly reportZone: string; readonly maxRowBytes: number },
  tell: Tell,
): number {
  try {
    const parser = createOrderReportParser(fields, settings);
    return parser.push(Buffer.from(text)).length + parser.end().length;
  } catch (error) {
    if (!(error instanceof WrongShape)) throw error;
    tell('broken', `cannot be read: ${error.message}`);
    return 0;
  }
}

/** All fields of Custom Reports for one row: whether the key may ask, and which fields there are. */
export function lookAtCustomReports(looker: Looker, { reportZone }: { readonly reportZone: string }): Promise<Look> {
  const fields = givenBy('custom');
  const query = customQuery({ fields, where: [], sort: null, limit: 1 }, reportZone);
  const request = { route: 'POST /reports/query', path: '/reports/query', body: JSON.stringify({ query }) };
  return look(looker, request, (answer, tell) => {
    if (answer.status === 403 && !isBadKey(answer)) {
      tell('ok', `${refusalOf(answer)}: this key may only read, so Custom Reports are not used`);
      return {};
    }
    if (answer.status !== 200 && answer.status !== 400) return refused(answer, tell, 'differs');
    const body = parsed(answer.text);
    if (body === undefined) {
      tell('broken', answer.text === '' ? 'has an empty body' : 'is no JSON');
      return {};
    }
    try {
      const result = parseCustomReport(body, { fields }, reportZone);
      if (result.kind === 'unknown-fields')
        tell('differs', `does not know the fields ${result.fields.map(columnName).join(', ')}`);
      else if (result.kind === 'errors') tell('broken', `${refusalOf(answer)} with errors to a query of all fields`);
      else if (result.kind === 'rows' && result.orders.length > 1)
        tell('broken', `gives ${result.orders.length} rows for limit: 1`);
      return result.kind === 'rows' ? { rows: result.orders.length } : {};
    } catch (error) {
      if (!(error instanceof WrongShape)) throw error;
      tell('broken', `cannot be read: ${error.message}`);
      return {};
    }
  });
}

/** Fields that a source has itself, without those that we read out of another. */
const givenBy = (source: 'report' | 'custom'): OrderField[] =>
  [...fieldsFrom(source)].filter((field) => !derivedFrom.has(field));

const isBadKey = ({ text }: PlainAnswer) => upstreamCode(text).includes('invalid_key');

/** @param state of a refusal; a limit, a bad key and a fault of the service say nothing of the read */
function refused(answer: PlainAnswer, tell: Tell, state: FindingState): Record<string, never> {
  const isOfRead = answer.status < 500 && answer.status !== 429 && !isBadKey(answer);
  tell(isOfRead ? state : 'failed', refusalOf(answer));
  return {};
}
