import { parse } from 'yaml';

/**
 * Reads a list of owners, YAML or JSON, and makes a function of it that finds the owner of an order.
 *
 * @param {string} text
 * @returns {(order: { id: string, commonName: string | null }) => { team: string, contact: string | null } | null}
 * @throws {Error} naming the entry that cannot be used
 */
export function readOwners(text) {
  const entries = parse(text);
  if (!Array.isArray(entries)) throw new Error('The owners are not a list.');
  const rules = entries.map((entry, index) => readRule(entry, `Entry ${index + 1} of the owners`));
  return (order) => rules.find(({ fits }) => fits(order))?.owner ?? null;
}

function readRule(entry, place) {
  const { orders, commonName, team, contact = null } = entry ?? {};
  if (typeof team !== 'string') throw new Error(`${place} has no team.`);
  const owner = { team, contact: contact === null ? null : String(contact) };
  if (Array.isArray(orders)) {
    const ids = new Set(orders.map(String));
    return { owner, fits: ({ id }) => ids.has(id) };
  }
  if (typeof commonName === 'string') {
    const pattern = patternOf(commonName);
    return { owner, fits: (order) => order.commonName !== null && pattern.test(order.commonName) };
  }
  throw new Error(`${place} needs "orders" or "commonName".`);
}

/** `*` is any run of characters, everything else is itself; case is ignored. */
function patternOf(text) {
  const parts = text.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 'i');
}
