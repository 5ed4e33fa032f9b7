export { evaluateNaively, meets } from '../test/naive-orders.ts';
export { bucketsOf } from './buckets.ts';
export { makeOrders } from '../test/make-orders.ts';
export { allFields, randomOf } from '../test/vendor-double.ts';
