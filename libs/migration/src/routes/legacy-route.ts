/** A route of CertCentral's REST API, as `METHOD /pattern`, for example `GET /order/certificate/{id}`. */
export type RouteKey = `${string} /${string}`;

/** Which route a call takes, with the values of the path's parameters, percent-decoded. */
export interface MatchedRoute {
  readonly key: RouteKey;
  readonly params: ReadonlyMap<string, string>;
}

/**
 * Who can answer a route. `graph`: the graph has what it tells. `unchanged`: the endpoint answers it as CertCentral does.
 * `proxied`: CertCentral alone, for good: writes, downloads and what is nowhere in the graph.
 */
export type AnsweredBy = 'graph' | 'unchanged' | 'proxied';

/** One query parameter of a route and the variable that says the same. */
export interface FilterRule {
  /** `filters[status]`, `container_id`. */
  readonly filter: string;
  /** Null: no variable of the template says it. */
  readonly variable: string | null;
  readonly convert?: Conversion;
  /** Told when the parameter was found: what differs. */
  readonly note?: string;
}

/**
 * What is made of a parameter's value. `status`: the statuses of the graph that the filter finds. `daysAhead`: days from
 * today, which a date is not. `like`: a `%` in front finds what contains the rest. `contains`: the same without `%`.
 * `minutes`, `seconds`: `today-Nd`, whole days back, rounded up. `notRenewed`: `0` as `true`. `dateFrom`: the lower bound's day.
 */
export type Conversion =
  'same' | 'status' | 'daysAhead' | 'like' | 'contains' | 'minutes' | 'seconds' | 'notRenewed' | 'dateFrom';

/** What takes the place of calls to a route. */
export interface Replacement {
  /** Name in `templates/`; null when no shipped template fits, and the typed field does. */
  readonly template: string | null;
  /** Typed field of the graph that tells the same, with its arguments. */
  readonly field: string;
  /** Variables that are always given, where the template's own default would leave rows out. */
  readonly variables: ReadonlyMap<string, string>;
  readonly filters: readonly FilterRule[];
  /** Told with every suggestion. */
  readonly notes: readonly string[];
}

/** A replacement that is taken when a parameter is there and has such a value. */
export interface Choice extends Replacement {
  readonly when: {
    readonly filter: string;
    readonly value?: RegExp;
    /** Taken as well when the value is not known, since others are rare. */
    readonly orUnknown?: true;
  };
}

export interface CatalogRoute {
  readonly key: RouteKey;
  readonly title: string;
  readonly answeredBy: AnsweredBy;
  /** Null when nothing but the route itself does what it does. */
  readonly replacement: Replacement | null;
  /** Looked at first, in this order. */
  readonly choices: readonly Choice[];
  /** What one call replaces a loop over this route; null where a loop is no fault. */
  readonly inLoop: Replacement | null;
}
