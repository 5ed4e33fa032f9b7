import type { Order, OrderField } from '@certfolio/core';
import { CsvRows } from './csv-rows.ts';
import { columnName, columnsFor, rowConverter } from './order-row.ts';
import { WrongShape, within } from './wrong-shape.ts';

/** Turns the bytes of GET /report/order into orders, as they arrive. */
export interface OrderReportParser {
  /** @throws WrongShape */
  push(bytes: Buffer): readonly Order[];
  /** The last rows. @throws WrongShape when the report ends inside a row, or has no header */
  end(): readonly Order[];
}

/** Only columns of `fields` are converted; others, unknown ones included, are passed over. */
export function createOrderReportParser(
  fields: ReadonlySet<OrderField>,
  options: { reportZone: string; maxRowBytes: number },
): OrderReportParser {
  // Whether a name repeats the common name can only be told next to it.
  const extra: OrderField[] = fields.has('dnsNames') ? ['id', 'commonName'] : ['id'];
  const asked = new Set([...extra, ...fields]);
  const wanted = columnsFor(asked);
  const convert = rowConverter(asked, options.reportZone);
  const rows = new CsvRows(options.maxRowBytes);
  let columns: readonly number[] | null = null;
  let rowNumber = 0;

  const toOrders = (take: () => boolean): readonly Order[] => {
    const orders: Order[] = [];
    while (take()) {
      if (columns === null) {
        columns = columnsOf(rows.texts(), wanted);
        rows.expectFields(rows.count);
        continue;
      }
      rowNumber += 1;
      const places = columns;
      orders.push(within(`row ${rowNumber}`, () => convert((index) => rows.text(places[index]!))));
    }
    return orders;
  };

  return {
    push(bytes) {
      rows.add(bytes);
      return toOrders(() => rows.next(false));
    },
    end() {
      const orders = toOrders(() => rows.next(true));
      if (columns === null) throw new WrongShape('', 'is empty, without even a header');
      return orders;
    },
  };
}

function columnsOf(header: readonly string[], wanted: readonly OrderField[]): readonly number[] {
  return wanted.map((field) => {
    const name = columnName(field);
    const index = header.findIndex((column) => column.trim() === name || (field === 'id' && column.trim() === 'id'));
    if (index < 0) throw new WrongShape('header', `has no column "${name}"`);
    return index;
  });
}
