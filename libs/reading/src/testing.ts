export { evaluateNaively, meets } from '../test/naive-orders.ts';
export { bucketsOf } from './buckets.ts';
export { allFields, makeOrders, randomOf } from '../test/vendor-double.ts';
