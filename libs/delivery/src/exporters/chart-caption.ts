import type { Chart } from '@certfolio/templates';

/** `Sum of cost by container_name and product_name_id.` */
export function captionOf({ by, unit, series, value }: Chart): string {
  const what = value === null ? 'Rows' : `Sum of ${value}`;
  // A column of weeks is called "week".
  const group = unit === null || unit === by ? by : `${unit} of ${by}`;
  return `${what} by ${group}${series === null ? '' : ` and ${series}`}.`;
}
