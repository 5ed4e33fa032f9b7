import { expect, it } from '@jest/globals';
import { routeCatalog } from './route-catalog.ts';
import { findRoute, shortNameOf } from './route-name.ts';

it.each([
  ['list-orders', 'GET /order/certificate'],
  ['order-info', 'GET /order/certificate/{id}'],
  ['order-report', 'GET /report/order'],
  ['GET /order/certificate', 'GET /order/certificate'],
  ['GET  /services/v2/order/certificate/{order_id}', 'GET /order/certificate/{id}'],
])('%s is %s', (text, key) => expect(findRoute(text)).toMatchObject({ kind: 'found', route: { key } }));

it('names what was probably meant', () => {
  expect(findRoute('list-order')).toEqual({ kind: 'unknown', nearest: 'list-orders' });
  expect(findRoute('GET /order/certificates')).toEqual({ kind: 'unknown', nearest: 'GET /order/certificate' });
  expect(findRoute('something-else')).toEqual({ kind: 'unknown', nearest: null });
});

it('gives every route that the graph answers a name of its own', () => {
  const served = routeCatalog.filter(({ answeredBy }) => answeredBy === 'graph');
  expect(new Set(served.map(shortNameOf)).size).toBe(served.length);
  expect(served.map(shortNameOf)).not.toContain(null);
});

it('gives a name that two routes would have to neither', () => {
  const twice = routeCatalog.filter(({ title }) => title === 'Service users');
  expect(twice.map(shortNameOf)).toEqual([null, null]);
});
