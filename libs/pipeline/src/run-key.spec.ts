import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { anyPrincipal } from '@certfolio/access/testing';
import { containerId, type Principal } from '@certfolio/core';
import { runKey } from './run-key.ts';
import type { Caller, ReadyOperation } from './types.ts';

const caller = { maxAgeMs: 0 } as Caller;

function keyOf(principal: Principal, variables: Record<string, unknown> = {}, isKeyless = true, hash = 'h'): string {
  const ready = {
    principal,
    operationName: null,
    prepared: { hash },
    isKeyless,
  } as unknown as ReadyOperation;
  return runKey(ready, variables, caller);
}

const inDivisions = (keyId: string, ids: readonly number[]) =>
  anyPrincipal({ keyId, scope: { containers: new Set(ids.map(containerId)) } });

describe('the key of a shared run', () => {
  it('is the same for two keys that see the same divisions, in whatever order they were named', () => {
    expect(keyOf(inDivisions('a', [14, 15]))).toBe(keyOf(inDivisions('b', [15, 14])));
  });

  it('differs as soon as one division differs, and between some and all', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(50)), fc.uniqueArray(fc.nat(50)), (left, right) => {
        const areSame = left.length === right.length && left.every((id) => right.includes(id));
        expect(keyOf(inDivisions('a', left)) === keyOf(inDivisions('a', right))).toBe(areSame);
      }),
    );
    expect(keyOf(inDivisions('a', []))).not.toBe(keyOf(anyPrincipal({ keyId: 'a', scope: { containers: 'all' } })));
  });

  it('is shared with nobody by a key that is passed through', () => {
    const one = anyPrincipal({ keyId: 'a' });
    const passed = (id: string) => keyOf({ ...one, upstreamKey: { id, text: () => 'text' } });
    expect(passed('x')).toBe(passed('x'));
    expect(passed('x')).not.toBe(passed('y'));
    expect(passed('x')).not.toBe(keyOf(one));
  });

  it('differs by account, row cap and document', () => {
    const one = anyPrincipal({ keyId: 'a' });
    expect(keyOf(one)).not.toBe(keyOf({ ...one, account: 'other' }));
    expect(keyOf(one)).not.toBe(keyOf({ ...one, limits: { ...one.limits, rows: 1 } }));
    expect(keyOf(one)).not.toBe(keyOf(one, {}, true, 'other'));
  });

  it('differs by rights to fields, in whatever order they were named', () => {
    const withFields = (...fields: ('cost' | 'email')[]) =>
      keyOf(anyPrincipal({ keyId: 'a', fields: new Set(fields) }));
    expect(withFields('cost', 'email')).toBe(withFields('email', 'cost'));
    expect(withFields('cost')).not.toBe(withFields('email'));
    expect(withFields()).not.toBe(keyOf(anyPrincipal({ keyId: 'a', fields: 'all' })));
  });

  it('holds the key itself when the operation looks at who asks', () => {
    const [a, b] = [anyPrincipal({ keyId: 'a' }), anyPrincipal({ keyId: 'b' })];
    expect(keyOf(a)).toBe(keyOf(b));
    expect(keyOf(a, {}, false)).not.toBe(keyOf(b, {}, false));
  });

  it('does not depend on the order of variables but on every value in them', () => {
    const one = anyPrincipal({ keyId: 'a' });
    expect(keyOf(one, { days: 30, filter: { a: 1, b: [1, 2] } })).toBe(
      keyOf(one, { filter: { b: [1, 2], a: 1 }, days: 30 }),
    );
    expect(keyOf(one, { ids: [1, 2] })).not.toBe(keyOf(one, { ids: [2, 1] }));
    expect(keyOf(one, { ids: [1, 2] })).not.toBe(keyOf(one, { ids: { 0: 1, 1: 2 } }));
    expect(keyOf(one, { ids: [['0', 1]] })).not.toBe(keyOf(one, { ids: { 0: 1 } }));
    expect(keyOf(one, { days: 3 })).not.toBe(keyOf(one, { days: '3' }));
  });
});
