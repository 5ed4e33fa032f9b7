import { createHash } from 'node:crypto';
import { createGunzip } from 'node:zlib';
import { drained } from './drained.ts';
import { errorCode } from './error-code.ts';
import { BackupUnusable } from './errors.ts';

export interface UnpackLimits {
  /** Bytes of one line; the widest row there is. */
  readonly lineBytes: number;
  /** Unpacked bytes for each packed one; what a backup has is far below, what is made to fill a disk is above. */
  readonly ratio: number;
  /** Unpacked bytes from which on the ratio counts. */
  readonly ratioFromBytes: number;
}

export const defaultUnpackLimits: UnpackLimits = {
  lineBytes: 128 * 1_024 * 1_024,
  ratio: 200,
  ratioFromBytes: 64 * 1_024 * 1_024,
};

export interface UnpackedLine {
  readonly text: string;
  /** SHA-256, hex, of all lines before this one. */
  sha256Before(): string;
}

const newline = 0x0a;

/**
 * Unpacks a gzip stream into lines, one after the other.
 *
 * @throws BackupUnusable when it is no gzip stream, ends early, or is larger than a backup can be
 */
export async function* unpackedLines(
  packed: AsyncIterable<Uint8Array>,
  limits: UnpackLimits = defaultUnpackLimits,
): AsyncGenerator<UnpackedLine> {
  let packedBytes = 0;
  let unpackedBytes = 0;
  const hash = createHash('sha256');
  let pieces: Buffer[] = [];
  let pieceBytes = 0;

  for await (const chunk of gunzipped(packed, (bytes) => (packedBytes += bytes))) {
    unpackedBytes += chunk.length;
    if (unpackedBytes > limits.ratioFromBytes && unpackedBytes > packedBytes * limits.ratio)
      throw new BackupUnusable(
        `it unpacks to more than ${limits.ratio} times its size (${unpackedBytes} bytes of ${packedBytes}), which no backup does.`,
      );
    let from = 0;
    for (let at = chunk.indexOf(newline, from); at !== -1; at = chunk.indexOf(newline, from)) {
      const line = Buffer.concat([...pieces, chunk.subarray(from, at + 1)]);
      from = at + 1;
      pieces = [];
      pieceBytes = 0;
      assertLength(line.length, limits);
      yield { text: line.toString('utf8', 0, line.length - 1), sha256Before: () => hash.copy().digest('hex') };
      hash.update(line);
    }
    if (from < chunk.length) {
      const rest = chunk.subarray(from);
      pieces.push(rest);
      pieceBytes += rest.length;
      assertLength(pieceBytes, limits);
    }
  }
  if (pieceBytes > 0) throw new BackupUnusable('it ends inside a line; it is not whole.');
}

function assertLength(bytes: number, { lineBytes }: UnpackLimits): void {
  if (bytes > lineBytes) throw new BackupUnusable(`it has a line of more than ${lineBytes} bytes.`);
}

/** The unpacked bytes; what zlib says is wrong is said in our words, and what the source throws passes through. */
async function* gunzipped(packed: AsyncIterable<Uint8Array>, see: (bytes: number) => void): AsyncGenerator<Buffer> {
  const gunzip = createGunzip();
  let sourceFailure: { readonly error: unknown } | null = null;
  const feed = async () => {
    try {
      for await (const chunk of packed) {
        if (gunzip.destroyed) return;
        see(chunk.length);
        if (!gunzip.write(chunk)) await drained(gunzip);
      }
      gunzip.end();
    } catch (error) {
      sourceFailure = { error };
      gunzip.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  };
  void feed();
  try {
    for await (const chunk of gunzip) yield chunk as Buffer;
  } catch (cause) {
    const failure = sourceFailure as { readonly error: unknown } | null;
    if (failure !== null) throw failure.error;
    throw new BackupUnusable(
      errorCode(cause) === 'Z_BUF_ERROR'
        ? 'the file ends early; it is not whole.'
        : 'the file is no gzip file, or its bytes were altered.',
      { cause },
    );
  } finally {
    // Whoever feeds notices with the next piece.
    gunzip.destroy();
  }
}
