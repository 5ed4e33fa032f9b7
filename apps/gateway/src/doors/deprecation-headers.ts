import { deprecationOf, type Template } from '@certfolio/templates';

/**
 * What HTTP clients and their proxies understand of a deprecated template: `Deprecation` (RFC 9745), `Sunset` (RFC 8594) and
 * a link to the version that comes after (RFC 5829). None for any other template.
 *
 * @param addressOf where a template is run in the form that was asked for
 */
export function deprecationHeaders(
  template: Template,
  addressOf: (ref: string) => string,
): readonly (readonly [name: string, value: string])[] {
  const notice = deprecationOf(template);
  if (notice === null) return [];
  const { since, sunset, successor } = notice;
  // A sunset must not be before the deprecation, and a day begins before most of what happens on it.
  const sunsetMs = sunset === null ? null : Math.max(Date.parse(`${sunset}T00:00:00Z`), since?.getTime() ?? 0);
  return [
    ['Certfolio-Deprecated', 'true'],
    ...(since === null ? [] : ([['Deprecation', `@${Math.floor(since.getTime() / 1_000)}`]] as const)),
    ...(sunsetMs === null ? [] : ([['Sunset', new Date(Math.ceil(sunsetMs / 1_000) * 1_000).toUTCString()]] as const)),
    ...(successor === null ? [] : ([['Link', `<${addressOf(successor)}>; rel="successor-version"`]] as const)),
  ];
}
