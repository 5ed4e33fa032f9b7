import { LRUCache } from 'lru-cache';
import type { Clock, Logger } from '@certfolio/core';
import type { CostField, CostShape, CostTally } from '@certfolio/templates';

/** Objects of a field and of the field above it, added up over runs of which older ones weigh less. */
export interface LearnedField {
  readonly path: string;
  readonly parents: number;
  readonly objects: number;
}

/** What was learned of one operation for the orders of one account, or of some of its divisions. */
export interface LearnedCost {
  /** SHA-256 of the template's document; of the text itself for a text that is no template; `*` for all together. */
  readonly documentId: string;
  /** Name of the account, with the divisions behind it where a key sees only some. */
  readonly account: string;
  readonly fields: readonly LearnedField[];
}

/** Keeps what was learned of templates over a restart. Rejects as the database does. */
export interface LearnedCostStore {
  find(): Promise<readonly LearnedCost[]>;
  save(learned: readonly LearnedCost[]): Promise<void>;
}

export interface Learning {
  /** Over a restart: it is a template. */
  readonly isKept: boolean;
  /** Whether the tally tells of a field; it does not of what the variables left out. */
  readonly isTold: (field: CostField) => boolean;
}

export interface CostMemory {
  /** Objects of a field for each object above it; null where no run has told. */
  ratioOf(documentId: string, account: string): ((field: CostField) => number | null) | null;
  /** The same for the field in whatever operation it stands, below rows; null where no run has told. */
  ratioAnywhere(field: CostField, account: string): number | null;
  learn(documentId: string, account: string, shape: CostShape, tally: CostTally, how: Learning): void;
  /** Reads what was kept; where that fails, it is learned anew. */
  load(): Promise<void>;
  /** Writes what was learned since the last time; on failure keeps it for the next. */
  flush(): Promise<void>;
  /** Flushes once in `everyMs` until the signal aborts, and a last time then. */
  run(signal: AbortSignal): Promise<void>;
}

/** Stands for all operations together: its fields are those of the schema. */
const anywhere = '*';

/** What one run weighs after the next: the last five make up two thirds of an average. */
const decay = 0.8;
/** Operations that are remembered; the one unused for longest is forgotten. */
const maxOperations = 2_000;
/** An operation with more fields that give objects is estimated by its text. */
const maxFields = 500;

type Sums = Map<string, { parents: number; objects: number }>;

/** Learns how many objects fields give, from the answers. Costs an addition per field of an answer's shape. */
export function createCostMemory(store: LearnedCostStore, clock: Clock, logger: Logger, everyMs = 5_000): CostMemory {
  const known = new LRUCache<string, { readonly documentId: string; readonly account: string; readonly sums: Sums }>({
    max: maxOperations,
  });
  let changed = new Set<string>();
  const keyOf = (documentId: string, account: string) => `${documentId}:${account}`;

  async function flush(): Promise<void> {
    const writing = changed;
    if (writing.size === 0) return;
    changed = new Set();
    const learned = [...writing].flatMap((key) => {
      const entry = known.peek(key);
      if (entry === undefined) return [];
      const fields = [...entry.sums].map(([path, { parents, objects }]) => ({ path, parents, objects }));
      return [{ documentId: entry.documentId, account: entry.account, fields }];
    });
    try {
      await store.save(learned);
    } catch (error) {
      changed = new Set([...writing, ...changed]);
      logger.warn({ reason: String(error) }, 'What runs cost could not be written; it is tried again.');
    }
  }

  const ratioIn = (sums: Sums, path: string): number | null => {
    const sum = sums.get(path);
    return sum === undefined || sum.parents === 0 ? null : sum.objects / sum.parents;
  };
  const sumsOf = (documentId: string, account: string): Sums => {
    const key = keyOf(documentId, account);
    const entry = known.get(key) ?? { documentId, account, sums: new Map() as Sums };
    known.set(key, entry);
    return entry.sums;
  };
  const add = (sums: Sums, path: string, parents: number, objects: number) => {
    const before = sums.get(path) ?? { parents: 0, objects: 0 };
    sums.set(path, { parents: before.parents * decay + parents, objects: before.objects * decay + objects });
  };

  return {
    ratioOf(documentId, account) {
      const sums = known.get(keyOf(documentId, account))?.sums;
      return sums === undefined ? null : ({ path }) => ratioIn(sums, path);
    },

    ratioAnywhere({ parent, rowsOf, coordinate }, account) {
      const sums = parent < 0 || rowsOf !== null ? undefined : known.get(keyOf(anywhere, account))?.sums;
      return sums === undefined ? null : ratioIn(sums, coordinate);
    },

    learn(documentId, account, { fields }, tally, { isKept, isTold }) {
      if (fields.length > maxFields) return;
      const [own, everywhere] = [sumsOf(documentId, account), sumsOf(anywhere, account)];
      for (const [index, field] of fields.entries()) {
        const { path, parent, rowsOf, coordinate } = field;
        const parents = parent < 0 ? 1 : tally[parent]!;
        if (parents === 0 || !isTold(field)) continue;
        add(own, path, parents, tally[index]!);
        if (isKept && parent >= 0 && rowsOf === null) add(everywhere, coordinate, parents, tally[index]!);
      }
      if (isKept) changed.add(keyOf(documentId, account)).add(keyOf(anywhere, account));
    },

    async load() {
      const kept = await store.find().catch((error: unknown) => {
        logger.warn({ reason: String(error) }, 'What runs cost could not be read; it is learned anew.');
        return [];
      });
      for (const { documentId, account, fields } of kept) {
        const sums: Sums = new Map(fields.map(({ path, parents, objects }) => [path, { parents, objects }]));
        known.set(keyOf(documentId, account), { documentId, account, sums });
      }
    },

    flush,

    async run(signal) {
      while (!signal.aborted) {
        await clock.sleep(everyMs, signal).catch(() => undefined);
        await flush();
      }
    },
  };
}
