import type { RestCall } from './both-sides.ts';

/** Draws numbers that are the same for the same seed (mulberry32). */
export class Draw {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  number(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  chance(share: number): boolean {
    return this.number() < share;
  }

  below(count: number): number {
    return Math.floor(this.number() * count);
  }

  of<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }
}

/** What CertCentral has, as its own list says, so that calls can ask for it. */
export interface ListedOrder {
  readonly id: number;
  readonly status: string;
  readonly date_created: string;
  readonly certificate: {
    readonly id: number;
    readonly common_name: string;
    readonly dns_names?: readonly string[];
    readonly serial_number?: string;
    readonly valid_till?: string;
  };
  readonly container: { readonly id: number };
  readonly organization?: { readonly id: number };
  readonly product: { readonly name_id: string };
}

/** Header fields that programs send, and some that they should not. */
export function drawHeaders(draw: Draw): RestCall['headers'] {
  if (draw.chance(0.03)) return { accept: draw.of(['image/png', 'text/html']) };
  if (draw.chance(0.2)) return { accept: draw.of(['*/*', 'application/json, text/plain, */*']) };
  return draw.chance(0.2) ? { 'content-type': 'application/json' } : {};
}

/** `limit` and `offset`, now and then as numbers that make no sense. */
export function drawPage(
  draw: Draw,
  total: number,
  oddLimits: readonly (number | string)[] = [0, 'abc', -3, ''],
): string[] {
  const parts: string[] = [];
  if (draw.chance(0.6)) parts.push(`limit=${draw.of([1, 2, 7, 25, 100, 500, 1_000, 5_000, ...oddLimits])}`);
  if (draw.chance(0.5))
    parts.push(`offset=${draw.of([0, 1, draw.below(total), draw.below(total), total, total + 10, 'x', -1])}`);
  return parts;
}

/** Filters that are often sent, with values that orders have or have not. */
function drawFilter(draw: Draw, orders: readonly ListedOrder[]): string | null {
  const order = draw.of(orders);
  const kinds: readonly (readonly [string, () => string | number | undefined])[] = [
    [
      'status',
      () =>
        draw.of([
          'issued',
          'issued',
          'pending',
          'revoked',
          'rejected',
          'canceled',
          'waiting_pickup',
          'reissue_pending',
        ]),
    ],
    ['id', () => (draw.chance(0.8) ? order.id : 999_999_999)],
    ['container_id', () => (draw.chance(0.9) ? order.container.id : 1)],
    ['organization_id', () => order.organization?.id],
    ['product_name_id', () => (draw.chance(0.9) ? order.product.name_id : 'no_such_product')],
    [
      'valid_till',
      () =>
        draw.chance(0.5) ? `>${draw.of(['2026-12-01', '2027-03-01', '2025-01-01'])}` : order.certificate.valid_till,
    ],
    ['common_name', () => (draw.chance(0.9) ? order.certificate.common_name : 'no.such.test')],
    ['domain_name', () => draw.of(order.certificate.dns_names ?? [order.certificate.common_name])],
    ['serial_number', () => order.certificate.serial_number],
    ['certificate_id', () => order.certificate.id],
    ['user_id', () => 3_001 + draw.below(5)],
    ['is_renewed', () => draw.of([0, 1])],
    ['disable_renewal_notifications', () => draw.of([0, 1])],
  ];
  const [name, valueOf] = draw.of(kinds);
  const value = valueOf();
  return value === undefined ? null : `filters[${name}]=${encodeURIComponent(value)}`;
}

/** Filters that nobody has documented, or that the graph cannot tell exactly. */
const oddFilters = [
  'filters[no_such]=1',
  'filters[email]=a@acme.test',
  'filters[date_created]=2026-01-01',
  'nonsense=1',
  'filters[valid_till]=<2027-01-01',
];

export function listCalls(seed: number, count: number, orders: readonly ListedOrder[]): readonly RestCall[] {
  const draw = new Draw(seed);
  return Array.from({ length: count }, (): RestCall => {
    const filters = new Map<string, string>();
    for (let at = draw.below(3); at > 0; at -= 1) {
      const filter = drawFilter(draw, orders);
      if (filter !== null) filters.set(filter.split('=', 1)[0]!, filter);
    }
    const parts = [...filters.values(), ...drawPage(draw, orders.length)];
    if (draw.chance(0.3))
      parts.push(
        `sort=${draw.of(['order_id', '-order_id', 'date_created', '-date_created', 'date_created,-order_id'])}`,
      );
    if (draw.chance(0.04)) parts.push(draw.of(oddFilters));
    const search = draw.chance(0.5) ? parts.join('&') : parts.join('&').replaceAll('[', '%5B').replaceAll(']', '%5D');
    return {
      path: `/order/certificate${search === '' ? '' : `?${search}`}`,
      headers: drawHeaders(draw) ?? {},
      hasBadKey: draw.chance(0.02),
    };
  });
}

