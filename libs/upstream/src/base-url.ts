const loopback: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);
/** A name without a dot is known inside one private network only, such as that of a compose file. */
const isPrivateName = (host: string) => /^[a-z0-9-]+$/i.test(host);

/**
 * Checks the address of a CertCentral service and returns it without a slash at its end.
 *
 * @throws TypeError for an address over which the key would travel in clear text, or that is not a Services API v2
 */
export function checkBaseUrl(text: string): string {
  if (!URL.canParse(text))
    throw new TypeError(`"${text}" is no URL; CertCentral's is https://www.digicert.com/services/v2.`);
  const url = new URL(text);
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new TypeError('The CertCentral URL takes no user, query or fragment.');
  }
  const isSafe =
    url.protocol === 'https:' ||
    (url.protocol === 'http:' && (loopback.has(url.hostname) || isPrivateName(url.hostname)));
  if (!isSafe) throw new TypeError(`"${url.origin}" is not https: the key would travel in clear text.`);
  const path = url.pathname.replace(/\/+$/, '');
  if (!path.endsWith('/services/v2'))
    throw new TypeError(`"${url.origin}${path}" does not end in /services/v2, as CertCentral's address does.`);
  return `${url.origin}${path}`;
}
