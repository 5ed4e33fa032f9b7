import type { HeaderFields } from './rest-exchange.ts';
import type { RouteState } from './rollout/route-state.ts';

/**
 * What programs and proxies understand of a route that is going: `Deprecation` (RFC 9745), `Sunset` (RFC 8594), links to what
 * comes after (RFC 5829) and to a page that tells of it. None for a route in any other state.
 */
export function sunsetHeaders(state: RouteState, successor: string | null, infoUrl: string | null): HeaderFields {
  if (state.state !== 'sunset' && state.state !== 'gone') return [];
  const since = state.changedAt.getTime();
  return [
    ['Deprecation', `@${Math.floor(since / 1_000)}`],
    // A sunset must not be before the deprecation.
    ...(state.deadline === null
      ? []
      : ([['Sunset', new Date(Math.max(state.deadline.getTime(), since)).toUTCString()]] as const)),
    ...(infoUrl === null ? [] : ([['Link', `<${infoUrl}>; rel="deprecation"`]] as const)),
    ...(successor === null ? [] : ([['Link', `<${successor}>; rel="successor-version"`]] as const)),
  ];
}
