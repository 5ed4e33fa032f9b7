import {
  containerId,
  factsOf,
  fieldsFrom,
  orderFields,
  organizationId,
  type BudgetOutlook,
  type CertCentral,
  type CertificateRef,
  type CustomReportRequest,
  type CustomReportResult,
  type Domain,
  type Order,
  type OrderField,
  type OrderId,
  type OrderListPage,
  type OrderListRequest,
  type OrderReportRequest,
  type OrderSource,
  type Organization,
  type PushedCondition,
  type UpstreamCall,
} from '@certfolio/core';
import { VendorAccount } from './vendor-account.ts';

/** How this copy of the vendor behaves where its documentation leaves room, and what goes wrong in it. */
export interface VendorHabits {
  /** A view-only key may not POST, so it may not use Custom Reports. */
  readonly customReports?: 'allowed' | 'not-allowed';
  /** Custom Reports silently gives no more rows than this. */
  readonly customRowCap?: number;
  /** An answer of Custom Reports with more values than this is longer than what is read of one. */
  readonly customMaxCells?: number;
  /** Custom Reports does not know these fields. */
  readonly unknownFields?: readonly OrderField[];
  readonly nullsFirst?: boolean;
  /** Whether `sort` of Custom Reports has any effect. */
  readonly customSorts?: boolean;
  /** The order report silently gives no more rows than this. */
  readonly reportRowCap?: number;
  /** What happens to a list answer. `call` counts from 0. */
  readonly listFault?: (call: number, request: OrderListRequest) => 'shift' | 'duplicate' | 'drop' | null;
  /** What happens to an answer of Custom Reports, or to the witness beside it. `call` counts from 0. */
  readonly customFault?: (call: number) => CustomFault | null;
  /** Whether Custom Reports answers two questions in one call. */
  readonly takesWitness?: boolean;
  /** LIKE of Custom Reports looks at case. */
  readonly likeLooksAtCase?: boolean;
  /** Runs before each call, for data that changes while it is read. */
  readonly beforeCall?: (route: string, call: number) => void;
  readonly random?: () => number;
}

/** The row that is lost, or given twice, as a share of the rows before it. */
export interface CustomFault {
  /** `replace` gives the row before it again in its place, so that the count is right. */
  readonly kind: 'drop' | 'duplicate' | 'replace';
  readonly of: 'orders' | 'witness';
  readonly at: number;
}

export type FullOrder = Order;

/**
 * CertCentral in memory, after its documentation: which endpoint carries which fields, what its filters mean, how it pages,
 * sorts and counts. It stands for the vendor and shares no code with what reads from it.
 */
export class VendorDouble extends VendorAccount implements CertCentral {
  orders: FullOrder[];
  readonly #organizations: readonly Organization[];
  readonly #habits: VendorHabits;
  readonly #random: () => number;

  constructor(orders: readonly FullOrder[], habits: VendorHabits = {}) {
    super();
    this.orders = [...orders];
    this.#organizations = organizations;
    this.#habits = habits;
    this.#random = habits.random ?? (() => 0.5);
  }

  async listOrders(request: OrderListRequest, call: UpstreamCall): Promise<OrderListPage> {
    const number = this.count('list');
    this.note('list', request, call);
    if (request.limit < 1 || request.limit > 1_000) throw new RangeError(`list limit ${request.limit}`);
    const found = this.orders.filter((order) => meetsRest(order, request.where));
    const { sort } = request;
    if (sort !== null) {
      const sign = sort.direction === 'asc' ? 1 : -1;
      found.sort((a, b) => sign * (sort.field === 'id' ? a.id - b.id : a.dateCreated! < b.dateCreated! ? -1 : 1));
    }
    const fault = this.#habits.listFault?.(number, request) ?? null;
    const from = request.offset + (fault === 'shift' ? 1 : 0);
    const given = new Set(listFields);
    if (request.withDocuments !== true) given.delete('restListItem');
    const rows = found.slice(from, from + request.limit).map((order) => carried(order, given));
    if (fault === 'duplicate' && rows.length > 0) rows.splice(1, 1, rows[0]!);
    if (fault === 'drop') rows.shift();
    return { orders: rows, total: found.length };
  }

