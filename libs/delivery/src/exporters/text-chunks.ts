/** Characters of a chunk: large enough that writing is cheap, small enough that a slow reader holds little memory. */
const chunkLength = 64 * 1024;

/**
 * Joins lines to chunks of about 64 KB, so that one write carries many rows.
 *
 * @param begin text before the first line; the only chunk when there are no rows
 */
export async function* textChunks<T>(
  rows: Iterable<T> | AsyncIterable<T>,
  lineOf: (row: T) => string,
  begin = '',
): AsyncGenerator<string> {
  let chunk = begin;
  // A generator that awaits each row of an array spends most of its time on that.
  if (Symbol.iterator in rows) {
    for (const row of rows) {
      chunk += lineOf(row);
      if (chunk.length < chunkLength) continue;
      yield chunk;
      chunk = '';
    }
  } else {
    for await (const row of rows) {
      chunk += lineOf(row);
      if (chunk.length < chunkLength) continue;
      yield chunk;
      chunk = '';
    }
  }
  if (chunk !== '') yield chunk;
}
