/** Collects what is streamed and hands it to the browser as a file; a link would go without the key. */
export async function saveFile(body: AsyncIterable<Uint8Array>, name: string, mediaType: string): Promise<void> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  for await (const chunk of body) chunks.push(new Uint8Array(chunk));
  const address = URL.createObjectURL(new Blob(chunks, { type: mediaType }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The browser reads it after the click; it has begun long before.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
