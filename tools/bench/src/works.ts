/** The three reads that are measured, and how each asks for something else with every request. */
export type WorkName = 'A' | 'B' | 'C';

export interface Work {
  readonly name: WorkName;
  readonly title: string;
  /** File name in `templates/`, without ending. */
  readonly template: string;
  /** Requests in flight. */
  readonly concurrency: number;
  /** Variables of the n-th request; two requests fewer than `distinct` apart never have the same. */
  variables(n: number): Readonly<Record<string, string>>;
  /** Calls of CertCentral that the read plan makes for them, as the floor-proxy repeats them. */
  upstreamPaths(variables: Readonly<Record<string, string>>): readonly string[];
}

/** Orders of the mock; ids and user ids are consecutive. */
export const mockOrders = 50_000;
export const firstOrderId = 700_000;
/** Orders that the mock gives for one user, so that any user is another run of 5,000 orders. */
export const ordersPerUser = 5_000;
const users = mockOrders - ordersPerUser;

/** A prime that is coprime to both counts: consecutive requests are far apart, and none repeats before all had their turn. */
const stride = 7_919;

const user = (n: number) => ({ user: String(1 + ((n * stride) % users)) });

export const works: readonly Work[] = [
  {
    name: 'A',
    title: '1 order × 10 fields',
    template: 'bench-order',
    concurrency: 8,
    variables: (n) => ({ id: String(firstOrderId + ((n * stride) % mockOrders)) }),
    upstreamPaths: ({ id }) => [`/order/certificate/${id}`],
  },
  {
    name: 'B',
    title: '100 orders × 15 fields, joined with organizations',
    template: 'bench-orders',
    concurrency: 4,
    variables: user,
    upstreamPaths: (variables) => [
      `${listOf(variables)}&limit=101&offset=0`,
      '/organization?include_validation=true&limit=1000&offset=0',
    ],
  },
  {
    name: 'C',
    title: '5,000 orders × 20 fields',
    template: 'bench-order-details',
    concurrency: 2,
    variables: user,
    upstreamPaths: (variables) =>
      [0, 1_000, 2_000, 3_000, 4_000].map((offset) => `${listOf(variables)}&limit=1000&offset=${offset}`),
  },
];

const listOf = ({ user: id }: Readonly<Record<string, string>>) =>
  `/order/certificate?filters[user_id]=${id}&sort=order_id`;
