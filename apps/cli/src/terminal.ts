import { once } from 'node:events';
import type { WriteStream } from 'node:tty';
import type { Writable } from 'node:stream';

/** Where a command writes. A reader that went away (`| head`) is no error: what comes later is dropped. */
export interface Terminal {
  /** Standard output, with a line end. */
  line(text: string): void;
  /** Standard error, with a line end. */
  note(text: string): void;
  /** Standard error as it is, for progress that overwrites itself. */
  noteRaw(text: string): void;
  /** Waits until the reader has taken it; `closed` when there is no reader any more. */
  write(chunk: string | Uint8Array): Promise<'written' | 'closed'>;
  /** Why output stopped although there was a reader, such as a full disk. */
  readonly failure: Error | null;
  readonly isOutTty: boolean;
  readonly isErrTty: boolean;
  /** Characters in a line; null when output is not a terminal. */
  readonly columns: number | null;
  paint(style: Style, text: string): string;
}

export type Style = 'bold' | 'green' | 'yellow' | 'red';
/** ECMA-48 "select graphic rendition". */
const styles: Readonly<Record<Style, number>> = { bold: 1, green: 32, yellow: 33, red: 31 };

export function createTerminal(stdout: Writable, stderr: Writable, options: { readonly noColor: boolean }): Terminal {
  const isClosed = new Set<Writable>();
  let failure: Error | null = null;
  for (const stream of [stdout, stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      isClosed.add(stream);
      if (error.code !== 'EPIPE') failure = error;
    });
  }
  const put = (stream: Writable, text: string | Uint8Array) => !isClosed.has(stream) && stream.write(text);
  const isOutTty = isTty(stdout);
  return {
    line: (text) => void put(stdout, `${text}\n`),
    note: (text) => void put(stderr, `${text}\n`),
    noteRaw: (text) => void put(stderr, text),
    async write(chunk) {
      if (!put(stdout, chunk) && !isClosed.has(stdout)) {
        // A reader that leaves while we wait gives `error`, which ends the wait too.
        await once(stdout, 'drain').catch(() => undefined);
      }
      return isClosed.has(stdout) ? 'closed' : 'written';
    },
    get failure() {
      return failure;
    },
    isOutTty,
    isErrTty: isTty(stderr),
    columns: isOutTty ? (stdout as WriteStream).columns : null,
    paint: (style, text) => (isOutTty && !options.noColor ? `\u001b[${styles[style]}m${text}\u001b[0m` : text),
  };
}

const isTty = (stream: Writable) => 'isTTY' in stream && stream.isTTY === true;