  async orderInfo(ref: OrderId | CertificateRef, call: UpstreamCall): Promise<Order | null> {
    this.note('info', ref, call);
    // The path has one segment, and a number in it is an order's id before it is anything else.
    const text = typeof ref === 'number' ? String(ref) : 'serialNumber' in ref ? ref.serialNumber : ref.thumbprint;
    const byId = /^\d+$/.test(text) ? this.orders.find(({ id }) => String(id) === text) : undefined;
    const order = byId ?? this.orders.find((one) => one.serialNumber === text || one.thumbprint === text);
    return order === undefined ? null : carried(order, infoFields);
  }

  async *orderReport(request: OrderReportRequest, call: UpstreamCall): AsyncIterable<readonly Order[]> {
    this.note('report', request, call);
    if (request.limit < 1 || request.limit > 100_000) throw new RangeError(`report limit ${request.limit}`);
    const cap = this.#habits.reportRowCap ?? Number.POSITIVE_INFINITY;
    const found = this.orders.filter((order) => meetsRest(order, request.where)).slice(0, cap);
    const fields = [...request.fields].filter((field) => reportFields.has(field));
    const rows = found
      .slice(request.offset, request.offset + request.limit)
      .map((order) => carried(order, new Set(fields)));
    for (let at = 0; at < rows.length; at += 700) yield rows.slice(at, at + 700);
  }

