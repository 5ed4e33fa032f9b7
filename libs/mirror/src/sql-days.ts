import { sql, type RawBuilder } from 'kysely';

/**
 * A day that is kept as text, as a date that can be counted with. It is made of the first of the month and the days to add, as
 * JavaScript does: a day that is no day, as 31 February, would end the statement otherwise.
 */
export function sqlOfDay(column: string): RawBuilder<Date> {
  const text = sql.ref(column);
  return sql`((left(${text}, 7) || '-01')::date + (substr(${text}, 9, 2)::integer - 1))`;
}
