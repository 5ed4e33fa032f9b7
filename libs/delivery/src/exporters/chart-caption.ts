import type { Chart } from '@certfolio/templates';

/** `Sum of cost by container_name and product_name_id.` */
export function captionOf({ by, unit, series, value }: Chart): string {
  const what = value === null ? 'Rows' : `Sum of ${value}`;
  return `${what} by ${unit === null ? by : `${unit} of ${by}`}${series === null ? '' : ` and ${series}`}.`;
}
