/**
 * A head of JSON and a body of any length in one stream: four bytes that count the head's, the head, the body. A header field
 * would do for the head if it were not for its limit, which an address of some kilobytes meets.
 */
const countBytes = 4;
/** Of a head; an HTTP header of 16 KiB, written as JSON, needs less. */
const maxHeadBytes = 262_144;

export async function* framed(head: unknown, body: AsyncIterable<Buffer> | null): AsyncGenerator<Buffer> {
  const text = Buffer.from(JSON.stringify(head));
  const count = Buffer.alloc(countBytes);
  count.writeUInt32BE(text.length);
  yield Buffer.concat([count, text]);
  if (body !== null) yield* body;
}

/**
 * Reads the head; what follows is the body, which the caller has to read or to end.
 *
 * @throws TypeError when it is no such message
 */
export async function readFramed(
  stream: AsyncIterable<Buffer>,
): Promise<{ readonly head: unknown; readonly body: AsyncIterable<Buffer> }> {
  const pieces = stream[Symbol.asyncIterator]();
  let read = Buffer.alloc(0);
  const readAtLeast = async (bytes: number) => {
    while (read.length < bytes) {
      const next = await pieces.next();
      if (next.done === true) throw new TypeError('The message ends inside its head.');
      read = Buffer.concat([read, next.value]);
    }
  };
  try {
    await readAtLeast(countBytes);
    const headBytes = read.readUInt32BE(0);
    if (headBytes > maxHeadBytes) throw new TypeError(`The head of the message is longer than ${maxHeadBytes} bytes.`);
    await readAtLeast(countBytes + headBytes);
    const head: unknown = JSON.parse(read.toString('utf8', countBytes, countBytes + headBytes));
    return { head, body: rest(read.subarray(countBytes + headBytes), pieces) };
  } catch (error) {
    await pieces.return?.();
    throw error instanceof SyntaxError ? new TypeError('The head of the message is no JSON.') : error;
  }
}

async function* rest(first: Buffer, pieces: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    if (first.length > 0) yield first;
    for (let next = await pieces.next(); next.done !== true; next = await pieces.next()) yield next.value;
  } finally {
    await pieces.return?.();
  }
}
