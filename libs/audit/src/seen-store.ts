/** An operation without a template that a key of level `audit` ran. */
export interface SeenOperation {
  readonly keyId: string;
  /** SHA-256 of `text`. */
  readonly hash: string;
  readonly operationName: string | null;
  /** The operation with its fragments, printed anew: spacing, comments and other operations do not count, literals do. */
  readonly text: string;
  /** What the program that sent it last calls itself. */
  readonly clientName: string | null;
  readonly runs: number;
  readonly firstSeenAt: Date;
  readonly lastSeenAt: Date;
}

/** How much is kept; beyond it the operations with the fewest runs give way, of those the ones not seen for longest. */
export interface SeenLimits {
  readonly operationsPerKey: number;
  /** Characters of the texts of all keys. */
  readonly totalChars: number;
}

export interface SeenPage {
  readonly operations: readonly SeenOperation[];
  /** What to go on after; null at the end. */
  readonly next: string | null;
}

/** Operations that gave way, by key. */
export type SeenDropped = ReadonlyMap<string, number>;

/** Shared by all processes. Every method throws what the database throws. */
export interface SeenStore {
  /** Adds runs to what is there. */
  add(operations: readonly SeenOperation[], dropped: SeenDropped, limits: SeenLimits): Promise<void>;
  /** Most runs first; of one key, by id or name, or of all. @throws BadUserInput when `after` is none of ours */
  list(key: string | null, page: { readonly first: number; readonly after: string | null }): Promise<SeenPage>;
  /** Of any key: the one with the most runs. */
  find(hash: string): Promise<SeenOperation | null>;
  dropped(): Promise<SeenDropped>;
}
