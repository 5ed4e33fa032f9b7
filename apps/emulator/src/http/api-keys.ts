/** Roles of API keys. Source: vendor glossary, "API key roles"; `full` is a key without restriction. */
export const keyRoles = ['full', 'view-only', 'orders', 'orders-domains-organizations', 'user-management'] as const;
export type KeyRole = (typeof keyRoles)[number];

export interface ApiKeys {
  /** The role of a key; undefined when the key is refused. */
  readonly roleOf: (key: string) => KeyRole | undefined;
  readonly revoke: (key: string) => void;
  /** Takes every revocation back. */
  readonly restore: () => void;
}

/** @param known undefined accepts any key as unrestricted */
export function createApiKeys(known: ReadonlyMap<string, KeyRole> | undefined): ApiKeys {
  const revoked = new Set<string>();
  return {
    roleOf: (key) => {
      if (key === '' || revoked.has(key)) return undefined;
      return known === undefined ? 'full' : known.get(key);
    },
    revoke: (key) => revoked.add(key),
    restore: () => revoked.clear(),
  };
}

/** First parts of the paths that a restricted role may use; what each role sees in detail is not documented. */
const openToAll = ['account', 'container', 'product'];
const openToOrders = [...openToAll, 'order', 'report', 'reports', 'request', 'certificate'];
const areas = new Map<KeyRole, ReadonlySet<string>>([
  ['orders', new Set(openToOrders)],
  ['orders-domains-organizations', new Set([...openToOrders, 'domain', 'organization'])],
  ['user-management', new Set([...openToAll, 'user', 'service-user'])],
]);

export function isPermitted(role: KeyRole, method: string, pattern: string): boolean {
  if (role === 'view-only') return method === 'GET' || method === 'HEAD';
  if (pattern === '/user/me') return true;
  const area = areas.get(role);
  return area === undefined || area.has(pattern.split('/')[1] ?? '');
}
