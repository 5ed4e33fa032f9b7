import { createWriteStream } from 'node:fs';

export interface Download {
  readonly firstByteMs: number;
  readonly tookMs: number;
  readonly bytes: number;
}

/** Reads an address into a file as fast as the disk takes it. @throws Error with the body when it is refused */
export async function download(url: string, key: string, path: string): Promise<Download> {
  const beganMs = performance.now();
  const response = await fetch(url, { headers: { authorization: `Bearer ${key}` } });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  let firstByteMs = 0;
  let bytes = 0;
  const file = createWriteStream(path);
  for await (const chunk of response.body!) {
    if (bytes === 0) firstByteMs = performance.now() - beganMs;
    bytes += chunk.length;
    if (!file.write(chunk)) await new Promise<void>((resolve) => file.once('drain', () => resolve()));
  }
  await new Promise<void>((resolve) => file.end(resolve));
  return { firstByteMs, tookMs: performance.now() - beganMs, bytes };
}
