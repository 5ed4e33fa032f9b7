import {
  UpstreamRefused,
  UpstreamUnavailable,
  type CertCentral,
  type CertCentralChanges,
  type CertificateRef,
  type Container,
  type CustomFieldDefinition,
  type CustomReportResult,
  type Order,
  type OrderCertificate,
  type OrderId,
  type OrderReportRequest,
  type Page,
  type Product,
  type UpstreamCall,
  type User,
  type Validation,
} from '@certfolio/core';
import { checkBaseUrl } from './base-url.ts';
import { earlierCallAges } from './budget-log.ts';
import { openBudgetLog, type BudgetLogFile } from './budget-log.fs.ts';
import { createCircuitBreaker, type BreakerState } from './circuit-breaker.ts';
import { customQuery } from './custom-query.ts';
import { checkPage, listQuery, reportQuery } from './filters.ts';
import { checkSettings, type CertCentralOptions, type CertCentralSettings } from './options.ts';
import { createCallBudget, type BudgetState, type CallBudget } from './paced-calls.ts';
import { absent, createTransport, reportRoute, type JsonRequest, type Transport } from './transport.http.ts';
import { parseAccount } from './wire/account.ts';
import { parseCustomFieldDefinitions } from './wire/custom-field-definitions.ts';
import { parseCustomReport } from './wire/custom-report.ts';
import { parseOrderCertificates } from './wire/order-certificates.ts';
import { parseOrderInfo } from './wire/order-info.ts';
import { parseOrderList } from './wire/order-list.ts';
import { createOrderReportParser } from './wire/order-report-csv.ts';
import {
  parseContainers,
  parseDomain,
  parseDomains,
  parseOrganization,
  parseOrganizations,
  parseValidations,
} from './wire/organizations.ts';
import { parseProductInfo, parseProducts, type ProductInfo } from './wire/products.ts';
import { parseStatusChanges, statusChangesQuery } from './wire/status-changes.ts';
import { parseUsers } from './wire/users.ts';
import { WrongShape } from './wire/wrong-shape.ts';

/** The port, and the reads of CertCentral that are not orders or organizations. One client per upstream account. */
export interface CertCentralClient extends CertCentral, CertCentralChanges {
  /** Null for an unknown order. */
  duplicates(id: OrderId, call: UpstreamCall): Promise<readonly OrderCertificate[] | null>;
  /** Null for an unknown order. */
  reissues(id: OrderId, call: UpstreamCall): Promise<readonly OrderCertificate[] | null>;
  listContainers(call: UpstreamCall): Promise<readonly Container[]>;
  listUsers(page: { readonly limit: number; readonly offset: number }, call: UpstreamCall): Promise<Page<User>>;
  listProducts(call: UpstreamCall): Promise<readonly Product[]>;
  productInfo(nameId: string, call: UpstreamCall): Promise<ProductInfo | null>;
  customFieldDefinitions(call: UpstreamCall): Promise<readonly CustomFieldDefinition[]>;
  /** Null for an unknown organization. */
  organizationValidations(id: number, call: UpstreamCall): Promise<readonly Validation[] | null>;
  budgetState(): BudgetState;
  breakerState(): BreakerState;
  /** Refuses callers who wait, breaks off calls in flight, writes the call log. */
  stop(): Promise<void>;
}

/** Rows of a report that are handed on together. */
const batchRows = 500;

/** @throws TypeError for a base URL or a setting that cannot be used */
export function createCertCentral(options: CertCentralOptions): CertCentralClient {
  const { clock, logger, random } = options;
  const baseUrl = checkBaseUrl(options.baseUrl);
  const settings = checkSettings(options.settings);
  const { budget, close } =
    options.budget === undefined
      ? openBudget(options, settings)
      : { budget: options.budget, close: async () => undefined };
  const breaker = createCircuitBreaker({ clock, ...settings.breaker });
  const transport = createTransport({
    baseUrl,
    apiKey: options.apiKey,
    userAgent: `certfolio/${options.version}`,
    budget,
    breaker,
    connections: settings.connections,
    timeouts: settings.timeouts,
    proxy: options.proxy ?? {},
    maxBodyBytes: settings.maxBodyBytes,
    maxReportBytes: settings.maxReportBytes,
    attempts: settings.attempts,
    backoff: { ...settings.backoff, random },
    logger,
    clock,
    onCall: options.onCall ?? (() => undefined),
  });
  return {
    ...orderReads(transport, settings),
    ...otherReads(transport),
    outlook: () => budget.outlook(),
    budgetState: () => budget.state(),
    breakerState: () => breaker.state,
    async stop() {
      if (options.budget === undefined) budget.stop();
      await transport.stop();
      await close();
    },
  };
}