export function infoCalls(
  seed: number,
  count: number,
  orders: readonly ListedOrder[],
  thumbprints: readonly string[],
): readonly RestCall[] {
  const draw = new Draw(seed);
  const serials = orders.flatMap(({ certificate }) => certificate.serial_number ?? []);
  const withCase = (hex: string) => (draw.chance(0.3) ? hex.toLowerCase() : hex);
  return Array.from({ length: count }, (): RestCall => {
    const ref = draw.of([
      () => draw.of(orders).id,
      () => draw.of(orders).id,
      () => draw.of(orders).id,
      () => draw.of([1, 999_999_999, '0730000', 730_001]),
      () => withCase(draw.of(serials)),
      () => withCase(draw.of(thumbprints)),
      () => draw.of(['0C0FFEE0C0FFEE0C0FFEE0C0FFEE', 'AB'.repeat(20)]),
    ])();
    const search = draw.chance(0.1)
      ? `?include_caa_status=${draw.of(['true', 'false', '1', '0'])}`
      : draw.chance(0.02)
        ? '?x=1'
        : '';
    return {
      path: `/order/certificate/${draw.chance(0.02) ? 'not-a-number!' : ref}${search}`,
      headers: drawHeaders(draw) ?? {},
      hasBadKey: draw.chance(0.02),
    };
  });
}

/** The order report, whose filters are fewer. */
export function reportCalls(seed: number, count: number, orders: readonly ListedOrder[]): readonly RestCall[] {
  const draw = new Draw(seed);
  const reported =
    /^filters\[(id|status|container_id|organization_id|product_name_id|valid_till|common_name|user_id|is_renewed)\]/;
  return Array.from({ length: count }, (): RestCall => {
    const filter = draw.chance(0.5) ? drawFilter(draw, orders) : null;
    const parts = [
      ...(filter !== null && reported.test(filter) ? [filter] : []),
      ...drawPage(draw, orders.length),
      ...(draw.chance(0.03) ? ['filters[date_created]=2026-01-01'] : []),
    ];
    return {
      path: `/report/order${parts.length === 0 ? '' : `?${parts.join('&')}`}`,
      headers: draw.chance(0.3) ? { accept: draw.of(['text/csv', '*/*']) } : {},
    };
  });
}

/** Below one order: `duplicate` or `reissue`. */
export function copyCalls(
  seed: number,
  count: number,
  kind: string,
  orders: readonly ListedOrder[],
): readonly RestCall[] {
  const draw = new Draw(seed);
  return Array.from({ length: count }, (): RestCall => {
    const id = draw.chance(0.9) ? draw.of(orders).id : draw.of([1, 999_999_999]);
    const search = draw.chance(0.1) ? `?show_archived=${draw.of(['true', 'false', '0'])}` : '';
    return { path: `/order/certificate/${id}/${kind}${search}`, headers: drawHeaders(draw) ?? {} };
  });
}

export function statusCalls(seed: number, count: number): readonly RestCall[] {
  const draw = new Draw(seed);
  const pad = (number: number) => (draw.chance(0.5) ? String(number).padStart(2, '0') : String(number));
  const moment = (day: number) =>
    `2026-11-${pad(day)}+${pad(draw.below(24))}:${pad(draw.below(60))}:${pad(draw.below(60))}`;
  return Array.from({ length: count }, (): RestCall => {
    const search = draw.of([
      () => `minutes=${draw.of([1, 10, 1_440, 10_080, 10_081])}`,
      () => `seconds=${draw.of([1, 3_600, 86_400, 604_800, 604_801])}`,
      () => `minutes=60&seconds=${draw.of([30, 604_800])}`,
      () => `filters[status_last_updated]=${moment(10 + draw.below(5))}...${moment(15 + draw.below(8))}`,
      () => draw.of(['', 'minutes=abc', 'minutes=10', 'minutes=1440']),
    ])();
    return {
      path: `/order/certificate/status-changes${search === '' ? '' : `?${search}`}`,
      headers: drawHeaders(draw) ?? {},
    };
  });
}

/** A list of the account. @param parts what may stand in the query */
export function accountCalls(
  seed: number,
  count: number,
  path: string,
  parts: readonly string[],
  hasPages: boolean,
): readonly RestCall[] {
  const draw = new Draw(seed);
  return Array.from({ length: count }, (): RestCall => {
    const drawn = parts.length > 0 && draw.chance(0.6) ? [draw.of(parts)] : [];
    const more = parts.length > 0 && draw.chance(0.2) ? [draw.of(parts)] : [];
    const names = new Map([...drawn, ...more].map((part) => [part.split('=', 1)[0]!, part]));
    // What the list of requests says of a limit that makes no sense is known from no sample.
    const page = hasPages ? drawPage(draw, 20, path === '/request' ? [] : undefined) : [];
    const query = [...names.values(), ...page, ...(draw.chance(0.03) ? ['nonsense=1'] : [])];
    return { path: `${path}${query.length === 0 ? '' : `?${query.join('&')}`}`, headers: drawHeaders(draw) ?? {} };
  });
}
