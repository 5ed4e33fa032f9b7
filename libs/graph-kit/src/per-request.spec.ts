import { expect, it } from '@jest/globals';
import type { RequestContext } from '@certfolio/core';
import { perRequest } from './per-request.ts';

it('makes one for each request, and for each that it is asked to make', () => {
  const [first, second] = [{ requestId: 'a' }, { requestId: 'b' }] as RequestContext[];
  const loaderOf = perRequest(({ requestId }) => ({ requestId }));
  const otherOf = perRequest(() => ({}));
  const loader = loaderOf(first!);
  expect(loader).toEqual({ requestId: 'a' });
  expect(loaderOf(first!)).toBe(loader);
  expect(loaderOf(second!)).toEqual({ requestId: 'b' });
  expect(otherOf(first!)).not.toBe(loader);
});
