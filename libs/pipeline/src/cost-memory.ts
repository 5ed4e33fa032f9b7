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

interface Entry {
  readonly documentId: string;
  readonly account: string;
  readonly sums: Sums;
}

/** Learns how many objects fields give, from the answers. Costs an addition per field of an answer's shape. */
export function createCostMemory(store: LearnedCostStore, clock: Clock, logger: Logger, everyMs = 5_000): CostMemory {
  const known = new LRUCache<string, Entry>({ max: maxOperations });
  let changed = new Set<Entry>();
  const keyOf = (documentId: string, account: string) => `${documentId}:${account}`;

  async function flush(): Promise<void> {
    const writing = changed;
    if (writing.size === 0) return;
    changed = new Set();
    const learned = [...writing].map(({ documentId, account, sums }) => {
      const fields = [...sums].map(([path, { parents, objects }]) => ({ path, parents, objects }));
      return { documentId, account, fields };
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
  const entryOf = (documentId: string, account: string): Entry => {
    const key = keyOf(documentId, account);
    let entry = known.get(key);
    if (entry === undefined) known.set(key, (entry = { documentId, account, sums: new Map() }));
    return entry;
  };
  const add = ({ sums }: Entry, path: string, parents: number, objects: number) => {
    const sum = sums.get(path);
    if (sum === undefined) {
      sums.set(path, { parents, objects });
      return;
    }
    sum.parents = sum.parents * decay + parents;
    sum.objects = sum.objects * decay + objects;
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
      const own = entryOf(documentId, account);
      const everywhere = entryOf(anywhere, account);
      for (let index = 0; index < fields.length; index += 1) {
        const field = fields[index]!;
        const { path, parent, rowsOf, coordinate } = field;
        const parents = parent < 0 ? 1 : tally[parent]!;
        if (parents === 0 || !isTold(field)) continue;
        add(own, path, parents, tally[index]!);
        if (isKept && parent >= 0 && rowsOf === null) add(everywhere, coordinate, parents, tally[index]!);
      }
      if (isKept) changed.add(own).add(everywhere);
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
