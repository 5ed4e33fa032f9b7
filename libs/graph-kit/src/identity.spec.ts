import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  ReadLedger,
  containerId,
  keyLevels,
  keyScopes,
  restRights,
  type Principal,
  type RequestContext,
} from '@certfolio/core';
import { identityLifetimeMs, signIdentity, verifyIdentity } from './identity.ts';

const nowMs = Date.parse('2026-11-23T12:00:00Z');
const secret = 'a secret that both sides know, 32 bytes';
const { signal } = new AbortController();

const text = fc.string({ unit: 'grapheme' });
const positive = fc.nat(1_000_000);
const principal: fc.Arbitrary<Principal> = fc.record({
  keyId: text,
  keyName: text,
  owner: text,
  level: fc.constantFrom(...keyLevels),
  templates: fc.oneof(
    fc.constant('all' as const),
    fc.record({
      names: fc.array(text).map((names) => new Set(names)),
      tags: fc.array(text).map((tags) => new Set(tags)),
    }),
  ),
  scopes: fc.subarray([...keyScopes]).map((scopes) => new Set(scopes)),
  scope: fc.oneof(
    fc.constant({ containers: 'all' as const }),
    fc.array(fc.nat()).map((ids) => ({ containers: new Set(ids.map(containerId)) })),
  ),
  fields: fc.oneof(
    fc.constant('all' as const),
    fc.subarray(['csr', 'cost', 'email', 'customFields'] as const).map((fields) => new Set(fields)),
  ),
  limits: fc.record({
    requestsPerMinute: positive,
    burst: positive,
    costPerMinute: positive,
    rows: positive,
    concurrent: positive,
    mode: fc.constantFrom('enforce' as const, 'shadow' as const),
  }),
  account: text,
  lane: fc.constantFrom('interactive' as const, 'scheduled' as const, 'shadow' as const, 'backfill' as const),
  rest: fc.constantFrom(...restRights),
});
const context: fc.Arbitrary<RequestContext> = fc.record({
  requestId: text,
  principal,
  deadline: fc.nat(100_000).map((ms) => new Date(nowMs + ms)),
  signal: fc.constant(signal),
  maxAgeMs: positive,
  planOnly: fc.boolean(),
  run: fc.option(fc.record({ id: text, rowCap: positive, startedAtMs: positive, zone: text })),
  ledger: fc.constant(new ReadLedger()),
});
const [someone] = fc.sample(context, { numRuns: 1, seed: 7 }) as [RequestContext];
const signed = signIdentity(someone, secret, nowMs);
const signedPayload = (identity: unknown, key = secret) => {
  const payload = Buffer.from(typeof identity === 'string' ? identity : JSON.stringify(identity)).toString('base64url');
  return `${payload}.${createHmac('sha256', key).update(payload).digest('base64url')}`;
};
const identityIn = (header: string) =>
  JSON.parse(Buffer.from(header.split('.')[0]!, 'base64url').toString()) as Record<string, unknown>;

it('gives back every caller as it was signed, with a ledger and the signal of its own', () => {
  fc.assert(
    fc.property(context, (request) => {
      const verified = verifyIdentity(signIdentity(request, secret, nowMs), secret, nowMs, signal);
      const { ledger: _sent, ...sent } = request;
      const { ledger, ...got } = verified!;
      expect(got).toEqual(sent);
      expect(ledger).not.toBe(request.ledger);
    }),
    { numRuns: 200 },
  );
});

it('tells whether the calls of the request are wanted for a trace', () => {
  for (const keepsCalls of [true, false]) {
    const request = { ...someone, ledger: new ReadLedger({ keepsCalls }) };
    const verified = verifyIdentity(signIdentity(request, secret, nowMs), secret, nowMs, signal);
    expect(verified!.ledger.keepsCalls).toBe(keepsCalls);
  }
});

it('travels as one header value of plain characters', () => {
  expect(signed).toMatch(/^[\w-]+\.[\w-]{43}$/);
});

it('is good for its lifetime and not a millisecond longer', () => {
  expect(verifyIdentity(signed, secret, nowMs + identityLifetimeMs - 1, signal)).not.toBeNull();
  expect(verifyIdentity(signed, secret, nowMs + identityLifetimeMs, signal)).toBeNull();
});

describe('a header that proves nothing', () => {
  const [payload, signature] = signed.split('.') as [string, string];

  it.each([
    ['absent', undefined],
    ['empty', ''],
    ['a dot', '.'],
    ['without a signature', payload],
    ['with an empty signature', `${payload}.`],
    ['with a further part', `${signed}.x`],
    ['with an empty further part', `${signed}.`],
    ['with a shorter signature', `${payload}.${signature.slice(1)}`],
    ['with text after the signature', `${signed} `],
    ['of another secret', signIdentity(someone, `${secret}!`, nowMs)],
    ['that is no JSON', signedPayload('no json')],
    ['that is null', signedPayload(null)],
    ['with less than an identity', signedPayload({ requestId: 'r' })],
    ['with more than an identity', signedPayload({ ...identityIn(signed), admin: true })],
    [
      'with an unknown level',
      signedPayload({
        ...identityIn(signed),
        principal: { ...(identityIn(signed)['principal'] as object), level: 'root' },
      }),
    ],
    [
      'with an unknown scope',
      signedPayload({
        ...identityIn(signed),
        principal: { ...(identityIn(signed)['principal'] as object), scopes: ['everything'] },
      }),
    ],
  ])('is null: %s', (_name, header) => {
    expect(verifyIdentity(header, secret, nowMs, signal)).toBeNull();
  });

  it('is null when any one character is changed', () => {
    for (let at = 0; at < signed.length; at += 1) {
      const changed = `${signed.slice(0, at)}${signed[at] === 'A' ? 'B' : 'A'}${signed.slice(at + 1)}`;
      expect(verifyIdentity(changed, secret, nowMs, signal)).toBeNull();
    }
  });

  it('is accepted when signed alike, so the cases above fail for what they name', () => {
    expect(verifyIdentity(signedPayload(identityIn(signed)), secret, nowMs, signal)).not.toBeNull();
  });
});

it('carries no key that is passed through, and an account that nobody has in its place', () => {
  const passed: RequestContext = {
    requestId: 'r',
    deadline: new Date(nowMs + 1_000),
    signal,
    maxAgeMs: 0,
    planOnly: false,
    run: null,
    ledger: new ReadLedger(),
    principal: {
      keyId: 'pt_0',
      keyName: 'passed through',
      owner: 'passthrough',
      level: 'audit',
      templates: 'all',
      scopes: new Set(),
      scope: { containers: 'all' },
      fields: 'all',
      limits: { requestsPerMinute: 1, burst: 1, costPerMinute: 5_000_000, rows: 1, concurrent: 1, mode: 'enforce' },
      account: 'default',
      lane: 'interactive',
      fixedVariables: new Map([['days', ['30']]]),
      isUrlKey: true,
      upstreamKey: { id: 'the-hash', text: () => 'the-text' },
    },
  };
  const header = signIdentity(passed, secret, nowMs);
  const payload = Buffer.from(header.split('.')[0]!, 'base64url').toString();
  expect(payload).not.toMatch(/the-hash|the-text|days/);
  expect(verifyIdentity(header, secret, nowMs, signal)?.principal.account).toBe('(passed through)');
});
