import type { Insurance } from './insurance.ts';

/** A place among those who run at the same time. */
export interface Place {
  /** It was within the limit. */
  readonly granted: boolean;
  /** Gives it back; further calls do nothing. */
  leave(): void;
}

/** Places by name. Taking one is atomic among all users of the same store. */
export interface Places {
  /**
   * @param most places of this name; 1 or more
   * @param isForced takes a place past the limit, too
   */
  enter(name: string, most: number, isForced: boolean): Promise<Place>;
}

export interface LocalPlaces extends Places {
  /** Places that are taken. */
  taken(name: string): number;
}

/** Places of one process. */
export function createMemoryPlaces(): LocalPlaces {
  const taken = new Map<string, number>();
  return {
    taken: (name) => taken.get(name) ?? 0,
    async enter(name, most, isForced) {
      const before = taken.get(name) ?? 0;
      const granted = before < most;
      if (!granted && !isForced) return { granted, leave: () => undefined };
      taken.set(name, before + 1);
      let isLeft = false;
      return {
        granted,
        leave() {
          if (isLeft) return;
          isLeft = true;
          const left = (taken.get(name) ?? 0) - 1;
          if (left > 0) taken.set(name, left);
          else taken.delete(name);
        },
      };
    },
  };
}

/**
 * Places of all processes; while the shared store fails, of this one. Those who run here are counted here in any case, so that
 * the count is right from the first failure on.
 */
export function createInsuredPlaces(shared: Places, local: LocalPlaces, insurance: Insurance): LocalPlaces {
  return {
    taken: (name) => local.taken(name),
    async enter(name, most, isForced) {
      const here = await local.enter(name, most, true);
      const everywhere = await insurance.use<Place>(
        () => shared.enter(name, most, isForced),
        async () => ({ granted: here.granted, leave: () => undefined }),
      );
      const leave = () => {
        here.leave();
        everywhere.leave();
      };
      if (!everywhere.granted && !isForced) leave();
      return { granted: everywhere.granted, leave };
    },
  };
}
