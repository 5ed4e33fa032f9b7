export { createListMirror } from './list-mirror.postgres.ts';
export { createOrderMirror, type PostgresOrderMirror } from './order-mirror.postgres.ts';
