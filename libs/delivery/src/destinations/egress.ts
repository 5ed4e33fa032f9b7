import ipaddr from 'ipaddr.js';

/** Addresses and names that may be called although they are not public. */
export interface EgressRules {
  /** Host names, or networks such as `10.1.0.0/16`. */
  readonly allow: readonly string[];
}

/**
 * Whether a report may be sent to an address. Those of this machine, of the local network, of carriers' inner networks, of
 * multicast and of documentation are not public, nor is what a cloud tells of itself at 169.254.169.254; IPv4 inside of IPv6
 * counts as what it is.
 *
 * @returns null when it may, else what the address is
 */
export function addressRefusal(address: string, { allow }: EgressRules): string | null {
  if (!ipaddr.isValid(address)) return 'no address';
  const parsed = ipaddr.process(address);
  if (allow.some((rule) => isIn(parsed, rule))) return null;
  const inner = embeddedIpv4(parsed);
  const range = (inner ?? parsed).range();
  return range === 'unicast' ? null : (wordOf.get(range) ?? range);
}

/** Whether the rules name this host itself, whatever its addresses are. */
export function isAllowedHost(host: string, { allow }: EgressRules): boolean {
  const name = host.toLowerCase().replace(/\.$/, '');
  return allow.some((rule) => rule.toLowerCase() === name);
}

type Address = ReturnType<typeof ipaddr.process>;

function isIn(address: Address, rule: string): boolean {
  if (!ipaddr.isValidCIDR(rule)) return ipaddr.isValid(rule) && ipaddr.process(rule).toString() === address.toString();
  const [network, bits] = ipaddr.parseCIDR(rule);
  return network.kind() === address.kind() && address.match(network as never, bits);
}

/** NAT64 (RFC 6052), 6to4 (RFC 3056) and Teredo (RFC 4380) addresses lead to an IPv4 address. */
function embeddedIpv4(address: Address): ipaddr.IPv4 | null {
  if (!(address instanceof ipaddr.IPv6)) return null;
  const bytes = address.toByteArray();
  switch (address.range()) {
    case 'rfc6052':
      return new ipaddr.IPv4(bytes.slice(12));
    case '6to4':
      return new ipaddr.IPv4(bytes.slice(2, 6));
    case 'teredo':
      return new ipaddr.IPv4(bytes.slice(12).map((byte) => byte ^ 0xff));
    default:
      return null;
  }
}

const wordOf: ReadonlyMap<string, string> = new Map([
  ['loopback', 'an address of this machine'],
  ['linkLocal', 'a link-local address'],
  ['private', 'a private address'],
  ['uniqueLocal', 'a private address'],
  ['unspecified', 'no address'],
  ['carrierGradeNat', 'an address of a carrier’s inner network'],
]);
