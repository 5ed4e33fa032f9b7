import pg from 'pg';

type Parse = (text: string) => unknown;

/** pg's defaults, but bigint as an exact number, and days and numerics as the text they are. */
const ours = new Map<number, Parse>([
  [pg.types.builtins.INT8, parseBigint],
  [pg.types.builtins.NUMERIC, (text) => text],
  [pg.types.builtins.DATE, (text) => text],
]);

export const typeParsers: pg.CustomTypesConfig = {
  getTypeParser: ((id: number, format?: 'text' | 'binary') =>
    (format !== 'binary' && ours.get(id)) || pg.types.getTypeParser(id, format)) as typeof pg.types.getTypeParser,
};

/** @throws RangeError rather than giving a neighbour of the number */
function parseBigint(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value))
    throw new RangeError(`The bigint ${text} is beyond what a number holds exactly; cast it to text in the query.`);
  return value;
}
