export const faultKinds = [
  'status',
  'delay',
  'slow-headers',
  'slow-body',
  'reset-before',
  'reset-inside',
  'truncate',
  'garbage',
  'html',
  'empty',
  'content-type',
  'wrong-shape',
  'wrong-field',
  'rename-column',
  'redirect',
  'shift-page',
  'duplicate-row',
  'drop-row',
  'revoke-key',
] as const;
export type FaultKind = (typeof faultKinds)[number];

/** Something that goes wrong with calls until it has happened `count` times. */
export interface Fault {
  readonly id: number;
  readonly kind: FaultKind;
  /** `*`, or a pattern as in the stats, with or without its method. */
  readonly route: string;
  /** Status of the answer, where the kind makes one of its own. */
  readonly status: number | undefined;
  /** Probability per call. */
  readonly rate: number;
  /** 0: no end. */
  readonly count: number;
  readonly delayMs: number;
  /** Only calls whose query has this text, percent-decoded; absent for all. */
  readonly query?: string | undefined;
  /** Of `wrong-field`: where the value stands in the answer or in its first row, `certificate.common_name`. */
  readonly field?: string | undefined;
  readonly value?: unknown;
}

export interface ActiveFault extends Fault {
  /** How many calls it has hit. */
  readonly hits: number;
}

export interface FaultList {
  readonly add: (fault: Omit<Fault, 'id'>) => ActiveFault;
  readonly all: () => readonly ActiveFault[];
  readonly remove: (id: number) => boolean;
  readonly clear: () => void;
  /** Faults that hit this call: any number of `delay`s and at most one of another kind, the oldest that fires. */
  readonly draw: (method: string, pattern: string, search: string) => readonly Fault[];
}

const fits = ({ route, query }: Fault, method: string, pattern: string, search: string) =>
  (route === '*' || route === pattern || route === `${method} ${pattern}`) &&
  (query === undefined || search.includes(query));

/** @param random uniform in [0, 1), so that runs can be repeated */
export function createFaultList(random: () => number): FaultList {
  let faults: readonly ActiveFault[] = [];
  let lastId = 0;
  const isSpent = ({ count, hits }: ActiveFault) => count > 0 && hits >= count;
  return {
    add: (fault) => {
      lastId += 1;
      const added = { ...fault, id: lastId, hits: 0 };
      faults = [...faults, added];
      return added;
    },
    all: () => faults,
    remove: (id) => {
      const isKnown = faults.some((fault) => fault.id === id);
      faults = faults.filter((fault) => fault.id !== id);
      return isKnown;
    },
    clear: () => {
      faults = [];
    },
    draw: (method, pattern, search) => {
      const hit: Fault[] = [];
      faults = faults.map((fault) => {
        const isTaken = fault.kind !== 'delay' && hit.some(({ kind }) => kind !== 'delay');
        if (isTaken || isSpent(fault) || !fits(fault, method, pattern, search) || random() >= fault.rate) return fault;
        hit.push(fault);
        return { ...fault, hits: fault.hits + 1 };
      });
      return hit;
    },
  };
}
