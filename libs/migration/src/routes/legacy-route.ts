/** A route of CertCentral's REST API, as `METHOD /pattern`, for example `GET /order/certificate/{order_id}`. */
export type RouteKey = `${string} /${string}`;

/** Which route a call takes, with the values of the path's parameters, percent-decoded. */
export interface MatchedRoute {
  readonly key: RouteKey;
  readonly params: ReadonlyMap<string, string>;
}
