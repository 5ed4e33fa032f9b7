import type { AuditEntry } from './audit-entry.ts';

/** What a batch is searched by: each lists what its entries hold. */
export interface BatchFacts {
  readonly firstAt: string;
  readonly lastAt: string;
  /** Ids and names. */
  readonly keys: readonly string[];
  /** By name and by `name@version`. */
  readonly templates: readonly string[];
  readonly kinds: readonly string[];
}

const firstBytes = 4_096;
/** Of UTF-8 for one UTF-16 code unit. */
const mostBytesPerChar = 3;

/**
 * Entries that wait to be written together, each as JSON. As bytes, since objects that wait for a second are copied by the
 * collector until they are old, and are collected only with all that is old.
 */
export class EntryLines {
  #bytes = Buffer.allocUnsafe(firstBytes);
  /** Where each entry ends. */
  readonly #ends: number[] = [];
  readonly #keys = new Set<string>();
  readonly #templates = new Set<string>();
  readonly #kinds = new Set<string>();
  #firstAt = '';
  #lastAt = '';

  static of(...entries: readonly AuditEntry[]): EntryLines {
    const lines = new EntryLines();
    for (const entry of entries) lines.add(entry);
    return lines;
  }

  get count(): number {
    return this.#ends.length;
  }

  /** Bytes of all. */
  get size(): number {
    return this.#ends.at(-1) ?? 0;
  }

  add(entry: AuditEntry): void {
    const json = JSON.stringify(entry);
    const start = this.size;
    this.#reserve(start + json.length * mostBytesPerChar);
    this.#ends.push(start + this.#bytes.write(json, start));
    if (this.#firstAt === '' || entry.at < this.#firstAt) this.#firstAt = entry.at;
    if (entry.at > this.#lastAt) this.#lastAt = entry.at;
    this.#kinds.add(entry.kind);
    if ('keyId' in entry) this.#keys.add(entry.keyId).add(entry.keyName);
    if ('template' in entry && entry.template !== null) this.#templates.add(entry.template);
  }

  /** The JSON of an entry, good until the next one is added. */
  line(at: number): Buffer {
    return this.#bytes.subarray(at === 0 ? 0 : this.#ends[at - 1], this.#ends[at]);
  }

  facts(): BatchFacts {
    const templates = [...this.#templates];
    return {
      firstAt: this.#firstAt,
      lastAt: this.#lastAt,
      keys: [...this.#keys],
      templates: [...new Set([...templates, ...templates.map(nameOfTemplate)])],
      kinds: [...this.#kinds],
    };
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#bytes.length) return;
    const more = Buffer.allocUnsafe(Math.max(bytes, 2 * this.#bytes.length));
    this.#bytes.copy(more, 0, 0, this.size);
    this.#bytes = more;
  }
}

export const nameOfTemplate = (template: string): string => template.split('@', 1)[0]!;