  async customReport(request: CustomReportRequest, call: UpstreamCall): Promise<CustomReportResult> {
    const number = this.count('custom');
    this.note('custom', request, call);
    const { witness, ...report } = request;
    if (this.#habits.customReports === 'not-allowed') return { kind: 'not-allowed' };
    if (witness !== undefined && this.#habits.takesWitness === false) return { kind: 'witness-refused' };
    const unknown = [...request.fields, ...(witness?.fields ?? [])].filter(
      (field) => this.#habits.unknownFields?.includes(field) || !customFields.has(field),
    );
    if (unknown.length > 0) return { kind: 'unknown-fields', fields: unknown };
    const cells = this.#customRows(report).length * report.fields.length;
    if (cells > (this.#habits.customMaxCells ?? Number.POSITIVE_INFINITY)) return { kind: 'too-long' };
    const fault = this.#habits.customFault?.(number) ?? null;
    const bent = (rows: Order[], of: CustomFault['of']) => {
      if (fault?.of !== of || rows.length === 0) return rows;
      const at = Math.floor(fault.at * rows.length);
      if (fault.kind === 'replace') return rows.with(at, rows.at(at - 1)!);
      return rows.toSpliced(at, 1, ...(fault.kind === 'drop' ? [] : [rows[at]!, rows[at]!]));
    };
    return {
      kind: 'rows',
      orders: bent(this.#customRows(report), 'orders'),
      witness:
        witness === undefined ? null : bent(this.#customRows({ ...witness, sort: null, limit: null }), 'witness'),
    };
  }

  #customRows(request: Omit<CustomReportRequest, 'witness'>): Order[] {
    if (new Set(request.where.map(({ field }) => field)).size < request.where.length) {
      throw new TypeError('Custom Reports takes one condition per field.');
    }
    const looksAtCase = this.#habits.likeLooksAtCase ?? false;
    const found = this.orders.filter((order) => request.where.every((one) => meetsCustom(order, one, looksAtCase)));
    const { sort } = request;
    if (sort !== null && this.#habits.customSorts !== false) {
      const tie = new Map(found.map((order) => [order.id, this.#random()]));
      const sign = sort.direction === 'asc' ? 1 : -1;
      found.sort((a, b) => {
        const [left, right] = [a[sort.field] ?? null, b[sort.field] ?? null];
        if (left === null || right === null) {
          if (left !== right) return (left === null) === (this.#habits.nullsFirst ?? true) ? -1 : 1;
        } else if (collated(left) !== collated(right)) {
          return collated(left) < collated(right) ? -sign : sign;
        }
        return tie.get(a.id)! - tie.get(b.id)!;
      });
    }
    const most = Math.min(
      request.limit ?? Number.POSITIVE_INFINITY,
      this.#habits.customRowCap ?? Number.POSITIVE_INFINITY,
    );
    return found.slice(0, most).map((order) => carried(order, new Set(request.fields)));
  }

  async account(call: UpstreamCall) {
    this.note('account', null, call);
    return { id: accountId, name: 'Acme Test' };
  }

  async listOrganizations(page: { readonly limit: number; readonly offset: number }, call: UpstreamCall) {
    this.note('organizations', page, call);
    return {
      items: this.#organizations.slice(page.offset, page.offset + page.limit),
      total: this.#organizations.length,
    };
  }

  async organization(id: number, call: UpstreamCall) {
    this.note('organization', id, call);
    return this.#organizations.find((organization) => organization.id === id) ?? null;
  }

  async listDomains(page: { readonly limit: number; readonly offset: number }, call: UpstreamCall) {
    this.note('domains', page, call);
    return { items: [] as Domain[], total: 0 };
  }

  async domain(id: number, call: UpstreamCall) {
    this.note('domain', id, call);
    return null;
  }

  outlook(): BudgetOutlook {
    return { waitMsFor: (calls) => Math.max(0, calls - 100) * 180 };
  }

  protected override note(route: string, request: unknown, call: UpstreamCall): void {
    this.#habits.beforeCall?.(route, this.calls.length);
    super.note(route, request, call);
  }
}

const listFields = fieldsFrom('list');
const reportFields = fieldsFrom('report');
const customFields = fieldsFrom('custom');
const infoFields = fieldsFrom('info' satisfies OrderSource);

/** The fields an endpoint gives of an order; one without a value is null. */
function carried(order: FullOrder, fields: ReadonlySet<OrderField>): Order {
  const entries = [...fields].map((field) => [field, order[field] ?? null] as const);
  return { ...(Object.fromEntries(entries) as Partial<Order>), id: order.id };
}

/** Databases as the vendor's compare text without looking at case. */
const collated = (value: unknown): string | number =>
  typeof value === 'number' ? value : typeof value === 'boolean' ? Number(value) : String(value).toLowerCase();

/** Filters of the REST endpoints. Of two with one name only the first counts. */
function meetsRest(order: FullOrder, where: readonly PushedCondition[]): boolean {
  const first = where.filter(({ field }, index) => where.findIndex((other) => other.field === field) === index);
  return first.every(({ field, op, value }) => {
    if (field === 'domainName') {
      return [order.commonName, ...(order.dnsNames ?? [])].some(
        (name) => name != null && collated(name) === collated(value),
      );
    }
    if (field === 'status') return order.status === value || (value === 'issued' && order.status === 'expired');
    if (field === 'search') throw new TypeError('not pushed by anybody');
    return compare(order[field], op, value);
  });
}

function meetsCustom(order: FullOrder, { field, op, value }: PushedCondition, looksAtCase: boolean): boolean {
  if (field === 'domainName' || field === 'search') throw new TypeError('not pushed by anybody');
  if (op !== 'like') return compare(order[field], op, value);
  const text = order[field];
  if (text == null) return false;
  const pattern = String(value).split('%').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')); // prettier-ignore
  return new RegExp(`^${pattern.join('.*')}$`, looksAtCase ? 's' : 'is').test(String(text));
}

function compare(actual: unknown, op: PushedCondition['op'], value: PushedCondition['value']): boolean {
  if (actual == null) return false;
  const [left, right] = [collated(actual), collated(value)];
  switch (op) {
    case 'eq':
      return left === right;
    case 'gt':
      return left > right;
    case 'gte':
      return left >= right;
    case 'lt':
      return left < right;
    case 'lte':
      return left <= right;
    case 'like':
      throw new TypeError('not a comparison');
  }
}

export const accountId = 900_100;

export const organizations: readonly Organization[] = [5001, 5002, 5003].map((id) => ({
  id: organizationId(id),
  name: `Organization ${id}`,
  assumedName: null,
  displayName: `Organization ${id}`,
  status: 'active',
  isActive: true,
  address: `${id} Main St`,
  address2: id === 5001 ? 'Floor 2' : null,
  zip: '84043',
  city: `City ${id}`,
  state: 'Utah',
  country: 'us',
  telephone: null,
  containerId: containerId(10),
  containerName: 'Acme',
  assignedContainerIds: [containerId(14)],
  validations: [],
}));

/** A stream of numbers in [0, 1) that a seed fixes (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export const allFields: ReadonlySet<OrderField> = new Set(orderFields.keys());
export const detailsFields: ReadonlySet<OrderField> = new Set(
  [...allFields].filter((field) => factsOf(field).customName !== null),
);
