import { everything, ReadLedger, type Principal, type RequestContext } from '@certfolio/core';

const principal: Principal = {
  keyId: 'caller0001',
  keyName: 'a caller',
  owner: 'pki-team',
  level: 'open',
  templates: 'all',
  scopes: new Set(['templates:run'] as const),
  scope: everything,
  fields: 'all',
  limits: { requestsPerMinute: 60, burst: 60, costPerMinute: 5_000_000, rows: 10_000, concurrent: 4, mode: 'enforce' },
  account: 'default',
  lane: 'interactive',
};

export function contextOf(nowMs: number, overrides: Partial<RequestContext> = {}): RequestContext {
  return {
    requestId: 'request-1',
    principal,
    deadline: new Date(nowMs + 10_000),
    signal: new AbortController().signal,
    maxAgeMs: 0,
    planOnly: false,
    run: null,
    ledger: new ReadLedger(),
    ...overrides,
  };
}

/** A logger that keeps what it is told. */
export function loggerAtHand() {
  const lines: { readonly level: string; readonly facts: object; readonly sentence: string }[] = [];
  const at = (level: string) => (facts: object, sentence: string) => void lines.push({ level, facts, sentence });
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