function openBudget(
  { budgetLogPath, clock, logger }: CertCentralOptions,
  { windows, maxQueued }: CertCentralSettings,
): { readonly budget: CallBudget; readonly close: () => Promise<void> } {
  if (budgetLogPath === undefined)
    return { budget: createCallBudget({ clock, windows, maxQueued }), close: async () => undefined };
  const toWallMs = (monotonicMs: number) => Math.round(clock.nowMs() - (clock.monotonicMs() - monotonicMs));
  const log: BudgetLogFile = openBudgetLog({
    path: budgetLogPath,
    clock,
    logger,
    callsAtMs: () => budget.callsMs().map(toWallMs),
  });
  const startMs = clock.monotonicMs();
  const earlierCallsMs = earlierCallAges(log.earlier, windows, clock.nowMs()).map((ageMs) => startMs - ageMs);
  const budget = createCallBudget({ clock, windows, maxQueued, earlierCallsMs, onChange: () => log.changed() });
  return { budget, close: () => log.close() };
}

type OrderReads = Pick<
  CertCentralClient,
  'listOrders' | 'orderInfo' | 'orderReport' | 'customReport' | 'statusChanges' | 'duplicates' | 'reissues'
>;

function orderReads(transport: Transport, settings: CertCentralSettings): OrderReads {
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
        { route: 'GET /order/certificate', path, parse: (body) => parseOrderList(body, request.offset) },
        call,
      );
    },
    async orderInfo(ref, call) {
      return transport.json<Order | null>(
        {
          route: 'GET /order/certificate/{order_id}',
          path: `/order/certificate/${segment(certificateKey(ref))}`,
          parse: parseOrderInfo,
          refused: absent,
        },
        call,
      );
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
  };
}

type OtherReads = Omit<CertCentralClient, keyof OrderReads | 'outlook' | 'budgetState' | 'breakerState' | 'stop'>;

function otherReads(transport: Transport): OtherReads {
  const one = <T>(route: string, path: string, parse: JsonRequest<T>['parse'], call: UpstreamCall) =>
    transport.json<T | null>({ route, path, parse, refused: absent }, call);
  return {
    async account(call) {
      return transport.json({ route: 'GET /account', path: '/account', parse: parseAccount }, call);
    },
    async listOrganizations(page, call) {
      const path = `/organization?include_validation=true&${pageQuery(page)}`;
      return transport.json(
        { route: 'GET /organization', path, parse: (body) => parseOrganizations(body, page.offset) },
        call,
      );
    },
    organization: (id, call) =>
      one(
        'GET /organization/{organization_id}',
        `/organization/${segment(id)}?include_validation=true`,
        parseOrganization,
        call,
      ),
    async listDomains(page, call) {
      // Without this parameter the expiry is a day in Mountain Time; with it an instant.
      const path = `/domain?include_validation=true&include_dcv_expiration_time=true&${pageQuery(page)}`;
      return transport.json({ route: 'GET /domain', path, parse: (body) => parseDomains(body, page.offset) }, call);
    },
    domain: (id, call) =>
      one(
        'GET /domain/{domain_id}',
        `/domain/${segment(id)}?include_dcv=true&include_validation=true&include_dcv_expiration_time=true`,
        parseDomain,
        call,
      ),
    async listContainers(call) {
      return transport.json({ route: 'GET /container', path: '/container', parse: parseContainers }, call);
    },
    async listUsers(page, call) {
      return transport.json(
        { route: 'GET /user', path: `/user?${pageQuery(page)}`, parse: (body) => parseUsers(body, page.offset) },
        call,
      );
    },
    async listProducts(call) {
      return transport.json({ route: 'GET /product', path: '/product', parse: parseProducts }, call);
    },
    async productInfo(nameId, call) {
      return one('GET /product/{name_id}', `/product/${segment(nameId)}`, parseProductInfo, call);
    },
    async customFieldDefinitions(call) {
      return transport.json(
        { route: 'GET /account/metadata', path: '/account/metadata', parse: parseCustomFieldDefinitions },
        call,
      );
    },
    organizationValidations: (id, call) =>
      one(
        'GET /organization/{organization_id}/validation',
        `/organization/${segment(id)}/validation`,
        parseValidations,
        call,
      ),
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

/** One segment of a path. `.` and `..` would be another path, and an empty one the list. @throws TypeError */
function segment(value: string | number): string {
  const text = String(value);
  if (text === '' || text === '.' || text === '..' || text.length > 200)
    throw new TypeError('An id in a path has 1 to 200 characters.');
  return encodeURIComponent(text);
}

function pageQuery({ limit, offset }: { readonly limit: number; readonly offset: number }): string {
  checkPage(limit, offset, 1_000);
  return `limit=${limit}&offset=${offset}`;
}

function parsedOrEmpty(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return {};
  }
}
