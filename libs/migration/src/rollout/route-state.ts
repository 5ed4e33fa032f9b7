/** How far a route is on its way off REST. */
export const routeStateNames = ['proxied', 'shadowed', 'ramping', 'served', 'sunset', 'gone'] as const;
export type RouteStateName = (typeof routeStateNames)[number];

/** A window in which a route that is about to go answers as if it were gone. Half-open. */
export interface Brownout {
  readonly from: Date;
  readonly to: Date;
}

/** The state of a route for all keys, or for one. */
export interface RouteState {
  /** Of the catalog of routes, `GET /order/certificate/{order_id}`. */
  readonly route: string;
  /** The key that this overrides the route's state for; null for the state of the route. */
  readonly keyId: string | null;
  readonly state: RouteStateName;
  /** Of the keys, 0 to 100; counts while `ramping`. */
  readonly percent: number;
  /** When the route is to be gone. */
  readonly deadline: Date | null;
  readonly brownouts: readonly Brownout[];
  /** Of the calls, 0 to 1, that are held against the other side. */
  readonly sampleRate: number;
  /** Of a ramp, as stored; null for none. */
  readonly plan: unknown;
  readonly changedAt: Date;
  /** Id of the key, or what changed it by itself. */
  readonly changedBy: string;
  readonly reason: string;
  /** Before the last change of `state`. */
  readonly previous: RouteStateName | null;
  /** Grows with every change of this state; from 1. */
  readonly version: number;
}

/** What a route that nobody has touched is in. */
export const untouchedState = (route: string): RouteState => ({
  route,
  keyId: null,
  state: 'proxied',
  percent: 0,
  deadline: null,
  brownouts: [],
  sampleRate: 1,
  plan: null,
  changedAt: new Date(0),
  changedBy: '',
  reason: '',
  previous: null,
  version: 0,
});
