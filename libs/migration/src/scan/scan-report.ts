import { catalogRoute } from '../routes/route-catalog.ts';
import type { AnsweredBy, RouteKey } from '../routes/legacy-route.ts';
import type { Suggestion } from '../routes/suggest-template.ts';
import type { Finding } from './scan-source.ts';

export interface FileFinding extends Finding {
  readonly file: string;
}

/** The calls of one route. */
export interface RouteFindings {
  /** `GET /order/certificate`; of a path that the catalogue does not know, the path as found. */
  readonly route: string;
  readonly title: string;
  readonly answeredBy: AnsweredBy;
  readonly calls: readonly FileFinding[];
}

const order: readonly AnsweredBy[] = ['graph', 'unchanged', 'proxied'];

/** Groups by route: what the graph answers first, then the routes with the most calls. */
export function groupByRoute(findings: readonly FileFinding[]): readonly RouteFindings[] {
  const groups = Map.groupBy(findings, ({ route, method, path }) => route ?? `${method} ${path.split('?')[0]}`);
  return [...groups]
    .map(([route, calls]): RouteFindings => {
      const known = catalogRoute(route as RouteKey);
      return {
        route,
        title: known?.title ?? 'Not in the catalogue',
        answeredBy: known?.answeredBy ?? 'proxied',
        calls,
      };
    })
    .sort(
      (one, other) =>
        order.indexOf(one.answeredBy) - order.indexOf(other.answeredBy) ||
        other.calls.length - one.calls.length ||
        (one.route < other.route ? -1 : 1),
    );
}

/** The suggestion as commands; null where no template takes the place of the call. */
export function readyCalls(
  { template, variables }: Suggestion,
  route: RouteKey | null,
): { readonly curl: string; readonly run: string } | null {
  if (template === null) return null;
  const format = route === 'GET /report/order' ? 'csv' : 'json';
  const query = [...variables].map(([name, value]) => `${name}=${inQuery(value)}`).join('&');
  const flags = [...variables].map(([name, value]) => ` --var ${quoted(`${name}=${value}`)}`).join('');
  return {
    curl: `curl -H "Authorization: Bearer $CERTFOLIO_KEY" "$CERTFOLIO_URL/r/${template}.${format}${query === '' ? '' : `?${query}`}"`,
    run: `certfolio run ${template}${flags}${format === 'csv' ? ' -o csv' : ''}`,
  };
}

/** Commas and `<name>`, which is to be replaced, stay readable; what a shell would read is encoded. */
const inQuery = (value: string) =>
  encodeURIComponent(value).replaceAll('%2C', ',').replaceAll('%3C', '<').replaceAll('%3E', '>');

const quoted = (text: string) => (/^[\w=.,:+-]*$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);
