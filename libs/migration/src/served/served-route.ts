import type { RestAnswer, RestRequest } from '../rest-exchange.ts';
import type { RouteKey } from '../routes/legacy-route.ts';

/** What a read of the graph gave, with what a mapper has to know beside it. */
export interface ServedFacts {
  readonly nowMs: number;
}

/** How a call is answered from the graph, decided from the call alone. */
export type ServedPlan =
  /** Runs the template once; `render` turns its data into the answer, or says why it cannot. */
  | {
      readonly kind: 'run';
      /** Where a call needs another template than the route's own. */
      readonly template?: string;
      /** Without one, far more is read than one call of CertCentral gives. */
      readonly needsMirror?: boolean;
      readonly variables: Readonly<Record<string, unknown>>;
      readonly render: (data: Readonly<Record<string, unknown>>, facts: ServedFacts) => RenderedAnswer;
    }
  /** Runs the template for rows that are written as they come. */
  | {
      readonly kind: 'rows';
      /** Without the page. */
      readonly variables: Readonly<Record<string, unknown>>;
      /** Rows at most. */
      readonly limit: number;
      /** @param rows values in the order of the template's columns */
      readonly render: (rows: AsyncIterable<readonly unknown[]>) => RestAnswer;
    }
  /** CertCentral's own refusal, such as `time_frame_too_long`; nothing is read. */
  | { readonly kind: 'answer'; readonly answer: RestAnswer }
  /** What CertCentral would answer is not known exactly; the reason is a short sentence that is counted by. */
  | { readonly kind: 'cannot'; readonly reason: string };

export type RenderedAnswer =
  { readonly kind: 'answer'; readonly answer: RestAnswer } | { readonly kind: 'cannot'; readonly reason: string };

/** A route of CertCentral's REST API that the graph answers, by a template of its own. */
export interface ServedRoute {
  readonly route: RouteKey;
  /** Name of the built-in template, for example `rest-orders`. */
  readonly template: string;
  /** Pure: it reads nothing and decides from call and time alone. @param params decoded parameters of the path */
  plan(request: RestRequest, params: ReadonlyMap<string, string>, nowMs: number): ServedPlan;
}
