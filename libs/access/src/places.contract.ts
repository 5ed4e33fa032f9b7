import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Places } from './places.ts';

/** What all places do. `open` gives an empty store; `settle` waits until places that were left are free. */
export function describePlaces(
  open: () => Promise<Places>,
  settle: () => Promise<unknown> = async () => undefined,
): void {
  describe('places', () => {
    let places: Places;

    beforeEach(async () => {
      places = await open();
    });

    it('are given up to the limit, and again once one was left, once per leaving', async () => {
      const entered = await Promise.all([1, 2, 3].map(() => places.enter('a', 2, false)));
      expect(entered.map(({ granted }) => granted)).toEqual([true, true, false]);
      entered[2]!.leave();
      entered[0]!.leave();
      entered[0]!.leave();
      await settle();
      expect(await places.enter('a', 2, false)).toMatchObject({ granted: true });
      expect(await places.enter('a', 2, false)).toMatchObject({ granted: false });
    });

    it('of different names are apart', async () => {
      expect(await places.enter('a', 1, false)).toMatchObject({ granted: true });
      expect(await places.enter('b', 1, false)).toMatchObject({ granted: true });
      expect(await places.enter('a', 1, false)).toMatchObject({ granted: false });
    });

    it('past the limit are taken where nothing is refused, and said to be', async () => {
      await places.enter('a', 1, true);
      const over = await places.enter('a', 1, true);
      expect(over.granted).toBe(false);
      expect(await places.enter('a', 2, false)).toMatchObject({ granted: false });
      over.leave();
      await settle();
      expect(await places.enter('a', 2, false)).toMatchObject({ granted: true });
    });
  });
}
