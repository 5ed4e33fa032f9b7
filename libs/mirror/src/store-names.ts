/**
 * Labels that stand for a kind of owner directly below a country's label, so that names are registered below both, as in
 * `acme.co.uk`. Written down from the public suffixes of the larger countries; not the whole Public Suffix List.
 */
const kindsBelowCountries: ReadonlySet<string> = new Set(
  'ac asn co com ed edu gob gouv gov govt gub id info ltd me mil ne net nhs nom or org plc sch school'.split(' '),
);

/**
 * The domain that a name was registered as: its last two labels, or three where the second last stands for a kind of owner
 * below a country. Null for addresses, e-mail addresses and names of people.
 */
export function baseDomainOf(name: string): string | null {
  const labels = name.toLowerCase().replace(/^\*\./, '').replace(/\.$/, '').split('.');
  const top = labels.at(-1)!;
  if (labels.length < 2 || labels.some((label) => !/^[\p{L}\p{N}_-]+$/u.test(label))) return null;
  if (/^\d+$/.test(top)) return null;
  const hasKind = top.length === 2 && labels.length > 2 && kindsBelowCountries.has(labels.at(-2)!);
  return labels.slice(hasKind ? -3 : -2).join('.');
}

/** Each once, in the order of the names. */
export function baseDomainsOf(names: readonly string[]): readonly string[] {
  return [...new Set(names.flatMap((name) => baseDomainOf(name) ?? []))];
}
