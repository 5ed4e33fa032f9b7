export { columnOf, namesOfOrder, orderColumns, type OrderColumn, type SqlValue } from './order-columns.ts';
