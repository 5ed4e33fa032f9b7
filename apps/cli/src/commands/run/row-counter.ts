/** Counts rows in the bytes that pass by, wherever chunks are cut. */
export interface RowCounter {
  take(chunk: Uint8Array): void;
  /** Rows so far; exact once everything has passed. */
  readonly rows: number;
}

const quote = 0x22;
const newline = 0x0a;
const carriageReturn = 0x0d;

/**
 * Records of RFC 4180 less the header. A newline inside quotes is part of a value; a doubled quote closes and opens
 * again, so that counting every quote is right.
 */
export function createCsvCounter(): RowCounter {
  let records = 0;
  let isQuoted = false;
  let hasContent = false;
  return {
    take(chunk) {
      for (const byte of chunk) {
        if (byte === quote) isQuoted = !isQuoted;
        if (byte === newline && !isQuoted) {
          if (hasContent) records += 1;
          hasContent = false;
        } else if (byte !== carriageReturn) hasContent = true;
      }
    },
    get rows() {
      return Math.max(0, records + (hasContent ? 1 : 0) - 1);
    },
  };
}

/** Lines that are not empty. */
export function createLineCounter(): RowCounter {
  let lines = 0;
  let hasContent = false;
  return {
    take(chunk) {
      for (const byte of chunk) {
        if (byte === newline) {
          if (hasContent) lines += 1;
          hasContent = false;
        } else if (byte !== carriageReturn) hasContent = true;
      }
    },
    get rows() {
      return lines + (hasContent ? 1 : 0);
    },
  };
}
