import { expect, it } from '@jest/globals';
import { goneError } from './gone.ts';
import { untouchedState, type RouteState } from './rollout/route-state.ts';
import { sunsetHeaders } from './sunset-headers.ts';

const state: RouteState = {
  ...untouchedState('GET /domain'),
  state: 'sunset',
  changedAt: new Date('2026-11-23T12:00:00Z'),
  deadline: new Date('2027-01-01T00:00:00Z'),
};
const instead = 'https://certfolio.example/r/dcv-expiry.csv?days=30';

it('a route that is going says since when, until when, and what comes after', () => {
  expect(sunsetHeaders(state, instead, 'https://wiki.example/rest')).toEqual([
    ['Deprecation', '@1795435200'],
    ['Sunset', 'Fri, 01 Jan 2027 00:00:00 GMT'],
    ['Link', '<https://wiki.example/rest>; rel="deprecation"'],
    ['Link', `<${instead}>; rel="successor-version"`],
  ]);
  expect(sunsetHeaders({ ...state, deadline: null }, null, null)).toEqual([['Deprecation', '@1795435200']]);
  expect(sunsetHeaders({ ...state, state: 'served' }, instead, null)).toEqual([]);
});

it('a sunset is never before its deprecation', () => {
  const late = { ...state, changedAt: new Date('2027-02-01T00:00:00Z') };
  expect(sunsetHeaders(late, null, null)).toContainEqual(['Sunset', 'Mon, 01 Feb 2027 00:00:00 GMT']);
});

it('a route that is gone names what to call; in a brown-out also when it is back', () => {
  expect(goneError(state, null, instead, 0)).toMatchObject({
    code: 'GONE',
    message: `GET /domain is gone. In its place call ${instead}.`,
    retryAfterMs: undefined,
  });
  const brownout = { from: new Date(0), to: new Date(60_000) };
  expect(goneError({ ...state, deadline: null }, brownout, null, 20_000)).toMatchObject({
    message:
      'GET /domain is out of service until 1970-01-01T00:01:00.000Z as announced. There is no template in its place.',
    retryAfterMs: 40_000,
  });
});
