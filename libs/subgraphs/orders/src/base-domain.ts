import { getDomain } from 'tldts';

/**
 * The domain that somebody registered for a name, `shop.example.co.uk` → `example.co.uk`, by the Public Suffix List that comes
 * with `tldts`; a wildcard's is that of the names it covers. Null for what is no name of a host: an address, a person, a suffix.
 */
export function baseDomainOf(name: string): string | null {
  const host = name.replace(/^\*\./, '').toLowerCase();
  return /[@\s]/.test(host) || !host.includes('.') ? null : getDomain(host, { validateHostname: false });
}
