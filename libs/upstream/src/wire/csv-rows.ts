import { WrongShape } from './wrong-shape.ts';

const quote = 0x22;
const comma = 0x2c;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/**
 * Reads RFC 4180 rows from bytes as they arrive: quoted values may hold commas, quotes and line breaks.
 * Rows stay bytes until a value is asked for. That makes unwanted columns nearly free, and keeps a value from holding on to
 * the whole chunk it was cut from.
 */
export class CsvRows {
  readonly #maxRowBytes: number;
  #bytes: Buffer = Buffer.alloc(0);
  /** Where the next row begins. */
  #nextAt = 0;
  /** How far an incomplete row was looked at; it is looked at from its start again once as many bytes came as it has. */
  #retryAt = 0;
  #starts = new Int32Array(64);
  #ends = new Int32Array(64);
  #hasEscapes = new Uint8Array(64);
  #expected: number | null = null;
  #rowNumber = 0;
  /** Fields of the row read last. */
  count = 0;

  constructor(maxRowBytes: number) {
    this.#maxRowBytes = maxRowBytes;
  }

  add(chunk: Buffer): void {
    const rest = this.#bytes.subarray(this.#nextAt);
    this.#bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    this.#nextAt = 0;
  }

  expectFields(count: number): void {
    this.#expected = count;
  }

  /**
   * Moves to the next row.
   *
   * @param isLast no more bytes will come
   * @returns false when there is none, or none that is complete yet
   * @throws WrongShape for text that is not CSV, and for a row that never ends
   */
  next(isLast: boolean): boolean {
    const bytes = this.#bytes;
    const length = bytes.length;
    if (!isLast && length < this.#retryAt) return false;
    let at = this.#nextAt;
    if (this.#rowNumber === 0 && at === 0 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) at = 3; // byte order mark
    while (at < length && (bytes[at] === lineFeed || bytes[at] === carriageReturn)) at += 1; // blank lines
    const rowAt = at;
    if (at >= length) {
      this.#nextAt = at;
      return false;
    }

    let fields = 0;
    for (;;) {
      if (fields === this.#starts.length) this.#grow();
      let hasEscape = 0;
      let isOpen = false;
      let start = at;
      let end: number;
      if (bytes[at] === quote) {
        isOpen = true;
        start = at + 1;
        at = start;
        while (at < length) {
          if (bytes[at] !== quote) at += 1;
          else if (bytes[at + 1] === quote && at + 1 < length) {
            hasEscape = 1;
            at += 2;
          } else {
            isOpen = false;
            break;
          }
        }
        end = at;
        at += 1;
      } else {
        while (at < length && bytes[at] !== comma && bytes[at] !== lineFeed && bytes[at] !== carriageReturn) at += 1;
        end = at;
      }
      // A row is complete once something follows it: a closing quote may still turn out to be half of an escaped one.
      const isCut = isOpen || at >= length;
      if (isCut && !(isLast && !isOpen)) {
        if (isLast) throw new WrongShape(`row ${this.#rowNumber}`, 'ends inside a value: the report is cut off');
        return this.#wait(rowAt);
      }
      this.#starts[fields] = start;
      this.#ends[fields] = end;
      this.#hasEscapes[fields] = hasEscape;
      fields += 1;

      const separator = at < length ? bytes[at] : lineFeed;
      if (separator === comma) {
        at += 1;
        if (at < length) continue;
        if (isLast) throw new WrongShape(`row ${this.#rowNumber}`, 'ends after a comma: the report is cut off');
        return this.#wait(rowAt);
      }
      if (separator !== lineFeed && separator !== carriageReturn) {
        throw new WrongShape(`row ${this.#rowNumber}`, `has text after the closing quote of its value ${fields}`);
      }
      break;
    }

    if (this.#expected !== null && fields !== this.#expected) {
      const cut = isLast && at >= length ? ': the report is cut off' : '';
      throw new WrongShape(`row ${this.#rowNumber}`, `has ${fields} values under ${this.#expected} columns${cut}`);
    }
    this.count = fields;
    this.#nextAt = Math.min(at + 1, length);
    this.#retryAt = 0;
    this.#rowNumber += 1;
    return true;
  }

  /** A value of the row read last. */
  text(index: number): string {
    const start = this.#starts[index]!;
    const end = this.#ends[index]!;
    if (start === end) return '';
    const text = this.#bytes.toString('utf8', start, end);
    return this.#hasEscapes[index] === 1 ? text.replaceAll('""', '"') : text;
  }

  texts(): string[] {
    return Array.from({ length: this.count }, (_, index) => this.text(index));
  }

  #wait(rowAt: number): false {
    const rowBytes = this.#bytes.length - rowAt;
    if (rowBytes > this.#maxRowBytes)
      throw new WrongShape(`row ${this.#rowNumber}`, `is longer than ${this.#maxRowBytes} bytes`);
    this.#nextAt = rowAt;
    // Doubling keeps a very long row from being read once per chunk.
    this.#retryAt = rowBytes < 65_536 ? 0 : rowBytes * 2;
    return false;
  }

  #grow(): void {
    const grown = <A extends Int32Array | Uint8Array>(from: A, to: A): A => {
      to.set(from);
      return to;
    };
    const size = this.#starts.length * 2;
    if (size > 65_536) throw new WrongShape(`row ${this.#rowNumber}`, 'has more than 65,536 values');
    this.#starts = grown(this.#starts, new Int32Array(size));
    this.#ends = grown(this.#ends, new Int32Array(size));
    this.#hasEscapes = grown(this.#hasEscapes, new Uint8Array(size));
  }
}
