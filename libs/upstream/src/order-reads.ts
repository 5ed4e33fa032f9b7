import {
  UpstreamRefused,
  UpstreamUnavailable,
  type CertCentral,
  type CertCentralChanges,
  type CertCentralOrderParts,
  type CertificateRef,
  type CustomReportResult,
  type Order,
  type OrderCertificate,
  type OrderId,
  type OrderReportRequest,
  type UpstreamCall,
} from '@certfolio/core';
import { customQuery } from './custom-query.ts';
import { listQuery, reportQuery } from './filters.ts';
import type { CertCentralSettings } from './options.ts';
import { segment } from './paths.ts';
import { absent, reportRoute, type Transport } from './transport.http.ts';
import { parseCustomReport } from './wire/custom-report.ts';
import { parseOrderCertificates } from './wire/order-certificates.ts';
import { parseOrderList } from './wire/order-list.ts';
import { createOrderReportParser } from './wire/order-report-csv.ts';
import { parseOrderValidation } from './wire/order-validation.ts';
import { parseOrderWithParts } from './wire/order-with-parts.ts';
import { parseStatusChanges, statusChangesQuery } from './wire/status-changes.ts';
import { WrongShape } from './wire/wrong-shape.ts';

/** Rows of a report that are handed on together. */
const batchRows = 500;

type OrderReads = Pick<CertCentral, 'listOrders' | 'orderInfo' | 'orderReport' | 'customReport'> &
  CertCentralChanges &
  CertCentralOrderParts;

/** CertCentral's reads of orders and of what stands below one. */
export function createOrderReads(transport: Transport, settings: CertCentralSettings): OrderReads {
  // One way to read order info, so that callers who want its parts and callers who do not share a call in flight.
  const orderInfo = (key: OrderId | string, call: UpstreamCall) =>
    transport.json(
      {
        route: 'GET /order/certificate/{order_id}',
        path: `/order/certificate/${segment(key)}`,
        parse: parseOrderWithParts,
        refused: absent,
      },
      call,
    );
  const certificates = (id: OrderId, kind: 'duplicate' | 'reissue', call: UpstreamCall) =>
    transport.json<readonly OrderCertificate[] | null>(
      {
        route: `GET /order/certificate/{order_id}/${kind}`,
        path: `/order/certificate/${segment(id)}/${kind}`,
        parse: parseOrderCertificates,
        refused: absent,
      },
      call,
    );
  return {
    async listOrders(request, call) {
      const path = `/order/certificate?${listQuery(request)}`;
      return transport.json(
        {
          route: 'GET /order/certificate',
          path,
          // Who asks for documents and who does not cannot share a call in flight.
          variant: request.withDocuments === true ? 'documents' : '',
          parse: (body) => parseOrderList(body, request.offset, request.withDocuments),
        },
        call,
      );
    },
    async orderInfo(ref, call) {
      return (await orderInfo(certificateKey(ref), call))?.order ?? null;
    },
    async orderWithParts(id, call) {
      return orderInfo(id, call);
    },
    orderReport: (request, call) => readReport(transport, settings, request, call),
    async customReport(request, call) {
      const { reportZone } = settings;
      const query = customQuery(request, reportZone);
      const answer = (body: unknown, status: number): CustomReportResult => {
        const parsed = parseCustomReport(body, request, reportZone);
        if (parsed.kind !== 'errors') return parsed;
        if (request.witness !== undefined) return { kind: 'witness-refused' };
        throw new UpstreamRefused(customRoute, status, parsed.messages[0]!.slice(0, 200));
      };
      return transport.json<CustomReportResult>(
        {
          route: customRoute,
          path: '/reports/query',
          body: JSON.stringify({ query }),
          parse: (body) => answer(body, 200),
          tooLong: () => ({ kind: 'too-long' }),
          refused: (status, code, body) => {
            if (status === 403) return code.includes('invalid_key') ? undefined : { kind: 'not-allowed' };
            if (status === 405 || code === 'not_found|route') return { kind: 'not-allowed' };
            if (status !== 400) return undefined;
            if (body.includes('Cannot query field')) return answer(parsedOrEmpty(body), status);
            return request.witness === undefined ? undefined : { kind: 'witness-refused' };
          },
        },
        call,
      );
    },
    async statusChanges(window, call) {
      const path = `/order/certificate/status-changes?${statusChangesQuery(window)}`;
      return transport.json({ route: 'GET /order/certificate/status-changes', path, parse: parseStatusChanges }, call);
    },
    duplicates: (id, call) => certificates(id, 'duplicate', call),
    reissues: (id, call) => certificates(id, 'reissue', call),
    async validation(id, call) {
      return transport.json(
        {
          route: 'GET /order/certificate/{order_id}/validation',
          path: `/order/certificate/${segment(id)}/validation`,
          parse: (body) => parseOrderValidation(body, id),
          refused: absent,
        },
        call,
      );
    },
  };
}

const customRoute = 'POST /reports/query';

async function* readReport(
  transport: Transport,
  { reportZone, maxRowBytes }: CertCentralSettings,
  request: OrderReportRequest,
  call: UpstreamCall,
): AsyncGenerator<readonly Order[]> {
  const parser = createOrderReportParser(request.fields, { reportZone, maxRowBytes });
  const path = `/report/order?${reportQuery(request)}`;
  let batch: Order[] = [];
  try {
    for await (const bytes of transport.csv({ route: reportRoute, path }, call)) {
      for (const order of parser.push(bytes)) batch.push(order);
      if (batch.length >= batchRows) {
        yield batch;
        batch = [];
      }
    }
    for (const order of parser.end()) batch.push(order);
  } catch (error) {
    if (error instanceof WrongShape) throw new UpstreamUnavailable(reportRoute, error.message);
    throw error;
  }
  if (batch.length > 0) yield batch;
}

/** CertCentral finds an order by its id, or by the serial number or thumbprint of its primary certificate. */
function certificateKey(ref: OrderId | CertificateRef): OrderId | string {
  if (typeof ref === 'number') return ref;
  return 'serialNumber' in ref ? ref.serialNumber : ref.thumbprint;
}

function parsedOrEmpty(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return {};
  }
}
