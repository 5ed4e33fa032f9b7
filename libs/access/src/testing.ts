import type { Principal } from '@certfolio/core';

/** A principal that may do everything; `limits` as a new key has them. */
export function anyPrincipal(overrides: Partial<Principal> = {}): Principal {
  return {
    keyId: 'testkey001',
    keyName: 'test',
    owner: 'tests',
    level: 'open',
    templates: 'all',
    scopes: new Set(['admin']),
    scope: { containers: 'all' },
    fields: 'all',
    limits: {
      requestsPerMinute: 600,
      burst: 600,
      costPerMinute: 5_000_000,
      rows: 100_000,
      concurrent: 20,
      mode: 'enforce',
    },
    account: 'default',
    lane: 'interactive',
    ...overrides,
  };
}
