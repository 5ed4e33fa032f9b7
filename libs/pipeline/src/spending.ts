import type { Charge } from '@certfolio/access';
import type { Cost } from './types.ts';

/** What a run was charged before it began, and what its answers came to. Settled once, when it is over. */
export class Spending {
  readonly estimated: number;
  readonly #charge: Charge;
  #actual = 0;
  #remaining: number | null = null;

  constructor(estimated: number, charge: Charge) {
    this.estimated = estimated;
    this.#charge = charge;
  }

  /** The points of an answer, or of one page of it. */
  add(points: number): void {
    this.#actual += points;
  }

  /** Corrects the charge to what the answers came to; nobody waits for it. Further calls do nothing. */
  settle(): void {
    this.#remaining ??= this.#charge.settle(this.#actual);
  }

  /** As it stands; `remaining` is what is left after the correction. */
  cost(): Cost {
    const { estimated } = this;
    return { estimated, actual: this.#actual, remaining: this.#remaining ?? this.#charge.facts.remaining };
  }
}
