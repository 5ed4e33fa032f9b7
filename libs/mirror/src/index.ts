export {
  columnOf,
  documentSources,
  namesOfOrder,
  orderColumns,
  type OrderColumn,
  type SqlValue,
} from './order-columns.ts';
