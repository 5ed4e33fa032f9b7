/** Passes chunks on and tells the length of each. */
export async function* tapped(
  chunks: AsyncIterable<Uint8Array>,
  see: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    see(chunk.byteLength);
    yield chunk;
  }
}
