const grouped = new Intl.NumberFormat('en-US');

/** `1 row`, `1,240 rows`. */
export function counted(count: number, noun: string): string {
  return `${grouped.format(count)} ${noun}${count === 1 ? '' : 's'}`;
}
